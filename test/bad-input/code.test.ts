// Code that cannot be read, run or understood: each problem by its exact text, and nothing is lost by it.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Moose, startNow } from "../dev/moose.js";
import { type Files, Project } from "../dev/project.js";

const good = `import { OlapTable } from "@514labs/moose-lib";
interface Row { id: string; n: number }
export const kept = new OlapTable<Row>("kept", { orderByFields: ["id"] });
`;

/** Short, so that the test of code that never ends does not either. */
const config = "[clickhouse_config]\nhost_port = 0\n[dev]\nload_timeout_ms = 1500\n";

/** There from the start, so that a test saves one file only. */
const notImported = {
  "app/flags.ts": 'export const limit = 3;\nthrow new Error("the flags cannot be read");\n',
  "app/endless.ts": "for (;;) {}\nexport {};\n",
};

const rows = [{ id: "x", n: 1 }];

let moose: Moose;

beforeAll(async () => {
  moose = startNow(new Project({ "moose.config.toml": config, ...notImported, "app/index.ts": good }));
  await moose.ready();
  await moose.insert("local.kept", rows);
});

afterEach(async () => {
  moose.project.save({ "app/index.ts": good });
  await moose.line(/^no change .*/m);
});

afterAll(async () => {
  expect(await moose.stop()).toEqual({ code: 0, signal: null });
  expect(moose.stderr).toBe("");
  await moose.remove();
});

/** The text that a save leads to; the table is as before. */
async function said(files: Files): Promise<string> {
  moose.project.save(files);
  const text = await moose.line(/^nothing was changed; .*$/m);
  expect(await moose.rows("SELECT * FROM local.kept")).toEqual(rows);
  expect(await moose.rows("SELECT name FROM system.tables WHERE database = 'local'")).toEqual([
    { name: "kept" },
  ]);
  expect(text).not.toMatch(/node:internal|dist.runtime/);
  return text;
}

test("a syntax error", async () => {
  expect(await said({ "app/index.ts": `${good}const = 3;\n` })).toMatchInlineSnapshot(`
    "error: app/index.ts:4:7: Variable declaration expected.
    error: app/index.ts:4:9: Variable declaration expected.
    nothing was changed; waiting for the next save
    "
  `);
});

test("a type error", async () => {
  expect(await said({ "app/index.ts": `${good}export const n: number = "three";\n` })).toMatchInlineSnapshot(`
    "error: app/index.ts:4:14: Type 'string' is not assignable to type 'number'.
    nothing was changed; waiting for the next save
    "
  `);
});

test("a missing module", async () => {
  expect(
    await said({ "app/index.ts": `import { x } from "./gone";\n${good}export const y = x;\n` }),
  ).toMatchInlineSnapshot(`
    "error: app/index.ts:1:19: Cannot find module './gone'
        at Object.<anonymous> (app/index.ts:1:19)
    nothing was changed; waiting for the next save
    "
  `);
});

test("a missing package", async () => {
  expect(
    await said({ "app/index.ts": `import x from "no-such-package";\n${good}export const y = x;\n` }),
  ).toMatchInlineSnapshot(`
    "error: app/index.ts:1:15: Cannot find module 'no-such-package'
        at Object.<anonymous> (app/index.ts:1:15)
    nothing was changed; waiting for the next save
    "
  `);
});

test("an import that throws", async () => {
  expect(await said({ "app/index.ts": `import "./flags";\n${good}` })).toMatchInlineSnapshot(`
    "error: app/flags.ts:2:7: Error: the flags cannot be read
        at Object.<anonymous> (app/flags.ts:2:7)
        at Object.<anonymous> (app/index.ts:1:8)
    nothing was changed; waiting for the next save
    "
  `);
});

test("an import that never ends", async () => {
  expect(
    await said({
      "app/index.ts": `import "./endless";\n${good}`,
    }),
  ).toMatchInlineSnapshot(`
    "error: the code was not loaded within TIME
        look for a loop that does not end, or for slow work at the top level of a file
    nothing was changed; waiting for the next save
    "
  `);
});

test("an import that waits for ever", async () => {
  expect(await said({ "app/index.ts": `${good}await new Promise(() => {});\n` })).toMatchInlineSnapshot(`
    "the code now runs in bundle mode: app/index.ts awaits at top level
    error: the code was not loaded within TIME
        look for a loop that does not end, or for slow work at the top level of a file
    nothing was changed; waiting for the next save
    "
  `);
});

