// What the next file of a chain has to do: code against the files, with a server and without one.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Normaliser } from "../../runtime/clickhouse/normalise.js";
import { behindCode, isNothing, planChain } from "../../runtime/reconcile/chain-plan.js";
import { validatePlan } from "../../runtime/reconcile/validate-plan.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";
import { withDeclaredRenames } from "../../src/plan/guess-renames.js";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { told } from "./chain-harness.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const id = column("id", "UInt64");
const at = (expression: string) => column("at", "DateTime", { default: { kind: "DEFAULT", expression } });
const events = (...columns: Parameters<typeof table>[1]) =>
  table("local", [id, ...columns], { name: "events" });
const planned = (before: readonly Table[], after: readonly Table[], normaliser?: Normaliser) =>
  planChain(infraMapOf(before), infraMapOf(after), normaliser);

test("code that says what the files lead to needs no file", async () => {
  const plan = await planned([events()], [events()]);
  expect(plan.operations).toEqual([]);
  expect(isNothing(plan)).toBe(true);
  expect(behindCode(plan)).toEqual([]);
});

test("another spelling is a difference without a server, and none with one", async () => {
  const before = [events(at("now()+1"))];
  const after = [events(at("now() + 1"))];
  const alone = await planned(before, after);
  expect(alone.operations.map(({ kind }) => kind)).toEqual(["ModifyTableColumn"]);
  expect(told(behindCode(alone))).toEqual([
    `reconcile/chain-behind: the code of local.events is not what the migrations lead to
~ column at: default DEFAULT now()+1 -> DEFAULT now() + 1
-> moose generate migration --save writes the migration that is missing`,
  ]);
  const normaliser = new Normaliser(engine.clickhouse, undefined);
  expect(isNothing(await planned(before, after, normaliser))).toBe(true);
  // What differs is written as the code has it; what does not stays in the words of the files.
  const more = await planned(
    before,
    [events(at("now() + 1"), column("a", "Nullable( String )"))],
    normaliser,
  );
  expect(more.operations).toEqual([
    {
      kind: "AddTableColumn",
      table: { database: "local", name: "events" },
      column: column("a", "Nullable( String )"),
      afterColumn: "at",
    },
  ]);
});

test("what ClickHouse cannot alter in place is refused with the reason", async () => {
  const plan = await planned(
    [events(column("a", "String"))],
    [{ ...events(column("a", "String")), orderBy: "id, a", primaryKey: "id, a" }],
  );
  expect(plan.operations).toEqual([]);
  expect(told(plan.diagnostics)).toEqual([
    `reconcile/chain-layout: local.events: ORDER BY cannot be altered in place, and a chain is for databases that may hold rows
~ ORDER BY: id -> id, a
-> take the change back, or declare a table of another name; a RecreateTable that is written by hand is done where the table is empty`,
  ]);
});

test("what a lifecycle forbids is left out, and is not held against the code", async () => {
  const protectedEvents = { ...events(column("a", "String")), lifeCycle: LifeCycle.DELETION_PROTECTED };
  const plan = await planned([protectedEvents], [{ ...events(), lifeCycle: LifeCycle.DELETION_PROTECTED }]);
  expect(plan.leftOut.map(({ operation }) => operation.kind)).toEqual(["DropTableColumn"]);
  expect(isNothing(plan)).toBe(true);
  expect(behindCode(plan)).toEqual([]);
});

test("tables that others manage are no business of the chain", async () => {
  const theirs = { ...events(), lifeCycle: LifeCycle.EXTERNALLY_MANAGED };
  const plan = await planned([], [theirs]);
  expect(isNothing(plan)).toBe(true);
  expect(plan.leftOut).toEqual([]);
});

test("another lifecycle alone makes a file", async () => {
  const plan = await planned([events()], [{ ...events(), lifeCycle: LifeCycle.DELETION_PROTECTED }]);
  expect(isNothing(plan)).toBe(false);
  expect(plan.lifeCycles).toEqual([
    { table: { database: "local", name: "events" }, lifeCycle: LifeCycle.DELETION_PROTECTED },
  ]);
});

test("a rename that nobody declared is guessed, and is one when it is accepted", async () => {
  const before = infraMapOf([events(column("user_name", "String"))]);
  const code = infraMapOf([events(column("username", "String"))]);
  const first = await planChain(before, code, undefined);
  expect(first.report.renames).toMatchObject([{ from: "user_name", to: "username" }]);
  const plan = await planChain(before, withDeclaredRenames(code, first.report.renames), undefined);
  expect(plan.operations.map(({ kind }) => kind)).toEqual(["RenameTableColumn"]);
});

const planFiles = {
  plan: {
    createdAt: "",
    operations: [
      {
        kind: "AddTableColumn",
        table: { database: "local", name: "events" },
        column: column("a", "String"),
        afterColumn: "id",
      } as const,
    ],
  },
  remoteState: infraMapOf([events()]),
  localInfraMap: infraMapOf([events(column("a", "String"))]),
  defaultDatabase: "local",
};

test("the files of a single plan are held against each other and the code", async () => {
  const code = planFiles.localInfraMap;
  expect(await validatePlan(planFiles, code, undefined)).toEqual([]);
  expect(await validatePlan(planFiles, undefined, undefined)).toEqual([]);
  const without = { ...planFiles, plan: { createdAt: "", operations: [] } };
  expect(told(await validatePlan(without, code, undefined))).toEqual([
    `reconcile/plan-falls-short: plan.yaml does not make local.events what local_infra_map.json says
+ column a String
-> generate the migration anew, so that the files go together`,
  ]);
  const unfitting = { ...planFiles, remoteState: infraMapOf([]) };
  expect(told(await validatePlan(unfitting, code, undefined))).toEqual([
    `reconcile/unfitting-operation: operation 1 of plan.yaml does not fit remote_state.json
AddTableColumn of local.events: there is no such table
-> generate the migration anew, so that the files go together`,
  ]);
  const edited = infraMapOf([
    { ...events(column("a", "String"), column("b", "Int8")), lifeCycle: LifeCycle.DELETION_PROTECTED },
  ]);
  expect(told(await validatePlan(planFiles, edited, undefined))).toEqual([
    `reconcile/code-changed: the code of local.events is no longer what the migration was generated from
+ column b Int8
~ lifecycle: FULLY_MANAGED -> DELETION_PROTECTED
-> generate the migration anew, so that it does what the code says`,
  ]);
});

test("without a server a difference that may be one of spelling is a warning only", async () => {
  const files = {
    ...planFiles,
    remoteState: infraMapOf([events(at("now() + 1"))]),
    localInfraMap: infraMapOf([events(at("now()+1"), column("a", "String"))]),
  };
  const found = await validatePlan(files, undefined, undefined);
  expect(found.map(({ severity }) => severity)).toEqual(["warning"]);
  expect(told(found)).toEqual([
    `reconcile/plan-may-fall-short: after plan.yaml local.events may differ from local_infra_map.json
~ column at: default DEFAULT now() + 1 -> DEFAULT now()+1
-> it may be a difference of spelling, or something that the plan has left out`,
  ]);
  expect(await validatePlan(files, undefined, new Normaliser(engine.clickhouse, undefined))).toEqual([]);
});
