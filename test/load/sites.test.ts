// Which expressions of the source a declaration is laid to.

import { expect, test } from "vitest";
import { declared, lib, load } from "./project.js";

async function sitesOf(files: Readonly<Record<string, string>>) {
  const [, result] = await load(files);
  return Object.fromEntries(declared(result).map(({ name, sites, file }) => [name, { sites, file }]));
}

test("namespace imports, aliases and re-exports are followed", async () => {
  const found = await sitesOf({
    "app/index.ts": `import * as moose from "@514labs/moose-lib";
import { Table } from "./again";
const Alias = moose.OlapTable;
new moose.OlapTable<{}>("namespace");
new Alias<{}>("alias");
new Table<{}>("re_exported");`,
    "app/again.ts": 'export { OlapTable as Table } from "@514labs/moose-lib";',
  });
  expect(found).toEqual({
    namespace: { sites: ["app/index.ts:4:1"], file: "app/index.ts" },
    alias: { sites: ["app/index.ts:5:1"], file: "app/index.ts" },
    re_exported: { sites: ["app/index.ts:6:1"], file: "app/index.ts" },
  });
});

test("nested generic helpers name each call, outermost first, and the file that runs", async () => {
  const found = await sitesOf({
    "app/helpers.ts": `${lib}
export function makeInner<T>(name: string) { return new OlapTable<T>(name); }
export function makeOuter<T>(name: string) { return makeInner<T>(name); }`,
    "app/index.ts":
      'import { makeOuter } from "./helpers";\ninterface R { id: string }\nmakeOuter<R>("t");\nmakeOuter<R>("u");',
  });
  const inner = ["app/helpers.ts:3:53", "app/helpers.ts:2:53"];
  expect(found).toEqual({
    t: { sites: ["app/index.ts:3:1", ...inner], file: "app/index.ts" },
    u: { sites: ["app/index.ts:4:1", ...inner], file: "app/index.ts" },
  });
});

test("a helper that is a method keeps its this", async () => {
  const found = await sitesOf({
    "app/index.ts": `${lib}
class Factory { prefix = "p_"; makeIt<T>(name: string) { return new OlapTable<T>(this.prefix + name); } }
const factory = new Factory();
factory.makeIt<string>("x");`,
  });
  expect(found).toEqual({ p_x: { sites: ["app/index.ts:4:1", "app/index.ts:2:65"], file: "app/index.ts" } });
});

test("a helper that throws leaves no site behind", async () => {
  const found = await sitesOf({
    "app/index.ts": `${lib}
function makeBad<T>(_: T): void { throw new Error("bad"); }
try { makeBad<number>(1); } catch {}
new OlapTable<{}>("after");`,
  });
  expect(found.after?.sites).toEqual(["app/index.ts:4:1"]);
});

test("the synchronous part of an async helper is followed", async () => {
  const found = await sitesOf({
    "app/index.ts": `${lib}
async function makeLater<T>(name: string) { const t = new OlapTable<T>(name); await null; return t; }
void makeLater<string>("x");
new OlapTable<{}>("y");`,
  });
  expect(found.x?.sites).toEqual(["app/index.ts:3:6", "app/index.ts:2:55"]);
  expect(found.y?.sites).toEqual(["app/index.ts:4:1"]);
});

test("subclasses, instanceof, statics, new.target and names are as without moose", async () => {
  const [, result] = await load({
    "app/index.ts": `${lib}
class Base<T> extends OlapTable<T> {
  static readonly made = "static";
  #secret = 7;
  readonly target: unknown;
  constructor(name: string) { super(name); this.target = new.target; }
  static create(name: string) { return new this<{}>(name); }
  secret() { return this.#secret; }
}
class Sub<T> extends Base<T> {}
const sub = new Sub<{}>("sub");
const plain = new Base<{}>("plain");
const created = Sub.create("created");
const checks = [
  sub instanceof OlapTable, sub instanceof Base, sub instanceof Sub, !(plain instanceof Sub),
  Sub.made === "static", sub.secret() === 7, sub.target === Sub, plain.target === Base,
  Sub.name === "Sub", sub.constructor === Sub, created instanceof Sub, created.target === Sub,
];
if (checks.includes(false)) throw new Error(checks.join());`,
  });
  expect(declared(result).map(({ name, sites }) => [name, sites[0]])).toEqual([
    ["sub", "app/index.ts:11:13"],
    ["plain", "app/index.ts:12:15"],
    ["created", "app/index.ts:7:40"],
  ]);
});

test("other classes are left alone", async () => {
  const [, result] = await load({
    "app/index.ts": `${lib}
const map = new Map([[1, 2]]);
const date = new Date(0);
class Own { constructor(readonly x: number) {} }
const own = new Own(3);
if (map.size !== 1 || date.getTime() !== 0 || own.x !== 3 || !(own instanceof Own)) throw new Error("changed");
new OlapTable<{}>("ok");`,
  });
  expect(declared(result)).toHaveLength(1);
});
