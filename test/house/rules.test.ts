// Each rule is tried on made-up files, so that it is known to bite.

import { expect, test } from "vitest";
import { badCodes, collectDiagnosticCodes } from "./diagnostic-codes.js";
import { judge } from "./exceptions.js";
import { defaultExports, longFiles, longFunctions, strangeTexts } from "./form-rules.js";
import { circularImports, foreignImports, upwardImports } from "./import-rules.js";
import { impurities } from "./purity-rule.js";
import { type Finding, importsOf, type SourceText } from "./source.js";

const files = (all: Readonly<Record<string, string>>): readonly SourceText[] =>
  Object.entries(all).map(([path, text]) => ({ path, text }));

const shown = (findings: readonly Finding[]) => findings.map(({ place, what }) => `${place} ${what}`);

test("every way to import is seen, and texts that look like imports are not", () => {
  const text = `import a from "./a.js"; import type { B } from "../b.js"; export * from "./c.js";
import "./d.js"; const e = import("./e.js"); type F = import("./f.js").F; export { g } from "node:g";
// import "./not.js"
const s = 'import "./not.js"'; const t = \`import "./not.js"\`;`;
  expect(
    importsOf({ path: "src/x/y.ts", text })
      .map(({ target, specifier }) => target ?? specifier)
      .sort(),
  ).toEqual(["node:g", "src/b.ts", "src/x/a.ts", "src/x/c.ts", "src/x/d.ts", "src/x/e.ts", "src/x/f.ts"]);
});

test("src that imports runtime, Node or a package is found; hashing is allowed", () => {
  const all = files({
    "src/infra/a.ts":
      'import "../../runtime/log/redact.js"; import "node:fs"; import "node:crypto"; import "pino";',
    "src/infra/b.ts":
      'import type { X } from "../../runtime/config/settings.js"; import "./a.js"; import "../diagnostic.js";',
    "runtime/log/c.ts":
      'import "node:fs"; import "pino"; import "../../src/diagnostic.js"; import "../../test/x.js";',
  });
  expect(shown(foreignImports(all))).toEqual([
    "src/infra/a.ts imports runtime/log/redact.ts",
    "src/infra/a.ts imports node:fs",
    "src/infra/a.ts imports pino",
    "src/infra/b.ts imports runtime/config/settings.ts",
    "runtime/log/c.ts imports test/x.ts",
  ]);
});

test("an import of a higher room, of a neighbour, and a file outside the rooms are found", () => {
  const all = files({
    "src/infra/a.ts": 'import "../diff/b.js"; import "./c.js"; import "../diagnostic.js";',
    "src/diff/b.ts": 'import "../infra/a.js"; import "../index.js";',
    "src/attic/x.ts": "",
    "runtime/load/d.ts": 'import "../schema/e.js"; import "../config/f.js"; import "../../src/plan/g.js";',
    "runtime/config/f.ts": 'import "../log/h.js"; import "../cli/i.js";',
  });
  expect(shown(upwardImports(all))).toEqual([
    "src/attic/x.ts is in no known room of src",
    "src/infra/a.ts imports src/diff/b.ts, which is above it",
    "src/diff/b.ts imports src/index.ts, which is above it",
    "runtime/load/d.ts imports runtime/schema/e.ts, which is beside it",
    "runtime/config/f.ts imports runtime/log/h.ts, which is beside it",
    "runtime/config/f.ts imports runtime/cli/i.ts, which is above it",
  ]);
});

test("a circle is found once, also of types alone and of a file with itself", () => {
  const all = files({
    "src/infra/a.ts": 'import "./b.js";',
    "src/infra/b.ts": 'import type { C } from "./c.js";',
    "src/infra/c.ts": 'import "./a.js"; import "./d.js";',
    "src/infra/d.ts": 'import "./d.js"; import "./e.js"',
    "src/infra/e.ts": "",
  });
  expect(shown(circularImports(all))).toEqual([
    "src/infra/a.ts src/infra/a.ts -> src/infra/b.ts -> src/infra/c.ts -> src/infra/a.ts",
    "src/infra/d.ts src/infra/d.ts -> src/infra/d.ts",
  ]);
});

test("clock, chance, environment, I/O and async are found in src, and innocent names are not", () => {
  const impure = [
    "const a = Date.now();",
    "const b = new Date();",
    "const c = process.env;",
    "setTimeout(f, 1);",
    "fetch('x');",
    "async function g() {}",
    "const h = async () => 1;",
    "class I { async j() {} }",
    "const k = Math.random();",
    "globalThis.process.exit();",
    "const l = new Date;",
    "const m = { process };",
    "console.log(1);",
    "Promise.resolve();",
    "Date();",
  ];
  const pure = `const a = new Date(0); const b = x.process; const c = { process: 1, fetch() {} };
interface D { readonly process: string; fetch(): Promise<void> } type E = Date;
const f = "Date.now()"; // process.exit()
globalThis.other = 1; y.now(); Math.max(1);`;
  const all = files({
    "src/infra/impure.ts": impure.join("\n"),
    "src/infra/pure.ts": pure,
    "runtime/log/x.ts": "process;",
  });
  expect(shown(impurities(all))).toEqual([
    "src/infra/impure.ts:1 Date.now",
    "src/infra/impure.ts:2 new Date()",
    "src/infra/impure.ts:3 process",
    "src/infra/impure.ts:4 setTimeout",
    "src/infra/impure.ts:5 fetch",
    "src/infra/impure.ts:6 async",
    "src/infra/impure.ts:7 async",
    "src/infra/impure.ts:8 async",
    "src/infra/impure.ts:9 Math.random",
    "src/infra/impure.ts:10 process",
    "src/infra/impure.ts:11 new Date()",
    "src/infra/impure.ts:12 process",
    "src/infra/impure.ts:13 console",
    "src/infra/impure.ts:14 Promise",
    "src/infra/impure.ts:15 Date()",
  ]);
});

