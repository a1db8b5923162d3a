// Differences that a project leaves alone: no plan has them, and a migration of the rest goes through.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { readPlanFile } from "../../runtime/migrations/plan-files.js";
import { planChain } from "../../runtime/reconcile/chain-plan.js";
import { validatePlan } from "../../runtime/reconcile/validate-plan.js";
import { type IgnoredDifference, ignorableDifferences } from "../../src/diff/ignored-differences.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { FlowProject, refusal } from "./flow-project.js";

let engine: LiveEngine;
let project: FlowProject;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());
beforeEach(() => {
  project = new FlowProject(engine.clickhouse);
});
afterEach(() => project.remove());

/** All four kinds of difference, and one that is none of them. */
function tables(side: "before" | "after"): readonly [Table] {
  const isAfter = side === "after";
  const at = column("at", "DateTime('UTC')");
  const columns = [
    column("id", "UInt32"),
    at,
    column("text", isAfter ? "String" : "LowCardinality(String)"),
    column("gone", "Int8", { ttl: isAfter ? "at + toIntervalYear(20)" : "" }),
    ...(isAfter ? [column("added", "Int8")] : []),
  ];
  const ttl = isAfter ? "at + toIntervalYear(30)" : "at + toIntervalYear(40)";
  const partitionBy = isAfter ? "toYYYYMM(at)" : "";
  return [table(project.database, columns, { ttl, partitionBy })];
}

async function applied(): Promise<void> {
  expect((await project.bring(tables("before"))).state).toBe("applied");
  await engine.clickhouse.command(
    `INSERT INTO ${project.database}.t VALUES (1, '2026-01-01 00:00:00', 'a', 1)`,
  );
  project.code = tables("after");
}

async function kinds(ignored: readonly IgnoredDifference[]): Promise<readonly string[]> {
  project.ignored = ignored;
  const { planned } = await project.plan();
  return planned.judged.operations.map(({ operation }) => operation.kind).sort();
}

test("each kind that is ignored is in no plan, and the others are", async () => {
  await applied();
  expect(await kinds([])).toEqual([
    "AddTableColumn",
    "ModifyTableColumn",
    "ModifyTableColumn",
    "ModifyTableTtl",
    "RecreateTable",
  ]);
  expect(await kinds(["ModifyPartitionBy"])).toEqual([
    "AddTableColumn",
    "ModifyTableColumn",
    "ModifyTableColumn",
    "ModifyTableTtl",
  ]);
  expect(await kinds(["ModifyPartitionBy", "ModifyTableTtl"])).toEqual([
    "AddTableColumn",
    "ModifyTableColumn",
    "ModifyTableColumn",
  ]);
  expect(await kinds(["ModifyPartitionBy", "ModifyTableTtl", "ModifyColumnTtl"])).toEqual([
    "AddTableColumn",
    "ModifyTableColumn",
  ]);
  expect(await kinds(ignorableDifferences)).toEqual(["AddTableColumn"]);
});

test("the rest is generated, validated and applied, and a second plan is empty", async () => {
  await applied();
  expect(await kinds(ignorableDifferences)).toEqual(["AddTableColumn"]);
  await project.generate();
  const read = await readPlanFile(project.folder);
  if (read.kind !== "read") throw new Error(read.kind);
  const code = infraMapOf(project.code);
  expect(await validatePlan(read.files, code, undefined, ignorableDifferences)).toEqual([]);
  expect(await validatePlan(read.files, code, undefined)).not.toEqual([]);

  project.ignored = [];
  expect(refusal(await project.migrate())).toMatch(/plan-disagrees/);
  project.ignored = ignorableDifferences;
  expect((await project.migrate()).state).toBe("applied");
  expect(await kinds(ignorableDifferences)).toEqual([]);
  expect(await engine.clickhouse.rows(`SELECT id, text, added FROM ${project.database}.t`)).toEqual([
    { id: 1, text: "a", added: 0 },
  ]);
});

test("a new table has all that the code says", async () => {
  project.code = tables("after");
  project.ignored = ignorableDifferences;
  await project.generate();
  expect((await project.migrate()).state).toBe("applied");
  expect(await kinds([])).toEqual([]);
});

test("the next file of a chain leaves them out too", async () => {
  const [before, after] = [infraMapOf(tables("before")), infraMapOf(tables("after"))];
  const left = await planChain(before, after, undefined, { ignored: ignorableDifferences });
  expect([left.operations.map(({ kind }) => kind), left.diagnostics]).toEqual([["AddTableColumn"], []]);
  // The partition key cannot be altered.
  expect((await planChain(before, after, undefined)).diagnostics).not.toEqual([]);
});
