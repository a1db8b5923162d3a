// What goes wrong in user code is told with its true place, and the next good load works.

import { expect, test } from "vitest";
import { declared, lib, load, names, problemOf } from "./project.js";

const good = `${lib}\nexport const a = new OlapTable<{ id: string }>("a");\n`;
const index = 'import "./b";\n';

/** Loads a good project, then the bad file, then the good one again. */
async function edit(bad: string, deadlineMs = 10_000) {
  const [project, first] = await load({ "app/index.ts": index, "app/b.ts": good }, { deadlineMs });
  expect(names(first)).toEqual(["a"]);
  const { pid } = project.code;
  const problem = problemOf(await project.load({ "app/b.ts": bad }));
  const isSameProcess = project.code.pid === pid;
  expect(names(await project.load({ "app/b.ts": good.replace('"a")', '"mended")') }))).toEqual(["mended"]);
  return { project, problem, isSameProcess };
}

test("a syntax error is shown at its line and column", async () => {
  const { problem, isSameProcess } = await edit(`${lib}\nconst é = "é"; const x = = 1;\n`);
  expect(problem).toEqual({
    code: "load/syntax",
    severity: "error",
    summary: 'Unexpected "="',
    place: { file: "app/b.ts", line: 2, column: 26 },
  });
  expect(isSameProcess).toBe(true);
});

test("a syntax error behind an inserted call is shown at the user's column", async () => {
  const { problem } = await edit(`${lib}\nconst t = new OlapTable<{}>("x"); const x = = 1;\n`);
  expect(problem.place).toEqual({ file: "app/b.ts", line: 2, column: 45 });
});

test("a syntax error in a file that nobody imports harms nothing", async () => {
  const [, result] = await load({ "app/index.ts": good, "app/other.ts": "const = ;" });
  expect(names(result)).toEqual(["a"]);
});

test("a throw at import is shown with the user's place and frames only", async () => {
  const text = `${lib}\n\nfunction fail(): never { throw new RangeError("too bad"); }\nconst t = new OlapTable<{}>("x"); fail();\n`;
  const { problem, isSameProcess } = await edit(text);
  expect(problem).toEqual({
    code: "load/exception",
    severity: "error",
    summary: "RangeError: too bad",
    place: { file: "app/b.ts", line: 3, column: 32 },
    detail: [
      "at fail (app/b.ts:3:32)",
      "at Object.<anonymous> (app/b.ts:4:35)",
      "at Object.<anonymous> (app/index.ts:1:8)",
    ].join("\n"),
  });
  expect(isSameProcess).toBe(true);
});

test("an error that the library throws is shown at the user's new expression", async () => {
  const { problem } = await edit(`${lib}\nconst t = new OlapTable<{}>("");\n`);
  expect(problem.summary).toContain("OlapTable needs a name");
  expect(problem.place).toEqual({ file: "app/b.ts", line: 2, column: 11 });
  expect(problem.detail).not.toContain("__moose");
});

test("a file that threw while half run leaves nothing behind", async () => {
  const [project] = await load({ "app/index.ts": index, "app/b.ts": good });
  problemOf(await project.load({ "app/b.ts": `${good}throw new Error("late");` }));
  expect(names(await project.load({ "app/b.ts": good }))).toEqual(["a"]);
});

test("a load that fails is tried again with the next one, though nothing changed", async () => {
  const [project] = await load({ "app/index.ts": index, "app/b.ts": good });
  const bad = `${good}if ((globalThis as any).fail !== false) throw new Error("later");`;
  problemOf(await project.load({ "app/b.ts": bad }));
  expect(problemOf(await project.load({})).summary).toBe("Error: later");
  const extra = await project.load({
    "app/c.ts": "(globalThis as any).fail = false;",
    "app/index.ts": `import "./c"; ${index}`,
  });
  expect(names(extra)).toEqual(["a"]);
});

test("the cause of an error is told too", async () => {
  const { problem } = await edit('throw new Error("outer", { cause: new TypeError("inner") });');
  expect(problem.detail).toContain("caused by TypeError: inner");
});

test("a JSON file that does not parse is shown at its place", async () => {
  const [project] = await load({ "app/index.ts": 'import "./data.json";', "app/data.json": "{}" });
  const problem = problemOf(await project.load({ "app/data.json": '{\n  "a": oops\n}' }));
  expect(problem).toMatchObject({
    code: "load/syntax",
    place: { file: "app/data.json", line: 2, column: 8 },
  });
  expect(names(await project.load({ "app/data.json": "{}" }))).toEqual([]);
});

test("a missing module is named, at the import", async () => {
  const { problem } = await edit(`${lib}\nimport { x } from "./nowhere";\nconsole.log(x);\n`);
  expect(problem).toMatchObject({
    code: "load/module-not-found",
    summary: "Cannot find module './nowhere'",
    place: { file: "app/b.ts", line: 2 },
  });
});

test("a missing package is named", async () => {
  const { problem } = await edit('import "no-such-package";\n');
  expect(problem).toMatchObject({
    code: "load/module-not-found",
    summary: "Cannot find module 'no-such-package'",
  });
});

test("a module that is added after it was missed is found, even where its absence was caught", async () => {
  const text = 'try { require("./maybe"); } catch { console.log("none"); }';
  const [project, first] = await load({ "app/index.ts": index, "app/b.ts": text });
  expect(names(first)).toEqual([]);
  expect(names(await project.load({ "app/maybe.ts": good }))).toEqual(["a"]);
});

test("using an export that does not exist names what the user wrote", async () => {
  const { problem } = await edit('import { Missing } from "./index";\nconst t = new Missing<{}>("x");\n');
  expect(problem).toMatchObject({ place: { file: "app/b.ts", line: 2, column: 11 } });
  expect(problem.summary).toMatch(/^TypeError: .*Missing is not a constructor$/);
});

