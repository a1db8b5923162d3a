// moose migrate: applies the reviewed migration; made for CI.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Desired } from "../../src/declare/desired.js";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { readPlanFile } from "../migrations/plan-files.js";
import { planFileProblems } from "../reconcile/agreement.js";
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
    .addOption(
      new Option(
        "--mark-not-applied",
        "the statement whose answer was lost has not been applied: send it again",
      ).conflicts("markApplied"),
    )
    .action((flags: MigrateFlags) =>
      runOnce(flags, { needsCode: false, onlyLooks: false }, (shot) => runMigrate(shot, flags)),
    );
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
  if (read.kind === "absent") return refuse(shot, [noPlan]);
  if (read.kind === "refused") return refuse(shot, read.diagnostics);
  const { files } = read;
  const other = otherDatabase(shot, flags, files.defaultDatabase);
  if (other !== undefined) return refuse(shot, [other]);
  const source = sourceOf(files.plan.operations, files.remoteState, files.localInfraMap);
  const server = await reachServer(shot.settings, shot.stop);
  try {
    const code = await presentCode(shot);
    const problems = hasErrors(code?.diagnostics ?? [])
      ? (code?.diagnostics ?? [])
      : await planFileProblems(server.clickhouse, shot.settings.project, files, code?.map);
    if (hasErrors(problems)) return refuse(shot, problems);
    return await execute(shot, flags, server.clickhouse, source);
  } finally {
    await server.close();
  }
}

/** Where nobody says which database it is, the files do. */
function otherDatabase({ settings }: OneShot, flags: MigrateFlags, ofFiles: string): Diagnostic | undefined {
  const { database } = settings.clickhouse;
  const path = flags.clickhouseUrl === undefined ? "/" : new URL(flags.clickhouseUrl).pathname;
  if (database === ofFiles || (path === "/" && !existsSync(settings.entryFile))) return undefined;
  return {
    code: "cli/other-database",
    severity: "error",
    summary: `the migration was generated for the database ${ofFiles}, and this is to work on ${database}`,
    hint: `name ${ofFiles} in --clickhouse-url or as db_name, or generate the migration for ${database}`,
  };
}

function refuse(shot: OneShot, diagnostics: readonly Diagnostic[]): number {
  shot.problems(diagnostics);
  shot.say(shot.colors.red("nothing was changed"));
  if (shot.isJson) shot.json({ state: "refused", diagnostics });
  return 1;
}

/** Where code is present it has to be what the migration was generated from; an image may have the files alone. */
async function presentCode({ settings, colors, say }: OneShot): Promise<Desired | undefined> {
  if (!existsSync(settings.entryFile)) return undefined;
  return loadDesired(settings, (line) => say(colors.dim(`| ${line}`)));
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
