// Plan files as nobody would write them: valid ones with random harm done to them, read for as long as somebody asks.

import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { readMigrationText } from "../../runtime/migrations/chain-files.js";
import { parseAnyYaml } from "../../runtime/migrations/document.js";
import { readPlanFile, readPlanTexts } from "../../runtime/migrations/plan-files.js";
import type { Diagnostic } from "../../src/diagnostic.js";
import { infraMapText } from "../../src/format/inframap-json.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import { planText } from "../../src/format/plan-document.js";
import { readBlockYaml } from "../../src/format/yaml-block.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { random } from "../faults/random.js";
import { column, table } from "../live/tables.js";
import { plannedProject } from "./project.js";

interface Texts {
  readonly plan: string;
  readonly remote: string;
  readonly local: string;
}

const samples = new URL("../format/samples/", import.meta.url);

function sample(name: string): Texts {
  const text = (file: string) => readFileSync(new URL(`${name}/${file}`, samples), "utf8");
  return { plan: text("plan.yaml"), remote: text("remote_state.json"), local: text("local_infra_map.json") };
}

/** A plan with everything that a plan can have. */
function rich(): Texts {
  const events = table(
    "local",
    [
      column("id", "String", { comment: "it's", codec: "ZSTD(1)" }),
      column("tags", "Array(LowCardinality(String))", { ttl: "at + toIntervalDay(1)" }),
      column("at", "DateTime64(3, 'UTC')", { default: { kind: "DEFAULT", expression: "now64(3)" } }),
      column("shape", "Nested(a Nullable(Int8), b Map(String, Enum8('x' = 1)))"),
      column("t", "Tuple(a Int8, b Decimal(10, 2))", { default: { kind: "EPHEMERAL", expression: "" } }),
    ],
    {
      name: "events",
      engine: "ReplacingMergeTree(at)",
      orderBy: "id, lower(id)",
      primaryKey: "id",
      partitionBy: "toYYYYMM(at), id",
      sampleBy: "id",
      ttl: "at + toIntervalDay(1)",
      settings: { a: "1" },
      indexes: [{ name: "i", expression: "id", type: "bloom_filter(0.01)", granularity: 1 }],
      projections: [{ name: "p", body: "SELECT id ORDER BY at" }],
      comment: "two\nlines",
    },
  );
  const name = { database: "other", name: "events" };
  const operations: readonly MigrationOperation[] = [
    { kind: "CreateTable", table: events },
    { kind: "RecreateTable", before: events, after: events, policy: { description: "d", approvedAt: "a" } },
    { kind: "AddTableColumn", table: name, column: column("x", "JSON(a Int8)"), afterColumn: "id" },
    { kind: "ModifyTableSettings", table: name, before: { a: "1" }, after: {} },
    {
      kind: "AddTableIndex",
      table: name,
      index: events.indexes[0] ?? { name: "i", expression: "x", type: "t", granularity: 1 },
    },
    { kind: "AddTableProjection", table: name, projection: { name: "p", body: "SELECT 1" } },
    { kind: "CreateMaterializedView", view: name, target: name, select: "SELECT a\nFROM b" },
    { kind: "RawSql", sql: ["SELECT 'x'", "OPTIMIZE TABLE y"], description: "d" },
  ];
  const state = infraMapText(infraMapOf([events]), "local");
  return { plan: planText({ createdAt: "now", operations }, "local"), remote: state, local: state };
}

const bases: readonly Texts[] = [...["00-base-create", "01-add-column", "12-index"].map(sample), rich()];
const chainNames = readdirSync(new URL("chain/", samples));
const chain = chainNames.map((name) => readFileSync(new URL(`chain/${name}`, samples), "utf8"));

/** Texts that parsers stumble over. */
const shards: readonly (() => string)[] = [
  () => "&a [*a, *a]",
  () => "*a",
  () => "!!js/function 'x'",
  () => "!<tag:x> y",
  () => "<<: {a: 1}",
  () => "__proto__:\n  polluted: true",
  () => "constructor: {prototype: {polluted: true}}",
  () => "- ",
  () => "? ",
  () => ": ",
  () => "{",
  () => "[",
  () => "}]",
  () => "'",
  () => '"',
  () => "|\n",
  () => ">-\n",
  () => "%YAML 1.1\n---\n",
  () => "---\n",
  () => "...\n",
  () => "\t",
  () => "\u0000",
  () => "\uFEFF",
  () => "\ud83d",
  () => "\u2028",
  () => "null",
  () => "~",
  () => "-1e999",
  () => "0x7fffffffffffffff",
  () => ".nan",
  () => "2024-01-01",
  () => "true",
  () => "`; DROP DATABASE local; --",
  () => "../../../../etc/passwd",
];
/** The same at lengths at which they hurt. */
const longShards: readonly (() => string)[] = [
  () => "[".repeat(100_000),
  () => "{a: ".repeat(30_000),
  () => "- ".repeat(100_000),
  () => "? ".repeat(50_000),
  () => `${"(".repeat(50_000)}${")".repeat(50_000)}`,
  () => "Array(".repeat(10_000),
  () => "'".repeat(50_000),
  () => "\n".repeat(50_000),
  () => "x".repeat(1_000_000),
  () => `"${"\\u0041".repeat(20_000)}"`,
  () => "!!x ".repeat(20_000),
  () => "&a ".repeat(20_000),
  () => "a: b\n".repeat(10_000),
  () => "# comment\n".repeat(20_000),
];