test.each(["undefined", '"text"', "{ a: 1 }"])("throwing %s is told", async (thrown) => {
  const { problem } = await edit(`throw ${thrown};`);
  expect(problem.code).toBe("load/exception");
  expect(problem.summary).toMatch(/^user code threw .*, which is no Error$/);
});

test("a stack overflow is told, and does not end the process", async () => {
  const { problem, isSameProcess } = await edit("function f(): number { return 1 + f(); }\nf();");
  expect(problem).toMatchObject({
    summary: "RangeError: Maximum call stack size exceeded",
    place: { file: "app/b.ts" },
  });
  expect(isSameProcess).toBe(true);
});

test("an error whose parts throw is told all the same", async () => {
  const text = `class Odd extends Error { get message(): string { throw 1; } get name(): string { throw 2; } get stack(): string { throw 3; } }
throw new Odd();`;
  const { problem } = await edit(text);
  expect(problem.code).toBe("load/exception");
});

test("process.exit is a failure with a place, even where it is caught", async () => {
  const { problem, isSameProcess } = await edit("process.exit(3);");
  expect(problem).toMatchObject({
    code: "load/exited",
    summary: "process.exit(3) was called",
    place: { file: "app/b.ts", line: 1, column: 9 },
  });
  expect(isSameProcess).toBe(true);
  const caught = await edit("try { process.exit(0); } catch {}");
  expect(caught.problem.code).toBe("load/exited");
});

test("a process that really exits is told, and the next load works", async () => {
  const { problem, isSameProcess } = await edit(
    'console.error("last words"); (process as any).reallyExit(4);',
  );
  expect(problem).toMatchObject({ code: "load/exited", detail: "last words" });
  expect(problem.summary).toContain("exited with code 4");
  expect(isSameProcess).toBe(false);
});

test("a process that is killed is told, and the next load works", async () => {
  const { problem } = await edit('process.kill(process.pid, "SIGKILL");for(;;);');
  expect(problem).toMatchObject({ code: "load/crashed" });
  expect(problem.summary).toContain("SIGKILL");
});

test("a loop that does not end is stopped at the deadline, and the next load works", async () => {
  const { problem, isSameProcess } = await edit("for (;;);", 700);
  expect(problem).toMatchObject({ code: "load/timeout", summary: "the code was not loaded within 0.7 s" });
  expect(isSameProcess).toBe(false);
});

test("a rejection that nobody handles fails the load, since a declaration may be missing", async () => {
  const [project, first] = await load({
    "app/index.ts": 'void import("./lazy");',
    "app/lazy.ts": `${good}throw new Error("half way");`,
  });
  expect(problemOf(first)).toMatchObject({
    summary: "Error: half way",
    place: { file: "app/lazy.ts", line: 3, column: 7 },
  });
  expect(problemOf(await project.load({})).summary).toBe("Error: half way");
  expect(names(await project.load({ "app/lazy.ts": good }))).toEqual(["a"]);
});

test("an error in a timer is told with its place, and harms nothing", async () => {
  const [project, result] = await load({
    "app/index.ts": `${good}setTimeout(() => { throw new Error("tick"); }, 20);`,
  });
  expect(names(result)).toEqual(["a"]);
  const { diagnostic } = await project.eventOf("problem");
  expect(diagnostic).toMatchObject({
    summary: "Error: tick",
    place: { file: "app/index.ts", line: 3, column: 26 },
  });
  expect(names(await project.load({ "app/index.ts": good }))).toEqual(["a"]);
});

test("a table that is declared too late is told, and left out", async () => {
  const late = 'setTimeout(() => new OlapTable<{}>("late"), 20);';
  const [project, result] = await load({ "app/index.ts": `${good}${late}` });
  expect(names(result)).toEqual(["a"]);
  const { diagnostic } = await project.eventOf("problem");
  expect(diagnostic).toMatchObject({
    code: "load/late-declaration",
    place: { file: "app/index.ts", line: 3 },
  });
});

test("a process that dies between loads is told, and the next load works", async () => {
  const die = 'setTimeout(() => process.kill(process.pid, "SIGKILL"), 30);';
  const [project] = await load({ "app/index.ts": `${good}${die}` });
  expect((await project.eventOf("crashed")).diagnostic.code).toBe("load/crashed");
  expect(names(await project.load({ "app/index.ts": good }))).toEqual(["a"]);
});

test("a tsconfig that cannot be read is told, and mending it is enough", async () => {
  const [project, result] = await load({ "tsconfig.json": "{ nonsense", "app/index.ts": good });
  expect(problemOf(result).summary).toContain("tsconfig.json");
  project.write({ "tsconfig.json": "{}" });
  expect(names(await project.load({}))).toEqual(["a"]);
});

test("what user code prints comes line by line", async () => {
  const [project] = await load({
    "app/index.ts":
      'process.stdout.write("half "); console.log("line"); console.error(new Error("e").stack);',
  });
  expect((await project.eventOf("output", ({ stream }) => stream === "stdout")).line).toBe("half line");
  const frame = await project.eventOf("output", ({ line }) => line.includes("index.ts"));
  expect(frame).toMatchObject({ stream: "stderr", line: expect.stringMatching(/app\/index\.ts:1:6\d\)$/) });
});

test("a flood of output is cut", async () => {
  const [project, result] = await load({
    "app/index.ts": `${good}for (let i = 0; i < 20_000; i++) console.log("x".repeat(50));\nsetTimeout(() => console.log("end"), 1100)`,
  });
  expect(declared(result)).toHaveLength(1);
  await project.eventOf("output", ({ line }) => line.includes("more lines were not shown"));
  expect(project.events.length).toBeLessThan(2000);
});
