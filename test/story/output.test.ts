// What is printed where: colours on a terminal only, JSON lines for machines, nothing else.

import { expect, test } from "vitest";
import { Moose } from "../dev/moose.js";

const escapeCode = "\u001b";
const code = `import { OlapTable } from "@514labs/moose-lib";
console.log("said by the code");
interface Row { id: string }
export const a = new OlapTable<Row>("a", { orderByFields: ["id"] });
`;

test("on a terminal there are colours", async () => {
  const moose = await Moose.start({ "app/index.ts": code }, { onTerminal: true });
  expect(moose.stdout).toContain(`${escapeCode}[32m+ local.a`);
  expect(await moose.stop("SIGTERM")).toMatchObject({ signal: null });
});

test("on a terminal with NO_COLOR there are none", async () => {
  const moose = await Moose.start({ "app/index.ts": code }, { onTerminal: true, env: { NO_COLOR: "1" } });
  expect(moose.stdout).toContain("+ local.a");
  expect(moose.stdout).not.toContain(`${escapeCode}[32m`);
});

test("in a pipe there are no escape codes, whatever the environment wants", async () => {
  const moose = await Moose.start({ "app/index.ts": code }, { env: { FORCE_COLOR: "1" } });
  await moose.save({ "app/index.ts": "export const a: string = 1;\n" });
  await moose.stop();
  expect(moose.stdout).toContain("error: app/index.ts:1:14: ");
  expect(moose.stdout + moose.stderr).not.toContain(escapeCode);
});

test("with --json every line is an object with an event", async () => {
  const moose = await Moose.start({ "app/index.ts": code }, { args: ["--json"] });
  moose.project.save({ "app/index.ts": "export const a: string = 1;\n" });
  await moose.line(/"event":"problems".*$/m);
  moose.project.save({ "app/index.ts": code.replace("id: string", "id: string; n: number") });
  await moose.line(/"event":"round".*$/m);
  await moose.stop();
  expect(moose.stderr).toBe("");
  const names = moose.events.map(({ event }) => event);
  expect(new Set(names)).toEqual(
    new Set(["starting", "output", "progress", "round", "ready", "problems", "stopped"]),
  );
  const rounds = moose.events.filter(({ event }) => event === "round");
  expect(rounds.at(-1)).toMatchObject({
    files: ["app/index.ts"],
    operations: [
      {
        kind: "AddTableColumn",
        address: "local.a",
        destructive: false,
        sql: ["ALTER TABLE `local`.`a` ADD COLUMN `n` Float64 AFTER `id`"],
        verdict: { decision: "apply" },
        outcome: { state: "applied" },
      },
    ],
    unconverged: [],
  });
});

test("a reader that goes away ends it quietly", async () => {
  const moose = await Moose.start({ "app/index.ts": code });
  moose.closeOutput();
  moose.project.save({ "app/index.ts": code.replace("id: string", "id: string; n: number") });
  expect(await moose.ended).toEqual({ code: 0, signal: null });
  expect(moose.stderr).toBe("");
});