type Pick = (below: number) => number;

function shard(pick: Pick): string {
  const list = pick(8) === 0 ? longShards : shards;
  return list[pick(list.length)]?.() ?? "";
}

const mutations: readonly ((text: string, pick: Pick) => string)[] = [
  // A character.
  (text, pick) => {
    const at = pick(text.length);
    return text.slice(0, at) + String.fromCharCode(pick(256)) + text.slice(at + 1);
  },
  // A piece taken out, or said twice.
  (text, pick) => {
    const at = pick(text.length);
    return text.slice(0, at) + text.slice(at + pick(80));
  },
  (text, pick) => {
    const at = pick(text.length);
    return text.slice(0, at) + text.slice(pick(text.length), pick(text.length) + 200) + text.slice(at);
  },
  // Lines.
  (text, pick) => {
    const lines = text.split("\n");
    const at = pick(lines.length);
    return lines.toSpliced(at, pick(3), ...lines.slice(pick(lines.length)).slice(0, pick(4))).join("\n");
  },
  (text, pick) => {
    const lines = text.split("\n");
    const at = pick(lines.length);
    return lines.with(at, " ".repeat(pick(12)) + (lines[at] ?? "").trimStart()).join("\n");
  },
  // A value of another kind.
  (text, pick) => {
    const lines = text.split("\n");
    const at = pick(lines.length);
    return lines.with(at, (lines[at] ?? "").replace(/:.*$/, `: ${shard(pick)}`)).join("\n");
  },
  // Something that parsers stumble over, anywhere.
  (text, pick) => {
    const at = pick(text.length);
    return text.slice(0, at) + shard(pick) + text.slice(at);
  },
];

function harmed(text: string, pick: Pick): string {
  let result = text;
  for (let count = 1 + pick(3); count > 0; count--)
    result = mutations[pick(mutations.length)]?.(result, pick) ?? "";
  return result;
}

/** Longest time of the processor that one plan may take, in milliseconds: the clock would count the work of others. */
const limitMs = 1000;

export interface FuzzCount {
  readonly read: number;
  readonly refused: number;
  readonly slowestMs: number;
}

/**
 * Reads `count` harmed plans. Each is read or refused with a place, within a second; a mistake throws.
 *
 * @param seed - of the first; the next ones follow, so that a failing one can be done alone
 */
export async function fuzzPlanFiles(count: number, seed: number): Promise<FuzzCount> {
  const project = await plannedProject();
  const counts = { read: 0, refused: 0, slowestMs: 0 };
  // The check of the form is compiled once in a process, which is no plan's doing.
  await readHarmed(0, () => 1, project);
  for (let run = seed; run < seed + count; run++) {
    const chance = random(run);
    const pick: Pick = (below) => chance.between(0, Math.max(0, below - 1));
    const started = process.cpuUsage();
    const refusal = await readHarmed(run, pick, project).catch((error: unknown) => {
      throw new Error(`seed ${run}: ${error instanceof Error ? error.stack : String(error)}`);
    });
    const took = process.cpuUsage(started);
    const tookMs = (took.user + took.system) / 1000;
    expect(tookMs, `seed ${run} is slow`).toBeLessThan(limitMs);
    for (const { place, summary } of refusal ?? []) {
      expect(place?.file, `seed ${run}`).toMatch(/^migrations\//);
      expect(place?.line, `seed ${run}`).toBeGreaterThan(0);
      expect(summary.length, `seed ${run}`).toBeLessThan(1000);
    }
    counts.slowestMs = Math.max(counts.slowestMs, tookMs);
    if (refusal === undefined) counts.read++;
    else counts.refused++;
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  return counts;
}

/** The quick reader of YAML reads nothing otherwise than the parser does. */
function expectAgreement(text: string): void {
  const value = readBlockYaml(text);
  if (value === undefined) return;
  const parsed = parseAnyYaml("plan.yaml", text);
  expect("document" in parsed ? parsed.document.value : parsed, text.slice(0, 400)).toEqual(value);
}

/** Most as texts, some as files; undefined where they were read. */
async function readHarmed(
  run: number,
  pick: Pick,
  project: string,
): Promise<readonly Diagnostic[] | undefined> {
  if (pick(5) === 0) {
    const at = pick(chain.length);
    const read = readMigrationText(
      chainNames[at] ?? "",
      { text: harmed(chain[at] ?? "", pick), hash: "" },
      "local",
    );
    return "diagnostics" in read ? read.diagnostics : undefined;
  }
  const base = bases[pick(bases.length)];
  if (base === undefined) throw new Error("no plan to begin with");
  const key = (["plan", "plan", "plan", "remote", "local"] as const)[pick(5)] ?? "plan";
  const texts = { ...base, [key]: harmed(base[key], pick) };
  if (run % 4 === 1) expectAgreement(texts.plan);
  if (run % 20 !== 0) {
    const read = await readPlanTexts(texts);
    return "diagnostics" in read ? read.diagnostics : undefined;
  }
  const path = (name: string) => join(project, "migrations", name);
  await writeFile(path("plan.yaml"), texts.plan);
  await writeFile(path("remote_state.json"), texts.remote);
  await writeFile(path("local_infra_map.json"), texts.local);
  const result = await readPlanFile(project);
  return result.kind === "refused" ? result.diagnostics : undefined;
}
