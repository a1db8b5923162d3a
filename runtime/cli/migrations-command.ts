// moose migrations: what was applied to this database, by whom and when.

import { Command, InvalidArgumentError, Option } from "commander";
import type { Colors } from "picocolors/types.js";
import { JournalReader, type JournalRecord, type RunSummary } from "../clickhouse/journal.js";
import { reachServer } from "../reconcile/project.js";
import { durationText } from "./human-view.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";

interface ListFlags extends ProjectFlags {
  readonly limit: number;
}

export function migrationsCommand(): Command {
  const list = withProjectOptions(new Command("list"))
    .description("Show the runs, the newest first.")
    .addOption(new Option("--limit <number>", "how many").default(20).argParser(countOf))
    .action((flags: ListFlags) =>
      runOnce(flags, { needsCode: false, onlyLooks: true }, (shot) => listRuns(shot, flags.limit)),
    );
  const show = withProjectOptions(new Command("show"))
    .description("Show what one run did, statement by statement.")
    .argument("<run>", "id of the run, or its beginning")
    .action((id: string, flags: ProjectFlags) =>
      runOnce(flags, { needsCode: false, onlyLooks: true }, (shot) => showRun(shot, id)),
    );
  return new Command("migrations")
    .description("Show what was applied to this database: who, when, how long, with what result.")
    .addCommand(list)
    .addCommand(show);
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError("a whole number from 1 is needed");
  return count;
}

async function listRuns(shot: OneShot, limit: number): Promise<number> {
  const server = await reachServer(shot.settings, shot.stop);
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
    `${done} ${done === 1 ? "operation" : "operations"} done`,
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
  const server = await reachServer(shot.settings, shot.stop);
  try {
    const reader = new JournalReader(server.clickhouse, shot.settings.project);
    const runs = await reader.runs({ limit: 10_000 });
    const [run, ...others] = runs.filter(({ runId }) => runId.startsWith(id));
    if (run === undefined || others.length > 0) {
      const summary =
        run === undefined ? `there is no run ${id}` : `${1 + others.length} runs begin with ${id}`;
      const hint = "moose migrations list shows the runs";
      shot.problems([{ code: "cli/unknown-run", severity: "error", summary, hint }]);
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
