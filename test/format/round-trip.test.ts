// Whatever the model has comes back from a file as it was.

import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { diff } from "../../src/diff/diff.js";
import { foldAll } from "../../src/format/fold.js";
import { migrationOperations } from "../../src/format/from-plan.js";
import { fingerprint, infraMapText, readInfraMap } from "../../src/format/inframap-json.js";
import { planText, readPlan } from "../../src/format/plan-document.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { noEvidence } from "../../src/plan/evidence.js";
import { plan } from "../../src/plan/plan.js";
import { unwrapTuple } from "../../src/sql/scan.js";
import { pair, tableOf } from "../live/arbitrary-table.js";
import { table } from "./arbitrary.js";

const createdAt = "2026-11-23T04:52:26.614133720Z";

/** A model never has brackets around the whole of a list. */
const unwrapped = (made: Table): Table => ({ ...made, partitionBy: unwrapTuple(made.partitionBy) });

test("a table comes back from an InfraMap's file", () => {
  fc.assert(
    fc.property(fc.array(table, { maxLength: 3 }), (tables) => {
      const map = infraMapOf(tables.map(unwrapped));
      const text = infraMapText(map, "local");
      const read = readInfraMap(JSON.parse(text));
      expect(read).toEqual({ map, defaultDatabase: "local", problems: [] });
      expect(infraMapText(read.map, "local")).toBe(text);
      expect(fingerprint(read.map)).toBe(fingerprint(map));
    }),
    { numRuns: 300 },
  );
});

test("a plan comes back from its file, and leads to the tables that it was made for", () => {
  fc.assert(
    fc.property(pair, fc.constantFrom("local", "other db"), ({ a, b }, database) => {
      const [before, after] = [a, b].map((raw) => infraMapOf([unwrapped(tableOf(raw, database, "events"))]));
      if (before === undefined || after === undefined) throw new Error("no pair");
      // What only a rebuild brings about is in no file: a table with rows keeps its layout.
      const changes = diff(before, after);
      const isRebuilt = changes.some(({ kind }) => kind === "LayoutChanged");
      const sizes = new Map([...before.tables.keys()].map((address) => [address, { rows: 0, bytes: 0 }]));
      const planned = plan(changes, isRebuilt ? { ...noEvidence, sizes } : noEvidence);
      const operations = migrationOperations(planned.operations, before);
      const text = planText({ createdAt, operations }, "local", new Map([[0, "evidence:\n same type"]]));
      const read = readPlan(parse(text, { schema: "core" }), "local");
      expect(read).toEqual({ plan: { createdAt, operations }, problems: [] });
      const folded = foldAll(before, operations);
      if ("problem" in folded) throw new Error(folded.problem);
      expect(diff(folded.map, after)).toEqual([]);
      expect(planText({ createdAt, operations }, "local", new Map([[0, "evidence:\n same type"]]))).toBe(
        text,
      );
    }),
    { numRuns: 300 },
  );
});
