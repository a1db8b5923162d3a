// moose migrate: applies the reviewed migration; made for CI.

import { existsSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { readPlanFile } from "../migrations/plan-files.js";
import { codeDifferences } from "../reconcile/code-check.js";
import { migrate } from "../reconcile/migrate.js";
import { type MigrationSource, sourceOf } from "../reconcile/migration.js";
import { loadDesired, reachServer } from "../reconcile/project.js";
import { runChain } from "./migrate-chain.js";
import { type MigrateFlags, optionsOf } from "./migrate-flags.js";
import { migrateView, resultLines } from "./migrate-view.js";
import { type OneShot, runOnce, withProjectOptions } from "./one-shot.js";
import { validate } from "./validate.js";

export function migrateCommand(): Command {
  return withProjectOptions(new Command("migrate"))
    .description(
      "Apply migrations/plan.yaml, or of a chain the files that this database has not seen. Nothing is changed when the code or the database is not what they were generated for; a run that was killed is gone on with.",
    )
    .addOption(seconds("--lock-timeout <seconds>", "how long another run is waited for", 60))
    .addOption(seconds("--statement-timeout <seconds>", "how long one statement may take", 7_200))
    .option("--repair", "first take rewrites that failed out of the queue, and put their columns back")
    .option("--mark-applied", "the statement whose answer was lost has been applied")
    .option("--mark-not-applied", "the statement whose answer was lost has not been applied: send it again")
    .option("--validate", "only check the files, against each other and the code; no database is needed")
    .option(
      "--baseline <id>",
      "of a chain: record the migrations up to this one as applied, after a look at the database",
    )
    .action((flags: MigrateFlags) => runOnce(flags, (shot) => chosenWork(shot, flags)));
}

function seconds(flag: string, text: string, otherwise: number): Option {
  return new Option(flag, text).default(otherwise).argParser((value) => {
    const number = Number(value);
    if (!Number.isFinite(number) || number < 0)
      throw new InvalidArgumentError("a number of seconds is needed");
    return number;
  });
}

function chosenWork(shot: OneShot, flags: MigrateFlags): Promise<number> {
  if (flags.validate === true) return validate(shot);
  if (shot.settings.migration.mode === "chain") return runChain(shot, flags);
  if (flags.baseline === undefined) return runMigrate(shot, flags);
  shot.problems([noChain]);
  return Promise.resolve(1);
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
  const result = await migrate(clickhouse, { ...optionsOf(shot, flags), source, onEvent: view.onEvent });
  view.end();
  for (const line of resultLines(result, shot.colors)) shot.say(line);
  if ("diagnostics" in result) shot.problems(result.diagnostics);
  if (shot.isJson) shot.json(result);
  return result.state === "applied" || result.state === "already-applied" ? 0 : 1;
}

const noChain: Diagnostic = {
  code: "cli/no-chain",
  severity: "error",
  summary: "--baseline is for a chain of migrations, and this project has a single plan",
  hint: 'a chain is chosen with mode = "chain" under [migration_config]',
};

const noPlan: Diagnostic = {
  code: "cli/no-plan",
  severity: "error",
  summary: "there is no migrations/plan.yaml",
  hint: "moose generate migration --save writes one",
};
