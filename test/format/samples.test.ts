// The files that the existing tool has written: read, folded and written again.

import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readMigrationText } from "../../runtime/migrations/chain-files.js";
import { parseYaml } from "../../runtime/migrations/document.js";
import { schemaProblem } from "../../runtime/migrations/validate.js";
import { foldChain } from "../../src/format/chain.js";
import { foldAll } from "../../src/format/fold.js";
import { fingerprint, readInfraMap, writeInfraMap } from "../../src/format/inframap-json.js";
import { chainSchema, migrationSchema } from "../../src/format/migration-schema.js";
import { planText, readPlan, writePlan } from "../../src/format/plan-document.js";
import type { InfraMap } from "../../src/infra/inframap.js";

const folder = new URL("samples/", import.meta.url);
const textOf = (name: string) => readFileSync(new URL(name, folder), "utf8");

/**
 * What both tools mean by a document: names of enums and of their members are nothing to ClickHouse, metadata, the
 * workers and the version of the tool say nothing of tables.
 */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaning);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !["metadata", "orchestration_workers", "moose_version"].includes(key))
      .map(([key, inner]) => {
        if (key !== "data_type" || typeof inner !== "object") return [key, meaning(inner)];
        return [key, inner.values.map((member: { value: unknown }) => member.value)];
      }),
  );
}

function stateOf(name: string): InfraMap {
  const { map, problems } = readInfraMap(JSON.parse(textOf(name)));
  expect(problems).toEqual([]);
  return map;
}

describe.each(["00-base-create", "01-add-column", "12-index"])("%s", (sample) => {
  test.each(["remote_state.json", "local_infra_map.json"])(
    "%s is written again with equal values",
    (file) => {
      const value: unknown = JSON.parse(textOf(`${sample}/${file}`));
      const { map, defaultDatabase, problems } = readInfraMap(value);
      expect(problems).toEqual([]);
      expect(defaultDatabase).toBe("sem");
      expect(meaning(writeInfraMap(map, defaultDatabase))).toEqual(meaning(value));
    },
  );

  test("plan.yaml is written again with equal values", () => {
    const value: unknown = parse(textOf(`${sample}/plan.yaml`));
    const { plan, problems } = readPlan(value, "sem");
    expect(problems).toEqual([]);
    if (plan === undefined) throw new Error("no plan");
    expect(meaning(writePlan(plan, "sem"))).toEqual(meaning(value));
    expect(readPlan(parse(planText(plan, "sem")), "sem").plan).toEqual(plan);
  });

  test("the plan leads from remote_state.json to local_infra_map.json", () => {
    const { plan } = readPlan(parse(textOf(`${sample}/plan.yaml`)), "sem");
    const folded = foldAll(stateOf(`${sample}/remote_state.json`), plan?.operations ?? []);
    if ("problem" in folded) throw new Error(folded.problem);
    // Settings that the existing tool leaves out of a table that it has read are the server's defaults.
    const target = stateOf(`${sample}/local_infra_map.json`);
    const bare = (map: InfraMap) =>
      [...map.tables].map(([address, table]) => [address, { ...table, settings: {} }]);
    expect(bare(folded.map)).toEqual(bare(target));
  });

  test("plan.yaml is as the schema says", () => {
    const parsed = parseYaml("plan.yaml", textOf(`${sample}/plan.yaml`));
    expect("document" in parsed && schemaProblem("plan", parsed.document)).toBeUndefined();
  });
});

test.each(Object.entries({ migrationSchema, chainSchema }))("%s is a JSON schema", (_, schema) => {
  const ajv = new Ajv({ strict: false });
  expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true);
});

test("the text that we write is the existing tool's, letter for letter, but for names of enums and metadata", () => {
  const text = textOf("12-index/plan.yaml");
  const { plan } = readPlan(parse(text), "sem");
  expect(plan && planText(plan, "sem")).toBe(text);
});

test("the chain of the existing tool is read and folded", () => {
  const files = readdirSync(new URL("chain/", folder)).map((name) => {
    const read = readMigrationText(name, { text: textOf(`chain/${name}`), hash: name }, "local");
    if ("diagnostics" in read) throw new Error(JSON.stringify(read.diagnostics));
    return read.file;
  });
  const { map, problems, files: ordered } = foldChain(files.toReversed(), "local");
  expect(problems).toEqual([]);
  expect(ordered.map(({ id }) => id)).toEqual([
    "20261123_051719_316_migration",
    "20261123_051737_490_migration",
  ]);
  const [table] = map.tables.values();
  expect(table).toMatchObject({ database: "local", name: "tt", orderBy: "id, n", primaryKey: "id" });
  expect(fingerprint(map)).toMatch(/^[0-9a-f]{64}$/);
});
