// moose migrate: applies the reviewed migration; made for CI.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { readPlanFile } from "../migrations/plan-files.js";
import { codeDifferences } from "../reconcile/code-check.js";
import { migrate } from "../reconcile/migrate.js";
import type { MigrateOptions } from "../reconcile/migrate-options.js";
import { type MigrationSource, sourceOf } from "../reconcile/migration.js";
import { loadDesired, reachServer } from "../reconcile/project.js";
import { migrateView, resultLines } from "./migrate-view.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";
import { mooseVersion } from "./version.js";

interface MigrateFlags extends ProjectFlags {
  readonly lockTimeout: number;
  readonly statementTimeout: number;
  readonly repair?: boolean;
  readonly markApplied?: boolean;
  readonly markNotApplied?: boolean;
}

export function migrateCommand(): Command {
  return withProjectOptions(new Command("migrate"))
    .description(
      "Apply migrations/plan.yaml. Nothing is changed when the code or the database is not what it was generated for; a run that was killed is gone on with.",
    )
    .addOption(seconds("--lock-timeout <seconds>", "how long another run is waited for", 60))
    .addOption(seconds("--statement-timeout <seconds>", "how long one statement may take", 7_200))
    .option("--repair", "first take rewrites that failed out of the queue, and put their columns back")
    .option("--mark-applied", "the statement whose answer was lost has been applied")
    .option("--mark-not-applied", "the statement whose answer was lost has not been applied: send it again")
    .action((flags: MigrateFlags) => runOnce(flags, (shot) => runMigrate(shot, flags)));
}

function seconds(flag: string, text: string, otherwise: number): Option {
  return new Option(flag, text).default(otherwise).argParser((value) => {
    const number = Number(value);
    if (!Number.isFinite(number) || number < 0)
      throw new InvalidArgumentError("a number of seconds is needed");
    return number;
  });
}

async function runMigrate(shot: OneShot, flags: MigrateFlags): Promise<number> {
  const read = await readPlanFile(shot.settings.folder);
  if (read.kind === "absent") {
    shot.problems([noPlan]);
    return 1;
  }
  if (read.kind === "refused") {
    shot.problems(read.diagnostics);
    return 1;
  }
  const { files } = read;
  const source = sourceOf(files.plan.operations, files.remoteState, files.localInfraMap);
  const server = await reachServer(shot.settings);
  try {
    const problems = await codeProblems(shot, server.clickhouse, source);
    shot.problems(problems);
    if (hasErrors(problems)) return 1;
    return await execute(shot, flags, server.clickhouse, source);
  } finally {
    await server.close();
  }
}

/** Where code is present it has to be what the migration was generated from. */
async function codeProblems(
  shot: OneShot,
  clickhouse: ClickHouse,
  { desired }: MigrationSource,
): Promise<readonly Diagnostic[]> {
  const { settings, colors } = shot;
  if (desired === undefined || !existsSync(settings.entryFile)) return [];
  const code = await loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  if (hasErrors(code.diagnostics)) return code.diagnostics;
  return codeDifferences(clickhouse, desired, code.map);
}

async function execute(
  shot: OneShot,
  flags: MigrateFlags,
  clickhouse: ClickHouse,
  source: MigrationSource,
): Promise<number> {
  const view = migrateView(shot, source.operations.length);
  const result = await migrate(clickhouse, optionsOf(shot, flags, source, view.onEvent));
  view.end();
  for (const line of resultLines(result, shot.colors)) shot.say(line);
  if ("diagnostics" in result) shot.problems(result.diagnostics);
  if (shot.isJson) shot.json(result);
  return result.state === "applied" || result.state === "already-applied" ? 0 : 1;
}

export function optionsOf(
  { settings, stop }: OneShot,
  flags: MigrateFlags,
  source: MigrationSource,
  onEvent: MigrateOptions["onEvent"],
): MigrateOptions {
  const mark =
    flags.markApplied === true ? "applied" : flags.markNotApplied === true ? "not-applied" : undefined;
  return {
    project: settings.project,
    source,
    owner: { id: randomUUID(), host: hostname(), pid: process.pid, command: "moose migrate" },
    who: whoRuns(),
    toolVersion: mooseVersion(),
    lockTimeoutMs: flags.lockTimeout * 1_000,
    statementDeadlineMs: flags.statementTimeout * 1_000,
    repair: flags.repair === true,
    mark,
    stop,
    onEvent,
  };
}

/** What CI says of who began the job, else the user of the system. */
function whoRuns(): string {
  const { GITHUB_ACTOR, GITLAB_USER_LOGIN, BUILD_USER_ID } = process.env;
  return GITHUB_ACTOR ?? GITLAB_USER_LOGIN ?? BUILD_USER_ID ?? userInfo().username;
}

const noPlan: Diagnostic = {
  code: "cli/no-plan",
  severity: "error",
  summary: "there is no migrations/plan.yaml",
  hint: "moose generate migration --save writes one",
};
