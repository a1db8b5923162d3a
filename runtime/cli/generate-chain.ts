// moose generate migration in a project with a chain: what the code has beyond its files becomes the next one.

import { hasErrors } from "../../src/diagnostic.js";
import { type FoldedChain, foldChain, migrationText, nextMigration } from "../../src/format/chain.js";
import { readChain, writeMigrationFile } from "../migrations/chain-files.js";
import { migrationsFolder } from "../migrations/files.js";
import { isNothing, lifeCycleAddress } from "../reconcile/chain-plan.js";
import { loadExactly } from "../reconcile/project.js";
import type { GenerateFlags } from "./confirm.js";
import {
  type ConfirmedPlan,
  commentsOnPlan,
  confirmedPlan,
  isAccepted,
  isPlanSound,
} from "./generate-plan.js";
import type { OneShot } from "./one-shot.js";
import { planLines } from "./plan-view.js";

export async function generateChain(shot: OneShot, flags: GenerateFlags): Promise<number> {
  const { settings, colors } = shot;
  const loading = loadExactly(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  const [code, chain] = await Promise.all([loading, readFolded(shot)]);
  shot.problems(code.diagnostics);
  if (chain === undefined || hasErrors(code.diagnostics)) return 1;
  const confirmed = await confirmedPlan(shot, flags, chain.map, code.map);
  if (confirmed === undefined) return 1;
  return write(shot, flags, chain, confirmed);
}

/** The chain as it is in the project; undefined after its problems were told. */
export async function readFolded({ settings, problems }: OneShot): Promise<FoldedChain | undefined> {
  const { namespace } = settings.topics;
  const read = await readChain(settings.folder, settings.clickhouse.database, namespace);
  problems(read.diagnostics);
  if (read.diagnostics.length > 0) return undefined;
  const folded = foldChain(read.files, settings.clickhouse.database, namespace);
  problems(folded.problems);
  return folded.problems.length > 0 ? undefined : folded;
}

async function write(
  shot: OneShot,
  flags: GenerateFlags,
  chain: FoldedChain,
  { plan, renames }: ConfirmedPlan,
): Promise<number> {
  const { settings, colors } = shot;
  const { database } = settings.clickhouse;
  if (!isPlanSound(shot, plan)) return 1;
  if (isNothing(plan)) {
    shot.say("nothing to do: the migrations lead to what the code says; no file was written");
    if (shot.isJson) shot.json({ saved: false, operations: 0 });
    return 0;
  }
  if (!(await isAccepted(shot, flags, plan))) return 1;
  const { operations, lifeCycles } = plan;
  const migration = nextMigration(chain.files, chain.map, {
    ...{ operations, lifeCycles },
    name: flags.name,
    createdAt: new Date().toISOString(),
    defaultDatabase: database,
    namespace: settings.topics.namespace,
  });
  const comments = commentsOnPlan(plan, renames);
  if (flags.save !== true) {
    const text = migrationText(migration, database, comments);
    if (shot.isJson) shot.json({ migration: text });
    else shot.print(text);
    return 0;
  }
  const problems = await writeMigrationFile(settings.folder, migration, database, comments);
  shot.problems(problems);
  if (problems.length > 0) return 1;
  if (operations.length > 0)
    for (const line of planLines(plan.report, colors, { showSql: false })) shot.say(line);
  for (const one of lifeCycles) shot.say(`~ ${lifeCycleAddress(one)}: lifecycle ${one.lifeCycle}`);
  const file = `${migrationsFolder}/${migration.id}.yaml`;
  shot.say(`written: ${file}; review and commit it`);
  if (shot.isJson) shot.json({ saved: true, file, id: migration.id, operations: operations.length });
  return 0;
}
