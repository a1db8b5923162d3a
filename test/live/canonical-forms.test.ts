// ClickHouse prints what it was given in another form. A table that is created from code must not differ from that code.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Form,
  forms,
  ofCodec,
  ofDefault,
  ofEngine,
  ofKey,
  ofTtl,
  ofType,
  tableOfForm,
} from "./forms.js";
import { type LiveEngine, startLive } from "./live-engine.js";
import { outcomes } from "./tables.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

/** All of them at once: the rounds are what takes time. */
test("the second round after the creation of each form finds nothing to do", async () => {
  const project = await engine.newProject();
  const tables = forms.map((form, i) => ({ ...tableOfForm(form, project.database), name: `t${i}` }));
  const byAddress = new Map(forms.map(({ form }, i) => [`${project.database}.t${i}`, form]));
  const first = await project.round(tables);
  expect(first.diagnostics).toEqual([]);
  expect(
    first.operations
      .filter(({ outcome }) => outcome.state !== "applied")
      .map(({ operation, outcome }) => [byAddress.get(operation.address), outcome]),
  ).toEqual([]);
  expect(first.unconverged.map((address) => byAddress.get(address))).toEqual([]);
  for (const run of [project, await project.reopened()]) {
    const { operations } = await run.round(tables);
    expect(
      operations.map(({ operation }) => [byAddress.get(operation.address), operation.kind, operation.reason]),
    ).toEqual([]);
  }
}, 120_000);

describe("the same form in another spelling is no change", () => {
  const pairs: readonly (readonly [string, Form, Form])[] = [
    ["a default", ofDefault("now()", "DateTime"), ofDefault("NOW( )", "DateTime")],
    ["a type", ofType("Int32"), ofType("INT")],
    ["a codec", ofCodec("String", "ZSTD(1)"), ofCodec("String", "ZSTD")],
    ["a TTL", ofTtl("d + INTERVAL 1 DAY"), ofTtl("d + toIntervalDay(1) DELETE")],
    ["a key", ofKey("a, b"), ofKey("tuple(a,  b)")],
    ["an engine", ofEngine("MergeTree"), ofEngine("MergeTree()")],
    ["a setting", { form: "" }, { form: "", rest: { settings: { index_granularity: "8192" } } }],
    ["an Enum", ofType("Enum8('a' = 1, 'b' = 2)"), ofType("Enum('b' = 2, 'a' = 1)")],
  ];
  test.each(pairs)("%s", async (_, one, other) => {
    const project = await engine.newProject();
    const [first, second] = [tableOfForm(one, project.database), tableOfForm(other, project.database)];
    await project.round([first]);
    expect(outcomes(await project.round([second]))).toEqual([]);
    expect(outcomes(await project.round([first]))).toEqual([]);
  });
});
