// moose migrations: what was applied to this database, by whom and when.

import { Command } from "commander";
import type { Colors } from "picocolors/types.js";
import { JournalReader, type JournalRecord, type RunSummary } from "../clickhouse/journal.js";
import { reachServer } from "../reconcile/project.js";
import { durationText } from "./human-view.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";

interface ListFlags extends ProjectFlags {
  readonly limit: string;
}

export function migrationsCommand(): Command {
  const list = withProjectOptions(new Command("list"))
    .description("Show the runs, the newest first.")
    .option("--limit <number>", "how many", "20")
    .action((flags: ListFlags) =>
      runOnce(flags, (shot) => listRuns(shot, Math.max(1, Number(flags.limit) || 20))),
    );
  const show = withProjectOptions(new Command("show"))
    .description("Show what one run did, statement by statement.")
    .argument("<run>", "id of the run, or its beginning")
    .action((id: string, flags: ProjectFlags) => runOnce(flags, (shot) => showRun(shot, id)));
  return new Command("migrations")
    .description("Show what was applied to this database: who, when, how long, with what result.")
    .addCommand(list)
    .addCommand(show);
}

async function listRuns(shot: OneShot, limit: number): Promise<number> {
  const server = await reachServer(shot.settings);
  try {
    const runs = await new JournalReader(server.clickhouse, shot.settings.project).runs({ limit });
    if (shot.isJson) shot.json(runs);
    else if (runs.length === 0) shot.say("no migration has run on this database");
    else for (const run of runs) shot.say(runLine(run, shot.colors));
    return 0;
  } finally {
    await server.close();
  }
}

function runLine(run: RunSummary, colors: Colors): string {
  const { runId, who, host, startedAt, durationMs, done, failed, unknown, error, endedAt, migrationId } = run;
  const result =
    endedAt === ""
      ? colors.yellow("not ended")
      : error === ""
        ? colors.green("applied")
        : colors.red(`failed: ${error}`);
  const counts = [
    `${done} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ];
  return [
    runId.slice(0, 8),
    startedAt.slice(0, 19),
    `${who}@${host}`,
    migrationId,
    counts.join(", "),
    durationText(durationMs),
    result,
  ].join("  ");
}

async function showRun(shot: OneShot, id: string): Promise<number> {
  const server = await reachServer(shot.settings);
  try {
    const reader = new JournalReader(server.clickhouse, shot.settings.project);
    const runs = await reader.runs({ limit: 10_000 });
    const run = runs.find(({ runId }) => runId.startsWith(id));
    if (run === undefined) {
      shot.problems([
        {
          code: "cli/unknown-run",
          severity: "error",
          summary: `there is no run ${id}`,
          hint: "moose migrations list shows them",
        },
      ]);
      return 1;
    }
    const records = await reader.run(run.runId);
    if (shot.isJson) shot.json({ run, records });
    else
      for (const line of [
        runLine(run, shot.colors),
        ...records.flatMap((one) => recordLines(one, shot.colors)),
      ])
        shot.say(line);
    return 0;
  } finally {
    await server.close();
  }
}

function recordLines(record: JournalRecord, colors: Colors): readonly string[] {
  const { at, kind, operation, step, operationKind, address, sql, durationMs, error } = record;
  const where = operation < 0 ? "" : `${operation + 1}.${Math.max(step, 0) + 1} ${operationKind} ${address}`;
  const time = durationMs > 0 ? durationText(durationMs) : "";
  return [
    [at.slice(11, 23), kind.padEnd(11), where, time].filter((part) => part !== "").join("  "),
    ...(sql === "" ? [] : [colors.dim(`    ${sql}`)]),
    ...(error === "" ? [] : [colors.red(`    ${error}`)]),
  ];
}
