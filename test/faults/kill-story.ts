// Edits are saved and rows are written while processes of `moose dev` are killed; after each kill all must be well.

import fs from "node:fs";
import { createClient } from "@clickhouse/client";
import { expect } from "vitest";
import { type Moose, startNow } from "../dev/moose.js";
import { gone, type KnownProcess, known } from "../dev/processes.js";
import { Project } from "../dev/project.js";
import { pause, until } from "../dev/wait.js";
import type { Random } from "./random.js";

type Victim = "engine" | "code" | "moose";

const commands: Readonly<Record<"engine" | "code", RegExp>> = {
  engine: /embedded\/engine-process/,
  code: /load\/child\/main/,
};

/** Every edit adds a column, drops one, and rewrites one; every other edit adds or drops a table. */
function codeAt(edit: number): string {
  const other =
    edit % 2 === 0 ? "" : 'export const other = new OlapTable<Row>("other", { orderByFields: ["id"] });\n';
  return `import { OlapTable, type UInt16, type UInt32 } from "@514labs/moose-lib";
interface Row { id: string; num: ${edit % 2 === 0 ? "UInt16" : "UInt32"}; at${edit}: number }
export const facts = new OlapTable<Row>("facts", { orderByFields: ["id"] });
${other}`;
}

function expectedAt(edit: number): unknown {
  const columns = [
    { name: "id", type: "String" },
    { name: "num", type: edit % 2 === 0 ? "UInt16" : "UInt32" },
    { name: `at${edit}`, type: "Float64" },
  ];
  return ["facts", ...(edit % 2 === 0 ? [] : ["other"])].flatMap((table) =>
    columns.map(({ name, type }) => ({ table, name, type })),
  );
}

const shape =
  "SELECT table, name, type FROM system.columns WHERE database = 'local' ORDER BY table, position";

/** Inserts one row after the other, wherever moose answers, and remembers those that were acknowledged. */
class Writer {
  readonly acknowledged = new Set<string>();
  url = "";
  #isOver = false;
  #running: Promise<void> | undefined;
  #count = 0;

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const client = createClient({ url: this.url, request_timeout: 5_000, log: { level: 127 } });
      await this.#insertUntilItFails(client).catch(() => {});
      await client.close();
      await pause(20);
    }
  }

  async #insertUntilItFails(client: ReturnType<typeof createClient>): Promise<void> {
    while (!this.#isOver) {
      this.#count++;
      const id = `row${this.#count}`;
      await client.insert({ table: "local.facts", values: [{ id }], format: "JSONEachRow", columns: ["id"] });
      this.acknowledged.add(id);
      await pause(10);
    }
  }
}

export async function killStory(random: Random, kills: number): Promise<void> {
  const project = new Project({ "app/index.ts": codeAt(0), "tmp/keep": "" });
  const env = { TMPDIR: project.path("tmp") };
  let moose = startNow(project, { env });
  const writer = new Writer();
  let edit = 0;
  try {
    await moose.ready();
    writer.url = moose.url;
    writer.start();
    for (const victim of victims(random, kills)) {
      const edits = random.between(1, 3);
      const killAfterMs = random.between(0, 250);
      const saving = saveEdits(project, random, edit, edits);
      await pause(killAfterMs);
      const left = kill(moose, victim);
      edit = await saving;
      if (victim === "moose") {
        await gone(left, 10_000);
        await moose.ended;
        moose = startNow(project, { env });
        await moose.ready();
        writer.url = moose.url;
      }
      await wellAfter(moose, writer, edit);
    }
    await writer.stop();
    expect(writer.acknowledged.size).toBeGreaterThan(kills);
    expect(await moose.stop("SIGTERM", 5_000)).toEqual({ code: 0, signal: null });
    expect(fs.existsSync(project.path(".moose/clickhouse/embedded.lock"))).toBe(false);
    // From Node 22 on compiled code is kept there.
    const left = fs.readdirSync(project.path("tmp")).filter((name) => name !== "node-compile-cache");
    expect(left).toEqual(["keep"]);
  } finally {
    await writer.stop();
    await moose.remove();
  }
}

/** As many of each, so that no engine dies more often in one run than its supervisor bears. */
function victims(random: Random, kills: number): readonly Victim[] {
  return Array.from({ length: Math.ceil(kills / 3) }, () =>
    random.shuffled<Victim>(["engine", "code", "moose"]),
  )
    .flat()
    .slice(0, kills);
}

async function saveEdits(project: Project, random: Random, last: number, edits: number): Promise<number> {
  for (let step = 1; step <= edits; step++) {
    project.save({ "app/index.ts": codeAt(last + step) });
    await pause(random.between(5, 200));
  }
  return last + edits;
}

/** Kills it without warning. Gives the processes that must not outlive it. */
function kill(moose: Moose, victim: Victim): readonly KnownProcess[] {
  const children = moose.children;
  if (victim === "moose") {
    const all = [...known(moose.pid), ...children];
    moose.kill("SIGKILL");
    return all;
  }
  const found = children.find(({ command }) => commands[victim].test(command));
  // While it is starting again there is none to kill.
  if (found !== undefined) process.kill(found.pid, "SIGKILL");
  return [];
}

async function wellAfter(moose: Moose, writer: Writer, edit: number): Promise<void> {
  await moose.eventually(shape, expectedAt(edit)).catch(async (error: Error) => {
    const unfinished = "SELECT table, command, latest_fail_reason FROM system.mutations WHERE NOT is_done";
    error.message += `\nunfinished mutations: ${JSON.stringify(await moose.rows(unfinished), undefined, 2)}`;
    throw error;
  });
  const before = [...writer.acknowledged];
  const rows = await moose.rows<{ id: string }>("SELECT id FROM local.facts");
  const there = new Set(rows.map(({ id }) => id));
  expect(before.filter((id) => !there.has(id))).toEqual([]);
  expect(moose.stderr).toBe("");
  // The writer goes on, too.
  await until(
    () => writer.acknowledged.size > before.length,
    10_000,
    () => "no further row was acknowledged",
  );
}
