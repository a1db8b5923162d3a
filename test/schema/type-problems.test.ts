import { describe, expect, test } from "vitest";
import { newSites, openProject, problemLines } from "./project.js";

const imports = `import { OlapTable, type Key, type WithDefault, type LowCardinality, type Int8, type Decimal, type FixedString, type DateTime64, type ClickHouseDefault, type ClickHouseMaterialized, type ClickHouseAlias, type ClickHouseCodec, type Renamed, type Variant, type ClickHouseJson, type Aggregated, type Time64, type Dynamic, type tags } from "@514labs/moose-lib";`;

async function problems(source: string) {
  const { reader, opened } = await openProject({ "app/index.ts": `${imports}\n${source}\n` });
  return reader.columnsFor(newSites(opened).slice(-1)).diagnostics;
}

/** A field of the third line, at column 3, and what is said of it. */
const fields: readonly (readonly [field: string, code: string, summary: string])[] = [
  ["v: any", "any-type", 'field "v" is of type any'],
  ["v: unknown", "unknown-type", 'field "v" is of type unknown'],
  ["v: object", "object-type", 'field "v" is of type object'],
  ["v: symbol", "symbol", 'field "v" is a symbol, which cannot be stored'],
  ["v: never", "no-value", 'field "v" is of type never'],
  ["v: null", "no-value", 'field "v" is of type null'],
  ["v?: undefined", "no-value", 'field "v" is of type undefined'],
  ["v: () => string", "function", 'field "v" is a function, which cannot be stored'],
  ["v(): string", "function", 'field "v" is a function, which cannot be stored'],
  ["v?(): string", "function", 'field "v" is a function, which cannot be stored'],
  ["v: new () => Date", "function", 'field "v" is a function, which cannot be stored'],
  ["v: Map<string, number>", "class", 'field "v" is a Map, which has no column type'],
  ["v: Set<string>", "class", 'field "v" is a Set, which has no column type'],
  ["v: Promise<string>", "class", 'field "v" is a Promise, which has no column type'],
  ["v: Uint8Array", "class", 'field "v" is a Uint8Array, which has no column type'],
  ["v: string | number", "mixed-union", 'field "v" mixes types that share no column type: string | number'],
  [
    "v: string[] | string",
    "mixed-union",
    'field "v" mixes types that share no column type: string | string[]',
  ],
  [
    "v: { a: 1 } | { b: 2 }",
    "mixed-union",
    'field "v" mixes types that share no column type: { a: 1; } | { b: 2; }',
  ],
  [
    "v: (string & tags.Format<'uuid'>) | 'none'",
    "mixed-union",
    'field "v" mixes types that share no column type: (string & Format<"uuid">) | "none"',
  ],
  ["v: Row", "recursive", 'field "v" contains itself: Row'],
  ["v: { w: Row[] }", "recursive", 'field "v.w[]" contains itself: Row'],
  ["v: Grow<string>", "recursive", expect.stringContaining("contains itself: Grow<") as unknown as string],
  ["v: {}", "no-fields", 'field "v" is an object without fields'],
  [
    "v: { [k: string]: number; a: number }",
    "index-signature",
    'field "v" mixes an index signature with other members',
  ],
  ["v: [string, ...number[]]", "tuple", 'field "v" is a tuple without a fixed length'],
  ["v: [string, number?]", "tuple", 'field "v" is a tuple without a fixed length'],
  ["v: Mixed", "mixed-enum", 'field "v" is the enum Mixed, which mixes text and numbers'],
  ["v: Big", "enum-value", 'field "v" is the enum Big, whose numbers ClickHouse cannot store'],
  ["v: Twice", "enum-value", 'field "v" is the enum Twice, which has one value twice'],
  ["v: Computed", "enum-value", 'field "v" is the enum Computed, which has computed members'],
  ["v: Mixed | Big", "mixed-union", 'field "v" mixes an enum with other types: Mixed | Big'],
  ["v: Decimal<2, 10>", "type-parameters", 'field "v" has no valid Decimal'],
  ["v: FixedString<0>", "type-parameters", 'field "v" has no valid FixedString'],
  ["v: FixedString<number>", "type-parameters", 'field "v" has no valid FixedString'],
  ["v: DateTime64<12>", "precision", 'field "v" has a precision that is no number from 0 to 9'],
  [
    "v: string & tags.Type<'int8'>",
    "carrier",
    expect.stringContaining("which cannot be a Int8") as unknown as string,
  ],
  ["v: WithDefault<string, string>", "not-literal", 'field "v" has a default that is not one literal text'],
  [
    "v: string & ClickHouseDefault<'1'> & ClickHouseDefault<'2'>",
    "contradiction",
    'field "v" says default twice: "1" and "2"',
  ],
  [
    "v: WithDefault<number & ClickHouseMaterialized<'1'>, '2'>",
    "contradiction",
    'field "v" has default and materialized at once',
  ],
  [
    "v: Key<number & ClickHouseAlias<'1'>>",
    "alias-key",
    'field "v" is a key and an alias, which is not stored',
  ],
  ["v?: Key<string>", "nullable-key", 'field "v" is a key and may be null'],
  [
    "v: (string | null) & LowCardinality",
    "lost-null",
    'field "v" loses its null: an intersection of null with a tag is empty',
  ],
  [
    "v: Decimal<4, 2> & LowCardinality",
    "low-cardinality",
    'field "v" has LowCardinality on a type that cannot have it',
  ],
  ["v: Variant<string[]>", "type-parameters", 'field "v" is a Variant without a list of types'],
  ["v: Variant<[string, symbol]>", "symbol", 'field "v" is a symbol, which cannot be stored'],
  ["v: string & ClickHouseJson<1>", "carrier", 'field "v" has ClickHouseJson and is no object'],
  [
    "v: Record<string, any> & ClickHouseJson<1.5>",
    "type-parameters",
    'field "v" has a ClickHouseJson whose limits are no whole numbers, or whose paths are no texts',
  ],
  [
    "v: { a: Key<string> } & ClickHouseJson",
    "nested-modifier",
    'field "v.a" is inside of JSON and has a key, default, TTL, codec or former name',
  ],
  [
    "v: [number, string] & tags.ClickHouseType<'Point'>",
    "carrier",
    expect.stringContaining("which is no Point") as unknown as string,
  ],
  ["v: number & Aggregated<'a b', [number]>", "aggregate-function", 'field "v" names no aggregate function'],
  ["v: number & Aggregated<'avg', [any]>", "any-type", 'field "v" is of type any'],
  ["v: Time64<12>", "type-parameters", 'field "v" has no valid Time64'],
  ["v: Dynamic<300>", "type-parameters", 'field "v" has no valid Dynamic'],
  [
    "v: Record<string, any> & LowCardinality",
    "low-cardinality",
    'field "v" has LowCardinality on a type that cannot have it',
  ],
  ["v: Renamed<string, string>", "not-literal", 'field "v" has a renamed that is not one literal text'],
  ["v: Renamed<string, ''>", "empty-rename", 'field "v" is Renamed from a column without a name'],
  ["v: Renamed<Renamed<string, 'a'>, 'b'>", "contradiction", 'field "v" says renamed twice: "a" and "b"'],
  [
    "v: Renamed<string, 'a'>[]",
    "nested-modifier",
    'field "v[]" is inside of another type and has a key, default, TTL, codec or former name',
  ],
  [
    "v: WithDefault<string, \"''\">[]",
    "nested-modifier",
    'field "v[]" is inside of another type and has a key, default, TTL, codec or former name',
  ],
];

