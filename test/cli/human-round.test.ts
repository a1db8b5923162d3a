// A round as people read it: indexes, projections and renames.

import picocolors from "picocolors";
import { expect, test } from "vitest";
import { roundLines } from "../../runtime/cli/human-round.js";
import { diff } from "../../src/diff/diff.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { noEvidence } from "../../src/plan/evidence.js";
import { plan } from "../../src/plan/plan.js";
import type { Outcome } from "../../src/status/report.js";
import { emptyReport } from "../../src/status/report.js";
import { column, table } from "../live/tables.js";

function lines(
  before: readonly Table[],
  after: readonly Table[],
  outcome: Outcome = { state: "applied", durationMs: 1 },
): readonly string[] {
  const { operations } = plan(diff(infraMapOf(before), infraMapOf(after)), noEvidence);
  const reports = operations.map((operation) => ({
    operation,
    verdict: { decision: "apply" } as const,
    outcome,
  }));
  return roundLines({ ...emptyReport, operations: reports }, picocolors.createColors(false));
}

const [id, n] = [column("id", "UInt8"), column("n", "Int32")];
const base = table("d", [id, n]);
const parts: Table = {
  ...base,
  indexes: [
    { name: "ix_n", expression: "n", type: "minmax", granularity: 1 },
    { name: "ix_two", expression: "(id, n)", type: "set(100)", granularity: 4 },
  ],
  projections: [{ name: "by_n", body: "SELECT * ORDER BY n" }],
};

test("indexes and projections inside of a new table", () => {
  expect(lines([], [parts])).toEqual([
    "+ d.t  ORDER BY id",
    "    + id UInt8",
    "    + n Int32",
    "    + index ix_n minmax(n)",
    "    + index ix_two set(100)(id, n) GRANULARITY 4",
    "    + projection by_n (SELECT * ORDER BY n)",
  ]);
});

test("indexes and projections that come and go", () => {
  expect(lines([base], [parts])).toEqual([
    "~ d.t",
    "  + index ix_n minmax(n)",
    "  + index ix_two set(100)(id, n) GRANULARITY 4",
    "  + projection by_n (SELECT * ORDER BY n)",
  ]);
  expect(lines([parts], [base])).toEqual([
    "~ d.t",
    "  - projection by_n (SELECT * ORDER BY n)",
    "  - index ix_n minmax(n)",
    "  - index ix_two set(100)(id, n) GRANULARITY 4",
  ]);
});

test("a part that could not be built", () => {
  const [, , line] = lines([base], [{ ...parts, indexes: [] }], {
    state: "failed",
    reason: "no",
    repaired: true,
  }).slice(1);
  expect(line?.trim()).toBe("the projection was taken out again; no row is lost");
});

test("renames", () => {
  const after = { ...table("d", [id, { ...n, name: "m", renamedFrom: "n" }]), name: "u", renamedFrom: "t" };
  expect(lines([base], [after])).toEqual(["~ d.u", "  ~ renamed from d.t", "  ~ n is renamed to m"]);
});