test("process.exit in user code", async () => {
  expect(
    await said({ "app/index.ts": `${good}(globalThis as any).process.exit(3);\n` }),
  ).toMatchInlineSnapshot(`
    "error: app/index.ts:4:29: process.exit(3) was called
        at Object.<anonymous> (app/index.ts:4:29)
        moose only reads what the code declares: throw an Error where it cannot go on
    nothing was changed; waiting for the next save
    "
  `);
});

test("a process that user code kills", async () => {
  expect(
    await said({
      "app/index.ts": `${good}(globalThis as any).process.kill((globalThis as any).process.pid, "SIGKILL");\n`,
    }),
  ).toMatchInlineSnapshot(`
    "error: the process that runs your code was ended by SIGKILL while the code was loaded
        the next load starts a new process
    nothing was changed; waiting for the next save
    "
  `);
});

test("a model file that is empty", async () => {
  expect(await said({ "app/index.ts": "" })).toMatchInlineSnapshot(`
    "error: app/index.ts is empty; its tables are kept
        to remove all tables, leave only a comment in it
    nothing was changed; waiting for the next save
    "
  `);
});

test("two tables of one name", async () => {
  expect(
    await said({
      "app/index.ts": `${good}export const again = new OlapTable<Row>("kept", { orderByFields: ["id"] });\n`,
    }),
  ).toMatchInlineSnapshot(`
    "error: app/index.ts:4:22: table kept is declared twice
        the first declaration is at app/index.ts:3:21
        remove one of them, or give it another name
    nothing was changed; waiting for the next save
    "
  `);
});

test("a table without a sorting key", async () => {
  expect(
    await said({ "app/index.ts": `${good}export const b = new OlapTable<Row>("b");\n` }),
  ).toMatchInlineSnapshot(`
    "error: app/index.ts:4:18: table b has no sorting key
        add orderByFields: ["id"], mark a field with Key<>, or write orderByExpression: "tuple()" for an unsorted table
    nothing was changed; waiting for the next save
    "
  `);
});

test("a sorting key that is no field", async () => {
  expect(
    await said({
      "app/index.ts": `${good}export const b = new OlapTable<Row>("b", { orderByFields: ["nope"] as never });\n`,
    }),
  ).toMatchInlineSnapshot(`
    "error: app/index.ts:4:18: table b is ordered by nope, which its row type does not have
        its fields are id, n
    nothing was changed; waiting for the next save
    "
  `);
});

test("OlapTable without a type argument", async () => {
  expect(
    await said({
      "app/index.ts": `${good}export const b = new OlapTable("b", { orderByFields: ["id"] } as never);\n`,
    }),
  ).toMatchInlineSnapshot(`
    "error: app/index.ts:4:18: new OlapTable(..) does not say what its rows are
        write the row type: interface Row { id: string } and new OlapTable<Row>(..)
    nothing was changed; waiting for the next save
    "
  `);
});

test("a field type that no column can have", async () => {
  const code = `${good}interface Odd { id: string; f: () => void; s: symbol; u: any }\nexport const b = new OlapTable<Odd>("b", { orderByFields: ["id"] });\n`;
  expect(await said({ "app/index.ts": code })).toMatchInlineSnapshot(`
    "error: app/index.ts:4:29: field "f" is a function, which cannot be stored
        in the row type Odd of app/index.ts:5:18
        leave it out of the row type, for example with Omit<T, ..>
    error: app/index.ts:4:44: field "s" is a symbol, which cannot be stored
        in the row type Odd of app/index.ts:5:18
        write string
    error: app/index.ts:4:55: field "u" is of type any
        in the row type Odd of app/index.ts:5:18
        write the type of the value: string, number, boolean, Date, ..
    nothing was changed; waiting for the next save
    "
  `);
});

test("a default that the server cannot understand", async () => {
  const code = `${good}import type { WithDefault } from "@514labs/moose-lib";
interface Odd { id: string; n: WithDefault<number, "nonsense("> }
export const b = new OlapTable<Odd>("b", { orderByFields: ["id"] });\n`;
  expect(await said({ "app/index.ts": code })).toMatchInlineSnapshot(`
    "error: app/index.ts:5:29: the default of n in table b is nothing that ClickHouse 26.7.2.1 can read: nonsense(
        write one ClickHouse expression
    nothing was changed; waiting for the next save
    "
  `);
});
