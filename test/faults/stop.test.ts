// How `moose dev` ends: by each signal, in the middle of work, and when it is killed.

import fs from "node:fs";
import { expect, test } from "vitest";
import { Moose, startNow } from "../dev/moose.js";
import { gone, known } from "../dev/processes.js";
import { Project } from "../dev/project.js";
import { pause, threeSeconds } from "../dev/wait.js";

function codeWith(fields: string, more = ""): string {
  return `import { OlapTable } from "@514labs/moose-lib";
interface Row { ${fields} }
export const a = new OlapTable<Row>("a", { orderByFields: ["id"] });
${more}`;
}

const code = codeWith("id: string; n: number");

function lockOf(moose: Moose): boolean {
  return fs.existsSync(moose.project.path(".moose/clickhouse/embedded.lock"));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`${signal} in the middle of a round ends it in order within 3 s`, async () => {
    const moose = await Moose.start({ "app/index.ts": code });
    moose.project.save({ "app/index.ts": codeWith("id: string; m: number") });
    await pause(30);
    expect(await moose.stop(signal, threeSeconds())).toEqual({ code: 0, signal: null });
    expect(moose.stdout.endsWith("stopped\n")).toBe(true);
    expect(moose.stderr).toBe("");
    expect(lockOf(moose)).toBe(false);
  });
}

test("a signal during the start ends it within 3 s", async () => {
  const moose = startNow(new Project({ "app/index.ts": code }));
  try {
    await moose.line(/^moose dev.*$/m);
    await pause(150);
    expect(await moose.stop("SIGINT", threeSeconds())).toEqual({ code: 0, signal: null });
    expect(moose.plain(moose.stdout)).toBe("moose dev  PROJECT\nstopped\n");
    expect(moose.stderr).toBe("");
    expect(lockOf(moose)).toBe(false);
  } finally {
    await moose.remove();
  }
});

test("code that never ends does not hold up the end", async () => {
  const moose = await Moose.start({ "app/index.ts": code });
  moose.project.save({ "app/index.ts": codeWith("id: string", "for (;;) {}\n") });
  await pause(500);
  expect(await moose.stop("SIGINT", threeSeconds())).toEqual({ code: 0, signal: null });
  expect(moose.stderr).toBe("");
});

test("a second signal ends it at once, and leaves nothing running", async () => {
  const moose = await Moose.start({ "app/index.ts": code });
  const all = [...known(moose.pid), ...moose.children];
  moose.kill("SIGINT");
  moose.kill("SIGTERM");
  const end = await moose.ended;
  // Where the first was through before the second came, it has ended in order.
  expect([0, 130]).toContain(end.code);
  await gone(all, threeSeconds());
  await (await moose.again()).stop();
});

test("when it is killed, all that it started is gone within 3 s and the folder opens again", async () => {
  const moose = await Moose.start({ "app/index.ts": code });
  await moose.insert("local.a", [{ id: "x", n: 1 }]);
  expect(moose.children.length).toBeGreaterThanOrEqual(2);
  expect(await moose.stop("SIGKILL", threeSeconds())).toEqual({ code: null, signal: "SIGKILL" });
  const next = await moose.again();
  expect(await next.rows("SELECT * FROM local.a")).toEqual([{ id: "x", n: 1 }]);
  expect(await next.stop()).toEqual({ code: 0, signal: null });
  expect(lockOf(next)).toBe(false);
});