test("files of 401 lines and functions of 81 are too long, one line less is not", () => {
  const body = (lines: number) => "\n".repeat(lines - 1);
  const all = files({
    "src/a.ts": `${"x\n".repeat(401)}`,
    "src/b.ts": `${"x\n".repeat(400)}`,
    "src/c.ts": `const d = 1;\nfunction e() {${body(81)}}\nfunction f() {${body(80)}}\nconst g = () => {${body(82)}};`,
    "src/d.ts": `class H {\n /** doc\n */\n i() {${body(81)}}\n j() {${body(80)}}\n}`,
  });
  expect(shown(longFiles(all))).toEqual(["src/a.ts has 401 lines"]);
  expect(shown(longFunctions(all))).toEqual([
    "src/c.ts:2 has 81 lines",
    "src/c.ts:163 has 82 lines",
    "src/d.ts:4 has 81 lines",
  ]);
});

test("every way to export a default is found", () => {
  const all = files({
    "src/a.ts": "export default 1;",
    "src/b.ts": "export default function () {}",
    "src/c.ts": "const c = 1; export { c as default };",
    "src/d.ts": "export = 1;",
    "src/e.ts":
      'import x, { default as y } from "z"; switch (x) { default: y(); } export const default_ = 1;',
  });
  expect(shown(defaultExports(all))).toEqual([
    "src/a.ts:1 exports a default",
    "src/b.ts:1 exports a default",
    "src/c.ts:1 exports a default",
    "src/d.ts:1 exports a default",
  ]);
});

test("folders of one machine, hosts of registries, keys and merge marks are found", () => {
  const slash = "/";
  const dot = ".";
  const all = files({
    "src/a.ts": `const a = "${slash}home${slash}me"; // see ${slash}work${slash}x`,
    "README.md": `run\nget it from registry${dot}example${dot}org\n`,
    "b.txt": `${"<".repeat(7)} HEAD\n-----BEGIN RSA PRIVATE${" "}KEY-----`,
    "src/c.ts": 'const url = "http://host/home/me"; const d = "/var/lib/x"; const e = "work/x"; "x/root/";',
  });
  expect(shown(strangeTexts(all))).toEqual([
    "src/a.ts:1 names a folder of one machine",
    "README.md:2 names the host of a package registry",
    "b.txt:1 names an unfinished merge",
    "b.txt:2 names a private key",
  ]);
});

test("codes are collected wherever they stand, and wrong ones are found", () => {
  const all = files({
    "runtime/config/a.ts": `import "config/no"; const a = { code: "config/one", x: 1 };
const b = { code: c ? "config/two" : ("schema/three" as const) };
function d(code: "load/four" | "application/json", e = { code: "ENOENT" }) { return { code }; }
const f = { code: "cellar/five" };
const g = { code: "config/Six" }; report("load/seven");`,
  });
  expect(collectDiagnosticCodes(all).map(({ code, place }) => `${place} ${code}`)).toEqual([
    "runtime/config/a.ts:1 config/one",
    "runtime/config/a.ts:2 config/two",
    "runtime/config/a.ts:2 schema/three",
    "runtime/config/a.ts:3 load/four",
    "runtime/config/a.ts:5 load/seven",
  ]);
  expect(shown(badCodes(all))).toEqual([
    "runtime/config/a.ts:4 cellar/five: there is no room cellar",
    "runtime/config/a.ts:5 config/Six is not of the form room/problem",
  ]);
});

test("an exception covers its rule in its file alone, and one that is not needed is told", () => {
  const findings = [
    { rule: "long file", place: "src/a.ts", what: "has 500 lines" },
    { rule: "long function", place: "src/a.ts:3", what: "has 90 lines" },
    { rule: "long function", place: "src/ab.ts:3", what: "has 90 lines" },
  ];
  const allowed = [
    { rule: "long function", path: "src/a.ts", reason: "" },
    { rule: "impurity", path: "src/b.ts", reason: "" },
  ];
  expect(judge(findings, allowed)).toEqual([
    "long file: src/a.ts has 500 lines",
    "long function: src/ab.ts:3 has 90 lines",
    'the exception for src/b.ts from "impurity" is not needed any more',
  ]);
});
