// The process that runs user code: how it is replaced, ended, and kept from leaking.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { declared, lib, library, load, names, Project, problemOf } from "./project.js";

const table = (name: string) => `${lib}\nexport const t = new OlapTable<{ id: string }>("${name}");\n`;

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that has ended but that nobody has asked for yet.
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return true;
  }
}

async function untilGone(pid: number, deadlineMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < deadlineMs; waitedMs += 50) {
    if (isGone(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return isGone(pid);
}

test("300 reloads keep the process, quickly and without growing", async () => {
  const heap = "console.log('heap', (gc(), process.memoryUsage().heapUsed));";
  const heavy = (name: string) => `${table(name)}export const ballast = new Array(20_000).fill(0);`;
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`app/t${i}.ts`, heavy(`t${i}`)]));
  const barrel = Object.keys(files).map((path) => `import "./${path.slice(4, -3)}";`);
  const setup =
    'import v8 from "node:v8"; v8.setFlagsFromString("--expose-gc"); import vm from "node:vm"; const gc = vm.runInNewContext("gc");';
  const index = `${setup}\n${barrel.join("\n")}\n${heap}`;
  const [project] = await load({ ...files, "app/index.ts": index }, { replaceAfterLoads: 100_000 });
  const { pid } = project.code;
  for (let i = 0; i < 300; i++) {
    const result = await project.load({ [`app/t${i % 20}.ts`]: heavy(`t${i}`) });
    expect(declared(result)).toHaveLength(20);
  }
  expect(project.code.pid).toBe(pid);
  await project.load({ "app/index.ts": `${index}\nconsole.log("end");` });
  await project.eventOf("output", ({ line }) => line === "end");
  const heaps = project.events.flatMap((event) =>
    event.kind === "output" && event.line.startsWith("heap ") ? [Number(event.line.slice(5))] : [],
  );
  const megabytes = (index: number) => (heaps.at(index) ?? Number.NaN) / 1024 / 1024;
  // Where dead modules are kept, 40 MB of ballast stay.
  expect(megabytes(-1) - megabytes(50)).toBeLessThan(2);
});

test("at rest, what loads have left is collected", async () => {
  const [project] = await load({ "app/index.ts": table("t0") });
  for (let n = 1; n < 10; n++) await project.load({ "app/index.ts": table(`t${n}`) });
  const watch =
    "export const seen = new FinalizationRegistry(() => console.log('collected')); seen.register({}, 0);";
  await project.load({ "app/index.ts": `${table("t")}${watch}` });
  const startMs = performance.now();
  await project.eventOf("output", ({ line }) => line === "collected");
  // V8 alone comes to it after 8 s, and keeps the memory.
  expect(performance.now() - startMs).toBeLessThan(6_500);
});

test("after so many loads a fresh process takes over, between two loads", async () => {
  const options = { replaceAfterLoads: 3, replaceWhenIdleMs: 20 };
  const [project] = await load({ "app/index.ts": table("a") }, options);
  const { pid } = project.code;
  await project.load({ "app/index.ts": table("b") });
  await project.load({ "app/index.ts": table("c") });
  const replaced = await project.eventOf("replaced");
  expect(replaced).toMatchObject({ loads: 3, differs: false, registrations: [{ name: "c" }] });
  expect(project.code.pid).not.toBe(pid);
  expect(isGone(pid ?? 0)).toBe(true);
  expect(names(await project.load({ "app/index.ts": table("d") }))).toEqual(["d"]);
});

test("an edit while the fresh process warms up is in it too", async () => {
  const options = { replaceAfterLoads: 1, replaceWhenIdleMs: 0 };
  const [project] = await load({ "app/index.ts": table("a") }, options);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(names(await project.load({ "app/index.ts": table("b") }))).toEqual(["b"]);
  expect((await project.eventOf("replaced")).registrations).toMatchObject([{ name: "b" }]);
  expect(names(await project.load({ "app/index.ts": table("c") }))).toEqual(["c"]);
});

test("memory above the bound has the process replaced", async () => {
  const options = { replaceAboveRssBytes: 1, replaceWhenIdleMs: 0 };
  const [project] = await load({ "app/index.ts": table("a") }, options);
  expect((await project.eventOf("replaced")).rssBytes).toBeGreaterThan(1024 * 1024);
});

test("state that modules keep between loads is found out when the process is replaced", async () => {
  const files = {
    "app/state.ts": "export const made: string[] = [];",
    "app/index.ts": `${lib}\nimport { made } from "./state";\nmade.push("x");\nnew OlapTable<{}>("t" + made.length);`,
  };
  const [project, first] = await load(files, { replaceAfterLoads: 2, replaceWhenIdleMs: 10 });
  expect(names(first)).toEqual(["t1"]);
  expect(names(await project.load({ "app/index.ts": `${files["app/index.ts"]}\n` }))).toEqual(["t2"]);
  expect(await project.eventOf("replaced")).toMatchObject({ differs: true, registrations: [{ name: "t1" }] });
});

test("a fresh process that cannot run the code does not take over", async () => {
  const files = {
    "app/index.ts": `${table("a")}import { createServer } from "node:net";
import { existsSync, mkdirSync } from "node:fs";
void createServer;
if (existsSync("taken")) throw new Error("address in use");
mkdirSync("taken");`,
  };
  const [project, first] = await load(files, { replaceAfterLoads: 1, replaceWhenIdleMs: 10 });
  expect(names(first)).toEqual(["a"]);
  const { pid } = project.code;
  expect((await project.eventOf("replacement-failed")).diagnostics[0]?.summary).toBe("Error: address in use");
  expect(project.code.pid).toBe(pid);
  expect(names(await project.load({}))).toEqual(["a"]);
});

test("loads that are asked for at once run one after the other", async () => {
  const [project] = await load({ "app/index.ts": table("a") });
  const results = await Promise.all(
    ["b", "c", "d"].map((name) => project.load({ "app/index.ts": table(name) })),
  );
  expect(results.map(names)).toEqual([["b"], ["c"], ["d"]]);
});

test("close ends the process, and a load that is under way", async () => {
  const project = new Project({}, { deadlineMs: 20_000 });
  const { pid } = project.code;
  const loading = project.load({ "app/index.ts": "for (;;);" });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await project.code.close();
  expect(problemOf(await loading).code).toBe("load/closed");
  expect(isGone(pid ?? 0)).toBe(true);
});

test.each([
  ["idle", "", 1500],
  ["in a loop that does not end", "for (;;);", 1500],
  ["about to start on such a loop", "for (;;);", 1],
])("when moose is killed, the process that is %s goes too", async (_title, text, afterMs) => {
  const project = new Project({ "app/index.ts": text });
  const path = project.path("app/index.ts");
  const options = { root: project.root, entry: path, library };
  const script = `
    import { UserCode } from ${JSON.stringify(new URL("../../dist/runtime/load/user-code.js", import.meta.url).href)};
    const code = UserCode.start({ ...${JSON.stringify(options)}, onEvent() {} });
    code.load({ changed: [${JSON.stringify({ path, text, insertions: [] })}], removed: [] });
    setTimeout(() => console.log(code.pid), ${afterMs});`;
  const moose = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await Promise.all([
    new Promise<string>((resolve) => createInterface(moose.stdout).once("line", resolve)),
  ]);
  const pid = Number(line);
  expect(isGone(pid)).toBe(false);
  moose.kill("SIGKILL");
  expect(await untilGone(pid, 5000)).toBe(true);
});
