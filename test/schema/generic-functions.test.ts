import { describe, expect, test } from "vitest";
import { columnLines, libraryImport, openProject, problemLines } from "./project.js";

/** Reads the declaration at the chain of sites; each site is named by the text that it begins with. */
async function readChain(source: string, ...begins: readonly string[]) {
  const text = `${libraryImport}${source}\n`;
  const { reader } = await openProject({ "app/index.ts": text });
  expect(problemLines(reader.check())).toEqual([]);
  const sites = begins.map((begin) => siteOf(text, begin));
  const { schema, diagnostics } = reader.columnsFor(sites);
  return schema === undefined ? problemLines(diagnostics) : columnLines(schema.fields);
}

function siteOf(text: string, begin: string): string {
  const before = text.slice(0, text.indexOf(begin)).split("\n");
  return `app/index.ts:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

const row = "interface Row { id: string; n?: number }\n";

describe("type parameters are filled in from the generic calls around a declaration", () => {
  test("a helper function", async () => {
    const source = `${row}function make<T>(name: string) { return new OlapTable<T>(name); }\nmake<Row>("t");`;
    expect(await readChain(source, "make<Row>", "new OlapTable")).toEqual([
      "id String",
      "n Nullable(Float64)",
    ]);
  });

  test("two calls of one helper have each its own columns", async () => {
    const source = `${row}function make<T>(name: string) { return new OlapTable<T>(name); }\nmake<Row>("t");\nmake<{ other: Date }>("u");`;
    expect(await readChain(source, "make<{", "new OlapTable")).toEqual(["other DateTime('UTC')"]);
  });

  test("a helper that returns nothing", async () => {
    const source = `${row}const make = <T,>(name: string): void => { new OlapTable<T>(name); };\nmake<Row>("t");`;
    expect(await readChain(source, "make<Row>", "new OlapTable")).toEqual([
      "id String",
      "n Nullable(Float64)",
    ]);
  });

  test("types made of the parameter", async () => {
    const source = `${row}function make<T>() { new OlapTable<Partial<T> & { at: Date; list: T[] }>("t"); }\nmake<Row>();`;
    expect(await readChain(source, "make<Row>", "new OlapTable")).toEqual([
      "id Nullable(String)",
      "n Nullable(Float64)",
      "at DateTime('UTC')",
      "list Array(Nested(id String, n Nullable(Float64)))",
    ]);
  });

  test("Omit of a bounded parameter", async () => {
    const source = `${row}function make<T extends { id: string }>() { new OlapTable<Omit<T, "id">>("t"); }\nmake<Row>();`;
    expect(await readChain(source, "make<Row>", "new OlapTable")).toEqual(["n Nullable(Float64)"]);
  });

  test("a default of a type parameter", async () => {
    const source = `${row}function make<T, U = { at: Date }>() { new OlapTable<T & U>("t"); }\nmake<Row>();`;
    expect(await readChain(source, "make<Row>", "new OlapTable")).toEqual([
      "id String",
      "n Nullable(Float64)",
      "at DateTime('UTC')",
    ]);
  });

  test("generic calls inside of generic calls", async () => {
    const source = `${row}function inner<A>() { new OlapTable<A>("t"); }
function middle<B>() { inner<B & { m: string }>(); }
function outer<C>() { middle<Pick<C, "id" & keyof C>>(); }
outer<Row>();`;
    expect(await readChain(source, "outer<Row>", "middle<Pick", "inner<B", "new OlapTable")).toEqual([
      "id String",
      "m String",
    ]);
  });

  test("a missing call in between is an error, never a guess", async () => {
    const source = `${row}function inner<A>() { new OlapTable<Partial<A>>("t"); }
function outer<C>() { inner<C>(); }
outer<Row>();`;
    expect(await readChain(source, "inner<C>", "new OlapTable")).toEqual([
      "schema/type-parameter app/index.ts:3:23 the row type depends on a type parameter that has no known value: Partial<C>",
    ]);
  });

  test("a method of a generic class", async () => {
    const source = `${row}class Maker<P> { make<T>() { return new OlapTable<T & P>("t"); } }
const maker = new Maker<{ tenant: string }>();
maker.make<Row>();`;
    expect(await readChain(source, "maker.make<Row>", "new OlapTable")).toEqual([
      "id String",
      "n Nullable(Float64)",
      "tenant String",
    ]);
  });

  test("a generic class around the declaration, where its construction is in the chain", async () => {
    const source = `${row}class Model<T> { table = new OlapTable<T>("t"); }\nnew Model<Row>();`;
    expect(await readChain(source, "new Model", "new OlapTable")).toEqual([
      "id String",
      "n Nullable(Float64)",
    ]);
    expect(await readChain(source, "new OlapTable")).toHaveLength(1);
  });

  test("a call that has nothing to do with the row type changes nothing", async () => {
    const source = `${row}function other<T>(f: () => T) { return f(); }\nother<number>(() => { new OlapTable<Row>("t"); return 1; });`;
    expect(await readChain(source, "other<number>", "new OlapTable")).toEqual([
      "id String",
      "n Nullable(Float64)",
    ]);
  });
});
