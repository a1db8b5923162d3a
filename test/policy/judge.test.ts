// Verdicts: what is applied, and why the rest is not.

import { describe, expect, test } from "vitest";
import { diff } from "../../src/diff/diff.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";
import { columnKey, type Evidence, noEvidence } from "../../src/plan/evidence.js";
import { plan } from "../../src/plan/plan.js";
import { judge, type OwnedTable } from "../../src/policy/judge.js";
import { column, table } from "../live/tables.js";

const base = table("d", [
  column("id", "UInt8"),
  column("a", "String"),
  column("b", "String", { default: { kind: "DEFAULT", expression: "a" } }),
]);
const owned = (rest: Partial<OwnedTable> = {}): OwnedTable => ({
  lifeCycle: LifeCycle.FULLY_MANAGED,
  columns: new Set(["id", "a", "b"]),
  indexes: new Set(["i"]),
  projections: new Set(["p"]),
  constraints: new Set(["c"]),
  ...rest,
});

function verdicts(
  before: Table | undefined,
  after: Table | undefined,
  mine?: OwnedTable,
  evidence: Evidence = noEvidence,
) {
  const changes = diff(infraMapOf(before ? [before] : []), infraMapOf(after ? [after] : []));
  const judged = judge(plan(changes, evidence), new Map(mine ? [["d.t", mine]] : []));
  return judged.operations.map(({ verdict }) => (verdict.decision === "apply" ? "apply" : verdict));
}

const without = (...names: string[]) => ({
  ...base,
  columns: base.columns.filter(({ name }) => !names.includes(name)),
});

test("nobody is asked for what may be done", () => {
  expect(verdicts(undefined, base)).toEqual(["apply"]);
  expect(verdicts(base, without("b"), owned())).toEqual(["apply"]);
  expect(verdicts(base, undefined, owned())).toEqual(["apply"]);
});

describe("EXTERNALLY_MANAGED", () => {
  const external = { ...base, lifeCycle: LifeCycle.EXTERNALLY_MANAGED };
  test("nothing is done, and missing is told from different", () => {
    expect(verdicts(undefined, external)).toEqual([
      {
        decision: "blocked",
        code: "externally-managed",
        reason: "d.t is EXTERNALLY_MANAGED and does not exist",
        unblock: "change it in ClickHouse yourself, or give it another lifeCycle",
      },
    ]);
    expect(verdicts(base, { ...external, comment: "c" }, owned())).toMatchObject([
      { reason: "d.t is EXTERNALLY_MANAGED and differs from the code" },
    ]);
  });
});

describe("DELETION_PROTECTED", () => {
  const kept = { ...base, lifeCycle: LifeCycle.DELETION_PROTECTED };
  test("destruction is blocked, by the code's lifecycle for columns and by the last one for the table", () => {
    expect(verdicts(base, { ...without("b"), lifeCycle: kept.lifeCycle }, owned())).toEqual([
      {
        decision: "blocked",
        code: "deletion-protected",
        reason: "d.t is DELETION_PROTECTED and this would destroy data",
        unblock: "set lifeCycle: LifeCycle.FULLY_MANAGED on the table",
      },
    ]);
    expect(verdicts(base, undefined, owned({ lifeCycle: kept.lifeCycle }))).toMatchObject([
      {
        code: "deletion-protected",
        unblock: "declare it again as LifeCycle.FULLY_MANAGED and save, then remove it",
      },
    ]);
    expect(verdicts(base, { ...kept, comment: "c" }, owned())).toEqual(["apply"]);
  });
});

describe("not made by moose", () => {
  test("a table that is not ours is not changed", () => {
    expect(verdicts(base, { ...base, comment: "c" })).toEqual([
      {
        decision: "blocked",
        code: "not-made-by-moose",
        reason: "d.t exists already and was not made by moose",
        unblock: "adopt it with --adopt d.t, or declare it LifeCycle.EXTERNALLY_MANAGED",
        adopts: "d.t",
      },
    ]);
  });
  test("a column that is not ours is not dropped, not even with an empty table", () => {
    const mine = owned({ columns: new Set(["id", "a"]) });
    const reason = "column b of d.t was not made by moose";
    expect(verdicts(base, without("b"), mine)).toMatchObject([{ code: "not-made-by-moose", reason }]);
    const empty = { ...noEvidence, sizes: new Map([["d.t", { rows: 0, bytes: 0 }]]) };
    const after = { ...without("b"), partitionBy: "id" };
    expect(verdicts(base, after, mine, empty)).toMatchObject([{ code: "not-made-by-moose", reason }]);
  });
});

