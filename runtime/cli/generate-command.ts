// moose generate migration: writes the plan as files that people review.

import { Command } from "commander";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import { generateMigration, saveMigration } from "../reconcile/generate.js";
import { type PlanOptions, type ProjectPlan, planProject } from "../reconcile/plan-project.js";
import { loadDesired, reachKafka, reachServer } from "../reconcile/project.js";
import {
  acceptedRenames,
  type GenerateFlags,
  isDestructionAccepted,
  leftOutLines,
  leftOutTopicLines,
} from "./confirm.js";
import { generateChain } from "./generate-chain.js";
import { hashTokenCommand } from "./hash-token-command.js";
import { type OneShot, runOnce, withProjectOptions } from "./one-shot.js";
import { operationName, planLines } from "./plan-view.js";
import { withRemoteOptions } from "./remote.js";
import { generateRemote } from "./remote-generate.js";
import { topicOperationName } from "./topic-view.js";

export function generateCommand(): Command {
  const migration = withRemoteOptions(withProjectOptions(new Command("migration")))
    .description(
      "Write a migration for review: what brings the database into line with the code. With a chain: what its files lack of the code; no database is needed then.",
    )
    .option("--save", "write the files below migrations/; without it the plan is printed")
    .option("--name <name>", "what the file of a chain is called, after its time", "migration")
    .option("--adopt <table...>", "count existing tables as moose's, as database.name")
    .option("--yes-rename", "take a column that looks renamed for renamed (MOOSE_ACCEPT_RENAME=1)")
    .option("--yes-destructive", "write operations that destroy data (MOOSE_ACCEPT_DESTRUCTIVE=1)")
    .option("--yes-all", "both (MOOSE_ACCEPT_ALL=1)")
    .action((flags: GenerateFlags) =>
      runOnce(flags, { needsCode: true, onlyLooks: true, printsResult: flags.save !== true }, (shot) =>
        way(shot, flags),
      ),
    );
  return new Command("generate")
    .description("Write files for review, and tokens.")
    .addCommand(migration)
    .addCommand(hashTokenCommand());
}

function way(shot: OneShot, flags: GenerateFlags): Promise<number> {
  if (shot.settings.migration.mode === "chain") {
    if (flags.url !== undefined)
      shot.say(shot.colors.dim("a chain is compared with its files: --url is not asked"));
    return generateChain(shot, flags);
  }
  return flags.url === undefined ? generate(shot, flags) : generateRemote(shot, flags, flags.url);
}

async function generate(shot: OneShot, flags: GenerateFlags): Promise<number> {
  const { settings, colors } = shot;
  const loading = loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  const [code, server] = await Promise.all([loading, reachServer(settings, shot.stop)]);
  const kafka = await reachKafka(settings);
  try {
    shot.problems(code.diagnostics);
    if (hasErrors(code.diagnostics)) return 1;
    const options: PlanOptions = {
      project: settings.project,
      database: settings.clickhouse.database,
      adopt: flags.adopt ?? [],
      renames: [],
      ignored: settings.migration.ignoreOperations,
      kafka,
    };
    const first = await planProject(server.clickhouse, code, options);
    shot.problems(first.planned.diagnostics);
    if (hasErrors(first.planned.diagnostics)) return 1;
    const renames = await acceptedRenames(shot, flags, first.report.renames);
    if (renames === undefined) return 1;
    const plan =
      renames.length === 0 ? first : await planProject(server.clickhouse, code, { ...options, renames });
    return await write(shot, flags, plan, renames);
  } finally {
    await Promise.all([server.close(), kafka.close()]);
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
  const { topics } = generated;
  for (const line of leftOutLines(generated.blocked)) shot.say(colors.yellow(line));
  for (const line of leftOutTopicLines(topics.blocked)) shot.say(colors.yellow(line));
  if (!topics.areRead) shot.problems([topicsLeftOut]);
  const destructive = [
    ...generated.destructive.map(({ operation }) => operationName(operation)),
    ...topics.destructive.map(topicOperationName),
  ];
  if (!(await isDestructionAccepted(shot, flags, destructive))) return 1;
  if (flags.save !== true) {
    if (shot.isJson) shot.json({ plan: generated.text });
    else shot.print(generated.text);
    return 0;
  }
  const operations = generated.operations.length;
  if (operations === 0) {
    const why =
      generated.blocked.length + topics.blocked.length > 0
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

const topicsLeftOut: Diagnostic = {
  code: "cli/topics-left-out",
  severity: "warning",
  summary: "Kafka could not be asked, so the migration says nothing of topics",
  hint: "generate it again when Kafka can be reached, to have them in it",
};
