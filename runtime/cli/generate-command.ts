// moose generate migration: writes the plan as files that people review.

import { Command } from "commander";
import { hasErrors } from "../../src/diagnostic.js";
import { type GeneratedMigration, generateMigration, saveMigration } from "../reconcile/generate.js";
import { type PlanOptions, type ProjectPlan, planProject } from "../reconcile/plan-project.js";
import { loadDesired, reachServer } from "../reconcile/project.js";
import { askYes } from "./ask.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";
import { operationName, planLines, renameText } from "./plan-view.js";

interface GenerateFlags extends ProjectFlags {
  readonly save?: boolean;
  readonly adopt?: readonly string[];
  readonly yesAll?: boolean;
  readonly yesRename?: boolean;
  readonly yesDestructive?: boolean;
}

export function generateCommand(): Command {
  const migration = withProjectOptions(new Command("migration"))
    .description("Write a migration for review: what brings the database into line with the code.")
    .option("--save", "write the files below migrations/; without it the plan is printed")
    .option("--adopt <table...>", "count existing tables as moose's, as database.name")
    .option("--yes-rename", "take a column that looks renamed for renamed (MOOSE_ACCEPT_RENAME=1)")
    .option("--yes-destructive", "write operations that destroy data (MOOSE_ACCEPT_DESTRUCTIVE=1)")
    .option("--yes-all", "both (MOOSE_ACCEPT_ALL=1)")
    .action((flags: GenerateFlags) =>
      runOnce(flags, { needsCode: true, onlyLooks: true, printsResult: flags.save !== true }, (shot) =>
        generate(shot, flags),
      ),
    );
  return new Command("generate").description("Write files for review.").addCommand(migration);
}

async function generate(shot: OneShot, flags: GenerateFlags): Promise<number> {
  const { settings, colors } = shot;
  const loading = loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  const [code, server] = await Promise.all([loading, reachServer(settings, shot.stop)]);
  try {
    shot.problems(code.diagnostics);
    if (hasErrors(code.diagnostics)) return 1;
    const options: PlanOptions = {
      project: settings.project,
      database: settings.clickhouse.database,
      adopt: flags.adopt ?? [],
      renames: [],
    };
    const first = await planProject(server.clickhouse, code, options);
    shot.problems(first.planned.diagnostics);
    if (hasErrors(first.planned.diagnostics)) return 1;
    const renames = await acceptedRenames(shot, flags, first);
    if (renames === undefined) return 1;
    const plan =
      renames.length === 0 ? first : await planProject(server.clickhouse, code, { ...options, renames });
    return await write(shot, flags, plan, renames);
  } finally {
    await server.close();
  }
}

async function write(
  shot: OneShot,
  flags: GenerateFlags,
  plan: ProjectPlan,
  renames: PlanOptions["renames"],
): Promise<number> {
  const { settings, colors } = shot;
  const generated = generateMigration(plan, {
    createdAt: new Date().toISOString(),
    database: settings.clickhouse.database,
    renames,
  });
  for (const { operation, verdict } of generated.blocked)
    if (verdict.decision === "blocked") {
      shot.say(colors.yellow(`left out: ${operationName(operation)}: ${verdict.reason}`));
      shot.say(`    to go on: ${verdict.unblock}`);
    }
  if (!(await isDestructionAccepted(shot, flags, generated))) return 1;
  if (flags.save !== true) {
    if (shot.isJson) shot.json({ plan: generated.text });
    else shot.print(generated.text);
    return 0;
  }
  const operations = generated.operations.length;
  if (operations === 0) {
    const why =
      generated.blocked.length > 0
        ? "nothing is left to do"
        : "nothing to do: the database is as the code says";
    shot.say(`${why}; no file was written`);
    if (shot.isJson) shot.json({ saved: false, operations });
    return 0;
  }
  const problems = await saveMigration(settings.folder, generated);
  shot.problems(problems);
  if (problems.length > 0) return 1;
  for (const line of planLines(plan.report, colors, { showSql: false })) shot.say(line);
  shot.say("written: migrations/plan.yaml, remote_state.json, local_infra_map.json; review and commit them");
  if (shot.isJson) shot.json({ saved: true, operations });
  return 0;
}

/** The renames to be done as such; undefined when nobody said whether they are any. */
async function acceptedRenames(
  shot: OneShot,
  flags: GenerateFlags,
  { report }: ProjectPlan,
): Promise<PlanOptions["renames"] | undefined> {
  if (report.renames.length === 0) return [];
  if (isAccepted(flags.yesRename, flags, "RENAME")) return report.renames;
  if (shot.isInteractive) {
    const accepted = [];
    for (const rename of report.renames)
      if (await askYes(`${renameText(rename)}. Rename it, and keep its values?`, shot.stop))
        accepted.push(rename);
    return accepted;
  }
  shot.problems(
    report.renames.map((rename) => ({
      code: "cli/unconfirmed-rename",
      severity: "error",
      summary: renameText(rename),
      hint: `take it for renamed with --yes-rename, or say so in the row type: ${rename.to}: Renamed<.., "${rename.from}">; if it is not, remove ${rename.from} and add ${rename.to} in two migrations`,
    })),
  );
  return undefined;
}

async function isDestructionAccepted(
  shot: OneShot,
  flags: GenerateFlags,
  { destructive }: GeneratedMigration,
): Promise<boolean> {
  if (destructive.length === 0 || isAccepted(flags.yesDestructive, flags, "DESTRUCTIVE")) return true;
  const texts = destructive.map(({ operation }) => operationName(operation));
  if (shot.isInteractive) {
    const isYes = await askYes(`This destroys data, or can: ${texts.join(", ")}. Write it?`, shot.stop);
    if (!isYes) shot.say("no file was written");
    return isYes;
  }
  shot.problems(
    texts.map((text) => ({
      code: "cli/unconfirmed-destruction",
      severity: "error",
      summary: `${text} destroys data, or can`,
      hint: "write it all the same with --yes-destructive, or take the change back",
    })),
  );
  return false;
}

function isAccepted(
  flag: boolean | undefined,
  flags: GenerateFlags,
  what: "RENAME" | "DESTRUCTIVE",
): boolean {
  const isSet = (name: string) => ["1", "true"].includes(process.env[`MOOSE_ACCEPT_${name}`] ?? "");
  return flag === true || flags.yesAll === true || isSet(what) || isSet("ALL");
}