test("a column stays while one that cannot go yet is computed from it", () => {
  const mine = owned({ columns: new Set(["id", "a"]) });
  expect(verdicts(base, without("a", "b"), mine)).toMatchObject([
    { code: "not-made-by-moose" },
    {
      code: "still-in-use",
      reason: "column b of d.t is computed from a and stays for now",
      unblock: "see to b first",
    },
  ]);
  expect(verdicts(base, without("a", "b"), owned())).toEqual(["apply", "apply"]);
});

test("a table with rows is not made anew", () => {
  const evidence = { ...noEvidence, sizes: new Map([["d.t", { rows: 120, bytes: 1 }]]) };
  expect(verdicts(base, { ...base, partitionBy: "id" }, owned(), evidence)).toEqual([
    {
      decision: "blocked",
      code: "needs-rebuild",
      reason: "ClickHouse cannot change this in place, and d.t holds 120 rows",
      unblock: "take the change back, empty the table, or declare a table of another name and copy the rows",
    },
  ]);
  const unknown = { ...noEvidence, sizes: new Map([["d.t", { rows: Number.NaN, bytes: 0 }]]) };
  expect(verdicts(base, { ...base, partitionBy: "id" }, owned(), unknown)).toMatchObject([
    { code: "needs-rebuild" },
  ]);
});

describe("values that do not fit", () => {
  const after = { ...base, columns: base.columns.map((c) => (c.name === "b" ? column("b", "UInt8") : c)) };
  const found = (failing: { count: number; examples: string[]; refusal?: string }): Evidence => ({
    ...noEvidence,
    failing: new Map([[columnKey("d.t", "b"), failing]]),
  });
  test("they are counted and shown", () => {
    expect(verdicts(base, after, owned(), found({ count: 2, examples: ["x", "NULL"] }))).toEqual([
      {
        decision: "blocked",
        code: "values-do-not-fit",
        reason: "2 values of b cannot become UInt8: 'x', 'NULL'",
        unblock: "correct these values first, or keep b as String and add a field",
      },
    ]);
    expect(verdicts(base, after, owned(), found({ count: 1, examples: ["x"] }))).toMatchObject([
      { reason: "1 value of b cannot become UInt8: 'x'" },
    ]);
  });
  test("where the server has no conversion it says so itself", () => {
    expect(
      verdicts(base, after, owned(), found({ count: 9, examples: [], refusal: "no way" })),
    ).toMatchObject([
      {
        reason: "ClickHouse cannot turn b from String into UInt8: no way",
        unblock: "keep b as String and add a field",
      },
    ]);
  });
});

