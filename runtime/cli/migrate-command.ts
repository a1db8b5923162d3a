// moose migrate: applies the reviewed migration; made for CI.

import { existsSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Desired } from "../../src/declare/desired.js";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { hasPlanFile, readPlanFile } from "../migrations/plan-files.js";
import { planFileProblems } from "../reconcile/agreement.js";
import { migrate } from "../reconcile/migrate.js";
import { type MigrationSource, sourceOf } from "../reconcile/migration.js";
import { loadDesired, type ReachedKafka, reachKafka, reachServer } from "../reconcile/project.js";
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
    .addOption(
      new Option(
        "--mark-not-applied",
        "the statement whose answer was lost has not been applied: send it again",
      ).conflicts("markApplied"),
    )
    .option("--validate", "only check the files, against each other and the code; no database is needed")
    .option(
      "--baseline <id>",
      "of a chain: record the migrations up to this one as applied, after a look at the database",
    )
    .action((flags: MigrateFlags) =>
      runOnce(flags, { needsCode: false, onlyLooks: flags.validate === true }, (shot) =>
        chosenWork(shot, flags),
      ),
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

function chosenWork(shot: OneShot, flags: MigrateFlags): Promise<number> {
  if (flags.validate === true) return validate(shot);
  if (shot.settings.migration.mode === "chain") return runChain(shot, flags);
  if (flags.baseline === undefined) return runMigrate(shot, flags);
  shot.problems([noChain]);
  return Promise.resolve(1);
}

async function runMigrate(shot: OneShot, flags: MigrateFlags): Promise<number> {
  const { folder } = shot.settings;
  if (!hasPlanFile(folder)) return refuse(shot, [noPlan]);
  let loading: Promise<Desired | undefined> = Promise.resolve(undefined);
  // It runs in a process of its own, while this one is busy with the files.
  await new Promise<void>((goOn) => {
    loading = presentCode(shot, goOn);
    loading.then(
      () => goOn(),
      () => goOn(),
    );
  });
  const read = await readPlanFile(folder);
  if (read.kind === "absent") return refuse(shot, [noPlan]);
  if (read.kind === "refused") return refuse(shot, read.diagnostics);
  const { files } = read;
  const other = otherDatabase(shot, flags, files.defaultDatabase);
  if (other !== undefined) return refuse(shot, [other]);
  const source = sourceOf(files.plan.operations, files.remoteState, files.localInfraMap);
  const server = await reachServer(shot.settings, shot.stop);
  const kafka = await reachKafka(shot.settings);
  try {
    const code = await loading;
    const problems = hasErrors(code?.diagnostics ?? [])
      ? (code?.diagnostics ?? [])
      : await planFileProblems(
          server.clickhouse,
          shot.settings.project,
          files,
          code?.map,
          shot.settings.migration.ignoreOperations,
        );
    if (hasErrors(problems)) return refuse(shot, problems);
    return await execute(shot, flags, { clickhouse: server.clickhouse, kafka, source });
  } finally {
    await Promise.all([server.close(), kafka.close()]);
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
async function presentCode(
  { settings, colors, say }: OneShot,
  onSent: () => void,
): Promise<Desired | undefined> {
  if (!existsSync(settings.entryFile)) return undefined;
  return loadDesired(settings, (line) => say(colors.dim(`| ${line}`)), onSent);
}

interface Work {
  readonly clickhouse: ClickHouse;
  readonly kafka: ReachedKafka;
  readonly source: MigrationSource;
}

async function execute(
  shot: OneShot,
  flags: MigrateFlags,
  { clickhouse, kafka, source }: Work,
): Promise<number> {
  const view = migrateView(shot, source.operations.length);
  const options = { ...optionsOf(shot, flags), source, kafka, onEvent: view.onEvent };
  const result = await migrate(clickhouse, options).finally(view.end);
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
