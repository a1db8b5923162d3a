// moose generate migration --url: a reviewed plan from what a moose server manages to what the code says.

import { hasErrors } from "../../src/diagnostic.js";
import { readInfraMap } from "../../src/format/inframap-json.js";
import { planText } from "../../src/format/plan-document.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { type PlanFiles, writePlanFiles } from "../migrations/plan-files.js";
import { loadDesired } from "../reconcile/project.js";
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
  // Which configs are moose's is not among what a server tells: those that the code does not name stay.
  const confirmed = await confirmedPlan(shot, flags, remote.map, code.map, () => new Set());
  if (confirmed === undefined) return 1;
  return write(shot, flags, remote.map, confirmed);
}

async function write(
  shot: OneShot,
  flags: GenerateFlags,
  remote: InfraMap,
  { wanted, plan, renames }: ConfirmedPlan,
): Promise<number> {
  const { settings, colors } = shot;
  const { database } = settings.clickhouse;
  if (!isPlanSound(shot, plan)) return 1;
  if (!(await isAccepted(shot, flags, plan))) return 1;
  const file = { createdAt: new Date().toISOString(), operations: plan.operations };
  const comments = commentsOnPlan(plan, renames);
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