describe("indexes, projections and renames", () => {
  const index = (name: string, expression: string, type = "minmax") => ({
    name,
    expression,
    type,
    granularity: 1,
  });
  const having = (indexes: Table["indexes"], table = base): Table => ({ ...table, indexes });

  test("what moose made goes, what it did not make is shown and stays", () => {
    expect(verdicts(having([index("i", "a")]), base, owned())).toEqual(["apply"]);
    expect(verdicts(having([index("theirs", "a")]), base, owned())).toEqual([
      {
        decision: "blocked",
        code: "not-made-by-moose",
        reason: "index theirs of d.t was not made by moose",
        unblock: "declare it in the indexes of the table, or drop it yourself",
      },
    ]);
    const projections = [{ name: "theirs", body: "SELECT a ORDER BY a" }];
    expect(verdicts({ ...base, projections }, base, owned())).toMatchObject([
      { reason: "projection theirs of d.t was not made by moose" },
    ]);
  });

  test("one that is declared under its name is the code's to change", () => {
    const [before, after] = [having([index("theirs", "a")]), having([index("theirs", "b")])];
    expect(verdicts(before, after, owned())).toEqual(["apply", "apply"]);
  });

  test("an empty table is not made anew over one that moose did not make", () => {
    const empty = { ...noEvidence, sizes: new Map([["d.t", { rows: 0, bytes: 0 }]]) };
    const after = { ...base, partitionBy: "id" };
    expect(verdicts(having([index("theirs", "a")]), after, owned(), empty)).toMatchObject([
      { code: "not-made-by-moose", reason: "index theirs of d.t was not made by moose" },
    ]);
    expect(verdicts(having([index("i", "a")]), after, owned(), empty)).toEqual(["apply"]);
  });

  test("a column stays while an index that cannot go is computed from it", () => {
    expect(verdicts(having([index("theirs", "lower(b)")]), without("b"), owned())).toMatchObject([
      { code: "not-made-by-moose" },
      {
        code: "still-in-use",
        reason: "index theirs of d.t is computed from b and stays for now",
        unblock: "see to theirs first",
      },
    ]);
  });

  test("an index that needs a type which is blocked waits, and the one before it stays", () => {
    const columns = base.columns.map((one) => (one.name === "b" ? column("b", "UInt8") : one));
    const evidence = {
      ...noEvidence,
      failing: new Map([[columnKey("d.t", "b"), { count: 1, examples: ["x"] }]]),
    };
    const before = having([index("i", "lower(b)")]);
    const after = having([index("i", "b + 1"), index("j", "a")], { ...base, columns });
    expect(verdicts(before, after, owned(), evidence)).toMatchObject([
      {
        code: "waits-for-column",
        reason: "column b of d.t is not yet as the code has it, and this needs it",
      },
      { code: "values-do-not-fit" },
      { code: "waits-for-column" },
      "apply",
    ]);
  });

  const renamed = base.columns.map((one) =>
    one.name === "b" ? { ...one, name: "c", renamedFrom: "b" } : one,
  );

  test("a rename is done to what is ours and protected, not to what is somebody else's", () => {
    const after = { ...base, columns: renamed };
    expect(verdicts(base, after, owned())).toEqual(["apply"]);
    expect(verdicts(base, { ...after, lifeCycle: LifeCycle.DELETION_PROTECTED }, owned())).toEqual(["apply"]);
    expect(verdicts(base, { ...after, lifeCycle: LifeCycle.EXTERNALLY_MANAGED }, owned())).toMatchObject([
      { code: "externally-managed" },
    ]);
    expect(verdicts(base, after)).toMatchObject([{ code: "not-made-by-moose" }]);
  });

  test("a table that is renamed is ours under its new name at once", () => {
    const after = { ...base, name: "u", renamedFrom: "t", comment: "c" };
    expect(verdicts(base, after, owned())).toEqual(["apply", "apply"]);
    expect(verdicts(base, after)).toMatchObject([
      { code: "not-made-by-moose" },
      { code: "not-made-by-moose" },
    ]);
  });

  test("what needs the new name of a column whose rename is blocked waits", () => {
    const before = { ...base, projections: [{ name: "theirs", body: "SELECT b ORDER BY b" }] };
    const more = column("d", "String", { default: { kind: "DEFAULT", expression: "c" } });
    const after = { ...base, columns: [...renamed, more], comment: "x" };
    expect(verdicts(before, after, owned())).toMatchObject([
      { code: "not-made-by-moose" },
      { code: "still-in-use", reason: "projection theirs of d.t is computed from b and stays for now" },
      { code: "waits-for-column" },
      "apply",
    ]);
  });

  test("what was to be renamed is not dropped because its new name is taken", () => {
    const both = [...base.columns, column("c", "String", { default: { kind: "DEFAULT", expression: "a" } })];
    expect(verdicts({ ...base, columns: both }, { ...base, columns: renamed }, owned())).toMatchObject([
      { code: "new-name-taken", reason: "column b of d.t was to be renamed to c, which exists beside it" },
    ]);
  });
});
