import { afterAll, beforeAll, expect, test } from "vitest";
import type { MigrationOperation } from "../../src/format/operation.js";
import { emptyInfraMap, type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { table } from "../live/tables.js";
import { column, mapOf, runMigration, tableOf } from "./harness.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

/** A table that a migration made under this lifecycle, and what a plan says of it. */
async function protectedTable(lifeCycle: LifeCycle) {
  const { name: project, database } = await engine.newProject();
  const { clickhouse } = engine;
  const made = table(database, [column("id", "UInt64"), column("a", "String")], { lifeCycle });
  const create: MigrationOperation[] = [
    { kind: "CreateTable", table: { ...made, lifeCycle: LifeCycle.FULLY_MANAGED } },
  ];
  expect(await runMigration(clickhouse, project, create, emptyInfraMap)).toMatchObject({ state: "applied" });
  await clickhouse.command(`INSERT INTO ${database}.t VALUES (1, 'a')`);
  const live = await mapOf(clickhouse, database);
  const before: InfraMap = infraMapOf([...live.tables.values()].map((one) => ({ ...one, lifeCycle })));
  const on = { table: { database, name: "t" } };
  const attempt = async (operations: readonly MigrationOperation[], says: "before" | "desired") => {
    const asIs = await tableOf(clickhouse, database, "t");
    const result = await runMigration(clickhouse, project, operations, says === "before" ? before : live, {
      id: `edited-${says}`,
      source: {
        id: `edited-${says}`,
        operations,
        before: says === "before" ? before : live,
        desired: says === "desired" ? before : undefined,
      },
    });
    expect(result, JSON.stringify(result)).toMatchObject({
      state: "refused",
      diagnostics: [{ code: "reconcile/blocked-operation" }],
    });
    expect(await tableOf(clickhouse, database, "t")).toEqual(asIs);
    expect(await clickhouse.rows(`SELECT * FROM ${database}.t`)).toEqual([{ id: "1", a: "a" }]);
  };
  return { on, attempt, made, database };
}

test.each(["before", "desired"] as const)(
  "a plan that was edited to drop a protected table is refused, and nothing of it is done (%s)",
  async (says) => {
    const { on, attempt } = await protectedTable(LifeCycle.DELETION_PROTECTED);
    await attempt(
      [
        { kind: "ModifyTableComment", ...on, before: "", after: "first" },
        { kind: "DropTable", ...on },
      ],
      says,
    );
    await attempt([{ kind: "DropTableColumn", ...on, column: "a" }], says);
  },
);

test.each(["before", "desired"] as const)(
  "a plan that was edited to touch a table that is managed elsewhere is refused (%s)",
  async (says) => {
    const { on, attempt } = await protectedTable(LifeCycle.EXTERNALLY_MANAGED);
    await attempt([{ kind: "AddTableColumn", ...on, column: column("b", "UInt8"), afterColumn: "a" }], says);
    await attempt([{ kind: "ModifyTableComment", ...on, before: "", after: "mine" }], says);
    await attempt([{ kind: "RenameTable", ...on, to: "other" }], says);
    await attempt([{ kind: "DropTable", ...on }], says);
  },
);
