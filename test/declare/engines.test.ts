// What is said where a table's engine, its options or its version are not right, and what comes of those that are.

import { describe, expect, test } from "vitest";
import { desired } from "../../src/declare/desired.js";
import type { RowField } from "../../src/declare/row-schema.js";
import type { DataType } from "../../src/infra/datatype.js";

const place = (line: number) => ({ file: "app/index.ts", line, column: 1 });
const field = (name: string, rest: Partial<RowField> = {}): RowField => ({
  name,
  type: { kind: "simple", name: "Int32" },
  key: false,
  default: undefined,
  comment: "",
  codec: "",
  ttl: "",
  place: place(2),
  ...rest,
});

function declared(config: Record<string, unknown>, fields = [field("id", { key: true }), field("v")]) {
  const registration = { kind: "OlapTable", name: "t", config, sites: [], file: "app/index.ts" } as const;
  const result = desired([{ registration, schema: { fields, place: place(9) } }], { database: "local" });
  return { ...result, tables: [...result.map.tables.values()] };
}

describe("an engine that is not right is said, at the declaration", () => {
  test.each<[string, Record<string, unknown>, string, string?]>([
    [
      "unknown",
      { engine: "Merge Tree" },
      "table t has the engine Merge Tree, which is none of ClickHouseEngines",
    ],
    ["without what it needs", { engine: "CollapsingMergeTree" }, "table t needs the option sign"],
    [
      "with half of a pair",
      { engine: "ReplacingMergeTree", isDeleted: "v" },
      "table t has isDeleted, which needs ver beside it",
    ],
    [
      "with half of the keys",
      { engine: "S3", path: "p", format: "CSV", awsAccessKeyId: "k" },
      "table t has only one of awsAccessKeyId and awsSecretAccessKey; give both or neither",
    ],
    [
      "with half of a place in Keeper",
      { engine: "ReplicatedMergeTree", keeperPath: "/p" },
      "table t has only one of keeperPath and replicaName; give both or neither",
    ],
    [
      "on a cluster with a place in Keeper",
      { engine: "ReplicatedMergeTree", keeperPath: "/p", replicaName: "r", cluster: "c" },
      "table t has a cluster and a keeperPath; on a cluster the server chooses the path",
    ],
    [
      "naming no field",
      { engine: "ReplacingMergeTree", ver: "version" },
      "the engine of table t names the field version, which its row type does not have",
      "declare/unknown-field",
    ],
    [
      "with a text for a number",
      { engine: "EmbeddedRocksDB", expireSeconds: "soon" },
      "table t has expireSeconds, which is no whole number",
    ],
    [
      "with a word that is none",
      { engine: "Join", joinStrictness: "SOME", joinType: "LEFT", joinKeys: ["id"] },
      "table t has joinStrictness, which is none of ALL, ANY, SEMI, ANTI",
    ],
    [
      "with keys that it has not",
      { engine: "Log", orderByFields: ["id"] },
      "table t has orderByFields, which the engine Log does not have",
      "declare/option-of-engine",
    ],
    [
      "with a TTL that it has not",
      { engine: "Memory", ttl: "at + INTERVAL 1 DAY" },
      "table t has ttl, which the engine Memory does not have",
      "declare/option-of-engine",
    ],
    [
      "with a constraint without an expression",
      { constraints: [{ name: "c" }] },
      'a wrong constraint of table t: "c" has no expression',
      "declare/bad-constraint",
    ],
    [
      "with one constraint twice",
      {
        constraints: [
          { name: "c", expression: "1" },
          { name: "c", expression: "2" },
        ],
      },
      'table t has two constraints called "c"',
      "declare/duplicate-constraint",
    ],
  ])("%s", (_, config, summary, code = "declare/engine-option") => {
    const { diagnostics, tables } = declared(config);
    expect(diagnostics).toMatchObject([{ code, severity: "error", summary, place: { line: 9 } }]);
    expect(tables).toEqual([]);
  });

  test("without a key, where one is needed", () => {
    expect(declared({ engine: "EmbeddedRocksDB" }, [field("id")]).diagnostics).toMatchObject([
      { code: "declare/no-sorting-key" },
    ]);
  });
});

describe("a table", () => {
  test("has its version in its name, so that several stand beside each other", () => {
    const at = (version?: string) => {
      const config = version === undefined ? {} : { version };
      return {
        registration: { kind: "OlapTable", name: "t", config, sites: [], file: "a.ts" } as const,
        schema: { fields: [field("id", { key: true })], place: place(9) },
      };
    };
    const { map, diagnostics } = desired([at(), at("1.0"), at("2.0.1")], { database: "local" });
    expect(diagnostics).toEqual([]);
    expect([...map.tables.keys()]).toEqual(["local.t", "local.t_1_0", "local.t_2_0_1"]);
    expect(desired([at("1.0"), at("1.0")], { database: "local" }).diagnostics).toMatchObject([
      { code: "declare/duplicate-table" },
    ]);
  });

  test("keeps cluster and database, and gives its engine no settings that nobody asked for", () => {
    const [table] = declared({
      cluster: "c",
      database: "d",
      settings: { a: undefined, b: true, c: 1 },
    }).tables;
    expect(table).toMatchObject({
      cluster: "c",
      database: "d",
      engine: "MergeTree",
      settings: { b: "1", c: "1" },
    });
  });

  test("tells the members of an enum in the comment of its column, behind the user's", () => {
    const type: DataType = { kind: "enum", name: "Color", members: [{ name: "red", value: 1, key: "Red" }] };
    const [table] = declared({}, [
      field("id", { key: true }),
      field("c", { type, comment: "its colour" }),
    ]).tables;
    expect(table?.columns[1]?.comment).toBe(
      'its colour [MOOSE_METADATA:DO_NOT_MODIFY] {"version":1,"enum":{"name":"Color","members":[{"name":"Red","value":"red"}]}}',
    );
  });
});
