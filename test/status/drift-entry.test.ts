import { expect, test } from "vitest";
import { diff } from "../../src/diff/diff.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { noEvidence } from "../../src/plan/evidence.js";
import { plan } from "../../src/plan/plan.js";
import { judge } from "../../src/policy/judge.js";
import { driftEntries, noDrift } from "../../src/status/drift-entry.js";
import { planReport } from "../../src/status/plan-report.js";
import { planView } from "../../src/status/plan-view.js";
import { column, table } from "../live/tables.js";

const base = table("d", [column("id", "UInt8"), column("n", "Int32")]);

function partsOf(before: Table, after: Table) {
  return driftEntries({ ...noDrift, tables: diff(infraMapOf([before]), infraMapOf([after])) }).flatMap(
    ({ parts }) => parts,
  );
}

test("each property of a column stands for itself, old against new", () => {
  const after = {
    ...base,
    columns: [column("id", "UInt8"), column("n", "Map(String, Int8)", { comment: "a, b -> c: d" })],
  };
  expect(partsOf(base, after)).toEqual([
    { what: "column n: type", before: "Int32", after: "Map(String, Int8)" },
    { what: "column n: comment", before: "none", after: "a, b -> c: d" },
  ]);
});

test("what came or went has one side only", () => {
  const more = { ...base, columns: [...base.columns, column("x", "String")] };
  expect(partsOf(base, more)).toEqual([{ what: "column x", before: "", after: "column x String" }]);
  expect(partsOf(more, base)).toEqual([{ what: "column x", before: "column x String", after: "" }]);
});

test("layout, TTL, sampling, settings and comment", () => {
  const after = {
    ...base,
    partitionBy: "id",
    ttl: "at",
    sampleBy: "id",
    settings: { b: "2", a: "1" },
    comment: "c",
  };
  expect(partsOf(base, after)).toEqual(
    expect.arrayContaining([
      { what: "PARTITION BY", before: "", after: "id" },
      { what: "TTL", before: "", after: "at" },
      { what: "SAMPLE BY", before: "", after: "id" },
      { what: "settings", before: "none", after: "a = 1, b = 2" },
      { what: "comment", before: "", after: "c" },
    ]),
  );
});

test("tables that are gone or new are entries of their own", () => {
  const other = { ...base, name: "u" };
  expect(driftEntries({ ...noDrift, tables: diff(infraMapOf([base]), infraMapOf([other])) })).toEqual([
    { address: "d.t", parts: [{ what: "table", before: "table", after: "" }] },
    { address: "d.u", parts: [{ what: "table", before: "", after: "table" }] },
  ]);
});

test("a plan report becomes plain data without the tables", () => {
  const actual = infraMapOf([base]);
  const changes = diff(actual, infraMapOf([{ ...base, columns: [...base.columns, column("x", "String")] }]));
  const { operations } = judge(plan(changes, noEvidence), new Map());
  const parts = { operations, unsure: [], unmanaged: ["d.other"], renames: [], diagnostics: [] };
  const report = planReport(actual, parts);
  expect(planView(report)).toMatchObject({
    id: report.id,
    basedOn: report.basedOn,
    unmanaged: ["d.other"],
    operations: [
      {
        kind: "AddTableColumn",
        address: "d.t",
        part: "x",
        lifeCycle: "FULLY_MANAGED",
        sql: [expect.stringContaining("ADD COLUMN")],
      },
    ],
  });
  expect(JSON.stringify(planView(report))).not.toContain('"columns"');
});
