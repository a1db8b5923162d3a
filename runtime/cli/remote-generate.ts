// moose generate migration --url: a reviewed plan from what a moose server manages to what the code says.

import { hasErrors } from "../../src/diagnostic.js";
import { readInfraMap } from "../../src/format/inframap-json.js";
import { planText } from "../../src/format/plan-document.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { type GuessedRename, withDeclaredRenames } from "../../src/plan/guess-renames.js";
import { Normaliser } from "../clickhouse/normalise.js";
import { type PlanFiles, writePlanFiles } from "../migrations/plan-files.js";
import { type ChainPlan, planChain } from "../reconcile/chain-plan.js";
import { commentsOn } from "../reconcile/generate.js";
import { loadDesired, reachIfThere } from "../reconcile/project.js";
import { acceptedRenames, type GenerateFlags, isDestructionAccepted, leftOutLines } from "./confirm.js";
import type { OneShot } from "./one-shot.js";
import { operationName, planLines } from "./plan-view.js";
import { adminClient } from "./remote.js";

/** As with a chain, every table is taken to hold rows: the server tells its tables, not what is in them. */
export async function generateRemote(shot: OneShot, flags: GenerateFlags, url: string): Promise<number> {
  const { settings, colors } = shot;
  const client = adminClient(shot, url);
  const loading = loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  const [code, answer] = await Promise.all([loading, client.infraMap()]);
  const remote = readInfraMap(answer);
  shot.problems(code.diagnostics);
  shot.problems(remote.problems);
  if (hasErrors(code.diagnostics) || remote.problems.length > 0) return 1;
  const server = await reachIfThere(settings, shot.stop, ({ summary }) =>
    shot.say(colors.yellow(`${summary}; texts are compared as they are written`)),
  );
  try {
    const normaliser = server && new Normaliser(server.clickhouse, undefined);
    const first = await planChain(remote.map, code.map, normaliser);
    const renames = await acceptedRenames(shot, flags, first.report.renames);
    if (renames === undefined) return 1;
    const wanted = withDeclaredRenames(code.map, renames);
    const plan = renames.length === 0 ? first : await planChain(remote.map, wanted, normaliser);
    return await write(shot, flags, { remote: remote.map, wanted, plan, renames });
  } finally {
    await server?.close();
  }
}

interface Written {
  readonly remote: InfraMap;
  readonly wanted: InfraMap;
  readonly plan: ChainPlan;
  readonly renames: readonly GuessedRename[];
}

async function write(
  shot: OneShot,
  flags: GenerateFlags,
  { remote, wanted, plan, renames }: Written,
): Promise<number> {
  const { settings, colors } = shot;
  const { database } = settings.clickhouse;
  for (const line of leftOutLines(plan.leftOut)) shot.say(colors.yellow(line));
  shot.problems(plan.diagnostics);
  if (hasErrors(plan.diagnostics)) return 1;
  const judged = plan.report.operations;
  const destructive = judged.flatMap(({ operation }) =>
    operation.destructive ? [operationName(operation)] : [],
  );
  if (!(await isDestructionAccepted(shot, flags, destructive))) return 1;
  const file = { createdAt: new Date().toISOString(), operations: plan.operations };
  const comments = commentsOn(judged, renames);
  if (flags.save !== true) {
    const text = planText(file, database, comments);
    if (shot.isJson) shot.json({ plan: text });
    else shot.print(text);
    return 0;
  }
  if (plan.operations.length === 0) {
    shot.say("nothing to do: the server manages what the code says; no file was written");
    if (shot.isJson) shot.json({ saved: false, operations: 0 });
    return 0;
  }
  const files: PlanFiles = {
    plan: file,
    remoteState: remote,
    localInfraMap: wanted,
    defaultDatabase: database,
  };
  const problems = await writePlanFiles(settings.folder, files, comments);
  shot.problems(problems);
  if (hasErrors(problems)) return 1;
  for (const line of planLines(plan.report, colors, { showSql: false })) shot.say(line);
  shot.say("written: migrations/plan.yaml, remote_state.json, local_infra_map.json; review and commit them");
  if (shot.isJson) shot.json({ saved: true, operations: plan.operations.length });
  return 0;
}
