// A dictionary in moose prod: made at the start, put right, and gone when it left the code, by its lifecycle.

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { readState } from "../../runtime/clickhouse/state.js";
import { type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import { inframapHash } from "../../src/infra/inframap-text.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { View } from "../../src/infra/view.js";
import { driftEntries, driftSize } from "../../src/status/drift-entry.js";
import { until } from "../dev/wait.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { view } from "../live/views.js";
import { openProject, type ProdProject, type Served } from "./prod-harness.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

function dictionary(database: string, query: string, rest: Partial<View> = {}): View {
  const definition = `(\`product\` String, \`price\` Float64) PRIMARY KEY product SOURCE(CLICKHOUSE(QUERY '${query}')) LIFETIME(MIN 0 MAX 60) LAYOUT(COMPLEX_KEY_HASHED())`;
  return view(database, "price_of", definition, { kind: "Dictionary", ...rest });
}

function serve(project: ProdProject, views: readonly View[]): Served {
  const columns = [column("product", "String"), column("price", "Float64"), column("reduced", "Float64")];
  const map: InfraMap = infraMapOf([table(project.database, columns, { name: "prices" })], views);
  const read = { map, hash: inframapHash(map), builtAtMs: undefined };
  return project.serve([], { readDesired: async () => ({ desired: read, warnings: [] }) });
}

async function price(database: string): Promise<unknown> {
  const [row] = await engine.clickhouse.rows<{ v: number }>(
    `SELECT dictGet('${database}.price_of', 'price', tuple('a')) AS v`,
  );
  return row?.v;
}

test("it is made with its table, changed in one step, and what others change of it is shown", async () => {
  const project = await openProject(engine);
  onTestFinished(() => project.remove());
  const { database } = project;
  const address = `${database}.price_of`;
  const query = (name: string) => `SELECT product, ${name} AS price FROM ${database}.prices`;

  const first = serve(project, [dictionary(database, query("price"))]);
  const ready = await first.reaches("ready");
  expect(ready.resources).toContainEqual({
    ...{ address, kind: "dictionary", lifeCycle: LifeCycle.FULLY_MANAGED, state: "in line" },
  });
  await engine.clickhouse.command(`INSERT INTO ${database}.prices VALUES ('a', 10, 7)`);
  await engine.clickhouse.command(`SYSTEM RELOAD DICTIONARY ${address}`);
  expect(await price(database)).toBe(10);
  await first.stop();

  const second = serve(project, [dictionary(database, query("reduced"))]);
  await second.reaches("ready");
  expect(await price(database)).toBe(7);
  const foreign = dictionary(database, query("price + 1")).select;
  await engine.clickhouse.command(`CREATE OR REPLACE DICTIONARY ${address} ${foreign}`);
  const drifted = await second.until(({ drift }) => driftSize(drift) > 0);
  expect(drifted).toMatchObject({ phase: "ready", isReady: true });
  expect(driftEntries(drifted.drift)).toMatchObject([
    {
      address,
      parts: [
        {
          before: expect.stringContaining("reduced AS price"),
          after: expect.stringContaining("price + 1"),
        },
      ],
    },
  ]);
  await second.stop();

  // Others have replaced it: it is not moose's any more until somebody says so.
  const third = serve(project, []);
  await third.reaches("ready");
  expect(await price(database)).toBe(11);
});

test("one that left the code is dropped, and one that is protected stays", async () => {
  const project = await openProject(engine);
  onTestFinished(() => project.remove());
  const { database } = project;
  const made = (rest: Partial<View> = {}) =>
    dictionary(database, `SELECT product, price FROM ${database}.prices`, rest);
  const guarded = serve(project, [made({ lifeCycle: LifeCycle.DELETION_PROTECTED })]);
  await guarded.reaches("ready");
  await guarded.stop();
  const without = serve(project, []);
  const blocked = await without.reaches("blocked");
  expect(blocked.operations[0]?.judged).toMatchObject({
    operation: { kind: "DropDictionary" },
    verdict: { code: "deletion-protected" },
  });
  await without.stop();
  const freed = serve(project, [made()]);
  await freed.reaches("ready");
  const isFree = async () => {
    const state = await readState(engine.clickhouse, project.settings.project);
    return state.get(`${database}.price_of`)?.lifeCycle === LifeCycle.FULLY_MANAGED;
  };
  await until(isFree, 10_000, () => "the lifecycle was not written down");
  await freed.stop();
  await serve(project, []).reaches("ready");
  const rows = await engine.clickhouse.rows(
    "SELECT name FROM system.tables WHERE database = {database:String}",
    { database },
  );
  expect(rows).toEqual([{ name: "prices" }]);
});
