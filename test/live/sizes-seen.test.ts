// What a look at the stamps tells of sizes: shown with a dropped column, and asked for anew where it decides.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { gatherEvidence } from "../../runtime/clickhouse/evidence.js";
import { LiveTables } from "../../runtime/clickhouse/live-tables.js";
import type { Change } from "../../src/diff/change.js";
import { type LiveEngine, startLive } from "./live-engine.js";
import { column, table } from "./tables.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

/** The same server; the texts of the queries are noted. */
function noting(clickhouse: ClickHouse): { readonly queries: string[]; readonly clickhouse: ClickHouse } {
  const queries: string[] = [];
  const rows: ClickHouse["rows"] = (sql, params) => {
    queries.push(sql);
    return clickhouse.rows(sql, params);
  };
  return { queries, clickhouse: { ...clickhouse, rows } };
}

test("a size that was seen is taken for a dropped column only, until the table is read anew", async () => {
  const project = await engine.newProject();
  const before = table(project.database, [column("id", "UInt64"), column("gone", "String")]);
  const after = table(project.database, [column("id", "UInt64")]);
  await project.round([before]);
  await engine.clickhouse.command(`INSERT INTO ${project.database}.t (id) VALUES (1), (2)`);
  const tables = new LiveTables(engine.clickhouse);
  await tables.refresh([project.database], performance.now());
  const seen = await tables.refresh([project.database], performance.now());
  const address = `${project.database}.t`;
  expect(seen.get(address)?.size?.rows).toBe(2);

  await engine.clickhouse.command(`INSERT INTO ${project.database}.t (id) VALUES (3)`);
  const concerned = { address, before, after };
  const removed: Change = {
    kind: "ColumnRemoved",
    ...concerned,
    column: column("gone", "String"),
  };
  const spoken = noting(engine.clickhouse);
  const shown = await gatherEvidence(spoken.clickhouse, [removed], [], seen);
  expect([shown.sizes.get(address)?.rows, spoken.queries]).toEqual([2, []]);

  const layout: Change = {
    kind: "LayoutChanged",
    ...concerned,
    aspects: [{ aspect: "ORDER BY", before: "id", after: "id, id" }],
  };
  const decided = await gatherEvidence(spoken.clickhouse, [removed, layout], [], seen);
  expect([decided.sizes.get(address)?.rows, spoken.queries.length]).toEqual([3, 1]);

  const reread = await tables.reread([before], performance.now());
  expect(reread.get(address)?.size).toBeUndefined();
  const asked = await gatherEvidence(engine.clickhouse, [removed], [], reread);
  expect(asked.sizes.get(address)?.rows).toBe(3);
});