const declarations = `enum Mixed { A = "a", B = 1 } enum Big { A = 40000 } enum Twice { A = 1, B = 1 } enum Computed { A = "x".length }; interface Grow<T> { g: Grow<T[]> }`;

describe("a field without a column says so, at its place", () => {
  test.each(fields)("%s", async (field, code, summary) => {
    const found = await problems(`interface Row {\n  ${field};\n} ${declarations}\nnew OlapTable<Row>("t");`);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ code: `schema/${code}`, summary, severity: "error" });
    expect(found[0]?.hint).toBeTruthy();
    const line = field.includes("Grow") ? 4 : 3;
    expect(found[0]?.place).toMatchObject({ file: "app/index.ts", line });
  });

  test("the place of a field inside of an object is the inner field's", async () => {
    const found = await problems(
      "interface Row {\n  a: {\n    b: string;\n    c: any };\n}\nnew OlapTable<Row>('t');",
    );
    expect(problemLines(found)).toEqual(['schema/any-type app/index.ts:5:5 field "a.c" is of type any']);
    expect(found[0]?.detail).toBe("in the row type Row of app/index.ts:7:1");
  });

  test("a default inside of an object is refused", async () => {
    const found = await problems(
      "interface Row { a: {\n  b: WithDefault<string, '1'> } }\nnew OlapTable<Row>('t');",
    );
    expect(problemLines(found)).toEqual([
      'schema/nested-modifier app/index.ts:3:3 field "a.b" is inside of an object and has a key, default, TTL, codec or former name',
    ]);
  });

  test("all fields with problems are told at once", async () => {
    const found = await problems(
      "interface Row {\n  a: any;\n  b: string;\n  c: symbol }\nnew OlapTable<Row>('t');",
    );
    expect(found.map(({ code }) => code)).toEqual(["schema/any-type", "schema/symbol"]);
  });
});

