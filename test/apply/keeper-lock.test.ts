// The statements of the lock over Keeper. They cannot run here: the embedded engine has no Keeper.

import { expect, test } from "vitest";
import {
  beatInKeeper,
  claimInKeeper,
  countRunningInCluster,
  createKeeperTable,
  forgetOldBeats,
  forgetOldClaims,
  isNewestInKeeper,
  killInCluster,
  lookAtBeat,
  lookAtClaim,
} from "../../src/apply/keeper-lock.js";

const lock = { project: "app", database: "_moose_app_e1", cluster: "main" };

test("the statements from a claim to its end", () => {
  expect(
    [
      createKeeperTable(lock),
      claimInKeeper(lock, 8, "it's me"),
      lookAtClaim(lock),
      isNewestInKeeper(lock, 8),
      beatInKeeper(lock, 8, { seq: 123, owner: "me", state: "released" }),
      lookAtBeat(lock, 8),
      countRunningInCluster(lock, 8),
      killInCluster(lock, 8),
      forgetOldBeats(lock, 8, 123),
      forgetOldClaims(lock, 30),
    ].join("\n"),
  ).toMatchInlineSnapshot(`
    "CREATE TABLE IF NOT EXISTS \`_moose_app_e1\`.\`lock\` (key String, owner String, state String, at DateTime64(3) DEFAULT now64(3)) ENGINE = KeeperMap('/moose/app') PRIMARY KEY key
    INSERT INTO \`_moose_app_e1\`.\`lock\` (key, owner, state) SETTINGS keeper_map_strict_mode = 1, insert_keeper_max_retries = 0, async_insert = 0, wait_for_async_insert = 1 VALUES ('epoch/000000000008', 'it\\'s me', 'held')
    SELECT key, owner, state, dateDiff('millisecond', at, now64(3)) AS ageMs FROM \`_moose_app_e1\`.\`lock\` WHERE startsWith(key, 'epoch/') ORDER BY key DESC LIMIT 1
    SELECT max(key) = 'epoch/000000000008' AS isNewest FROM \`_moose_app_e1\`.\`lock\` WHERE startsWith(key, 'epoch/')
    INSERT INTO \`_moose_app_e1\`.\`lock\` (key, owner, state) SETTINGS keeper_map_strict_mode = 1, insert_keeper_max_retries = 0, async_insert = 0, wait_for_async_insert = 1 VALUES ('beat/000000000008/000000000123', 'me', 'released')
    SELECT key, owner, state, dateDiff('millisecond', at, now64(3)) AS ageMs FROM \`_moose_app_e1\`.\`lock\` WHERE startsWith(key, 'beat/000000000008/') ORDER BY key DESC LIMIT 1
    SELECT (SELECT count() FROM clusterAllReplicas('main', system.processes) WHERE startsWith(initial_query_id, 'moose-app-') AND toUInt64OrZero(extract(substring(initial_query_id, 11), '^([0-9]+)-')) < 8) + (SELECT count() FROM system.distributed_ddl_queue WHERE status != 'Finished' AND startsWith(settings['log_comment'], 'moose-app-') AND toUInt64OrZero(extract(substring(settings['log_comment'], 11), '^([0-9]+)-')) < 8) AS running
    KILL QUERY ON CLUSTER 'main' WHERE startsWith(initial_query_id, 'moose-app-') AND toUInt64OrZero(extract(substring(initial_query_id, 11), '^([0-9]+)-')) < 8 ASYNC
    DELETE FROM \`_moose_app_e1\`.\`lock\` WHERE startsWith(key, 'beat/000000000008/') AND key < 'beat/000000000008/000000000123'
    DELETE FROM \`_moose_app_e1\`.\`lock\` WHERE key < 'epoch/000000000014' AND startsWith(key, 'epoch/') OR key < 'beat/000000000014/' AND startsWith(key, 'beat/')"
  `);
});

test("keys sort as their numbers do, and a number that would not is refused", () => {
  const keys = [1, 9, 10, 99, 100, 123_456_789_012].map(
    (epoch) => /'epoch\/\d+'/.exec(claimInKeeper(lock, epoch, "o"))?.[0],
  );
  expect(keys).toEqual(keys.toSorted());
  expect(() => claimInKeeper(lock, 1e12, "o")).toThrow(RangeError);
  expect(() => claimInKeeper(lock, 0.5, "o")).toThrow(RangeError);
});

test("nothing is updated, and a claim is strict wherever it is sent", () => {
  expect(claimInKeeper(lock, 1, "o")).toMatch(
    /^INSERT INTO .* SETTINGS keeper_map_strict_mode = 1, insert_keeper_max_retries = 0/,
  );
  expect(forgetOldClaims(lock, 16)).toBeUndefined();
});