const rowTypes: readonly (readonly [source: string, problem: string])[] = [
  [
    'new OlapTable("t", { orderByFields: [] });',
    "schema/no-type-argument app/index.ts:2:1 new OlapTable(..) does not say what its rows are",
  ],
  [
    'new OlapTable("t");',
    "schema/no-type-argument app/index.ts:2:1 new OlapTable(..) does not say what its rows are",
  ],
  ['const t =\n  new OlapTable<any>("t");', "schema/any-type app/index.ts:3:3 the row type is any"],
  ['new OlapTable<unknown>("t");', "schema/unknown-type app/index.ts:2:1 the row type is unknown"],
  ['new OlapTable<string>("t");', "schema/not-object app/index.ts:2:1 the row type is no object: string"],
  [
    'new OlapTable<{ a: 1 }[]>("t");',
    "schema/not-object app/index.ts:2:1 the row type is no object: { a: 1; }[]",
  ],
  [
    'new OlapTable<{ a: 1 } | { b: 2 }>("t");',
    "schema/not-object app/index.ts:2:1 the row type is no object: { a: 1; } | { b: 2; }",
  ],
  ['new OlapTable<{}>("t");', "schema/no-fields app/index.ts:2:1 the row type has no fields"],
  [
    'new OlapTable<Record<string, string>>("t");',
    "schema/index-signature app/index.ts:2:1 the row type has an index signature, so its columns are not known",
  ],
  [
    'new OlapTable<() => void>("t");',
    "schema/function app/index.ts:2:1 the row type is a function, which cannot be stored",
  ],
  ['new OlapTable<Date>("t");', "schema/not-object app/index.ts:2:1 the row type is no object: Date"],
  [
    'function make<T>(name: string) { return new OlapTable<T>(name) } make("t");',
    "schema/type-parameter app/index.ts:2:41 the row type depends on a type parameter that has no known value: T",
  ],
  [
    'function make<T>(name: string) { return new OlapTable<Partial<T>>(name) } make("t");',
    "schema/type-parameter app/index.ts:2:41 the row type depends on a type parameter that has no known value: Partial<T>",
  ],
  [
    'function make<T>(name: string) { return new OlapTable<{ [K in keyof T]: string }>(name) } make("t");',
    "schema/type-parameter app/index.ts:2:41 the row type depends on a type parameter that has no known value: { [K in keyof T]: string; }",
  ],
  [
    'function make<T extends { id: string }>(name: string) { return new OlapTable<T & { at: Date }>(name) } make("t");',
    "schema/type-parameter app/index.ts:2:64 the row type depends on a type parameter that has no known value: T & { at: Date; }",
  ],
  [
    'function make<T extends { id: string }>(name: string) { return new OlapTable<Omit<T, "id">>(name) } make("t");',
    'schema/type-parameter app/index.ts:2:64 the row type depends on a type parameter that has no known value: Omit<T, "id">',
  ],
  [
    'function make<T>(name: string) { return new OlapTable<{ a: string; b: T[] }>(name) } make("t");',
    'schema/type-parameter app/index.ts:2:68 field "b[]" depends on a type parameter that has no known value: T',
  ],
  [
    'function make<K extends string>(name: string) { return new OlapTable<Record<K, string>>(name) } make("t");',
    "schema/type-parameter app/index.ts:2:56 the row type depends on a type parameter that has no known value: Record<K, string>",
  ],
  [
    "new Map<string, string>();",
    "schema/no-declaration app/index.ts:2:1 the type of Map is not known to be a declaration of moose",
  ],
  [
    "const key = Symbol(); interface Row { [key]: string }\nnew OlapTable<Row>('t');",
    'schema/symbol app/index.ts:2:39 field "key" has a symbol as its name',
  ],
];

describe("a row type that gives no columns says so", () => {
  test.each(rowTypes)("%s", async (source, problem) => {
    const found = await problems(source);
    expect(found.map((one) => problemLines([one]).join())).toContain(problem);
    expect(found[0]?.hint).toBeTruthy();
  });

  test("a site that is not in the source is an error", async () => {
    const { reader } = await openProject({ "app/index.ts": "export {};" });
    expect(problemLines(reader.columnsFor(["app/index.ts:9:9"]).diagnostics)).toEqual([
      "schema/no-site - there is no declaration at app/index.ts:9:9",
    ]);
    expect(reader.columnsFor([]).diagnostics[0]?.code).toBe("schema/no-site");
  });
});
