// The plan from one map to the code, with the renames that somebody has confirmed: what a chain and a remote server need.

import { hasErrors } from "../../src/diagnostic.js";
import type { OwnConfigs } from "../../src/diff/diff-topics.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { type GuessedRename, withDeclaredRenames } from "../../src/plan/guess-renames.js";
import { Normaliser } from "../clickhouse/normalise.js";
import { type ChainPlan, planChain } from "../reconcile/chain-plan.js";
import { commentsOn } from "../reconcile/generate.js";
import { reachIfThere } from "../reconcile/project.js";
import {
  acceptedRenames,
  type GenerateFlags,
  isDestructionAccepted,
  leftOutLines,
  leftOutTopicLines,
} from "./confirm.js";
import type { OneShot } from "./one-shot.js";
import { operationName } from "./plan-view.js";
import { topicOperationName } from "./topic-view.js";

export interface ConfirmedPlan {
  readonly plan: ChainPlan;
  readonly renames: readonly GuessedRename[];
  /** The code, with the renames as if it had declared them. */
  readonly wanted: InfraMap;
}

/** Asks a server for its words where one is there; undefined where a question was not answered. */
export async function confirmedPlan(
  shot: OneShot,
  flags: GenerateFlags,
  from: InfraMap,
  code: InfraMap,
  ownConfigs?: OwnConfigs,
): Promise<ConfirmedPlan | undefined> {
  const server = await reachIfThere(shot.settings, shot.stop, ({ summary }) =>
    shot.say(shot.colors.yellow(`${summary}; texts are compared as they are written`)),
  );
  try {
    const normaliser = server && new Normaliser(server.clickhouse, undefined);
    const options = { ownConfigs, ignored: shot.settings.migration.ignoreOperations };
    const first = await planChain(from, code, normaliser, options);
    const renames = await acceptedRenames(shot, flags, first.report.renames);
    if (renames === undefined) return undefined;
    const wanted = withDeclaredRenames(code, renames);
    const plan = renames.length === 0 ? first : await planChain(from, wanted, normaliser, options);
    return { plan, renames, wanted };
  } finally {
    await server?.close();
  }
}

/** Whether what the plan destroys was accepted. */
export async function isAccepted(shot: OneShot, flags: GenerateFlags, plan: ChainPlan): Promise<boolean> {
  const onTables = plan.report.operations.flatMap(({ operation }) =>
    operation.destructive ? [operationName(operation)] : [],
  );
  const onTopics = plan.topics.destructive.map(topicOperationName);
  return isDestructionAccepted(shot, flags, [...onTables, ...onTopics]);
}

/** What a reviewer has to know of the operations, by their place. */
export function commentsOnPlan(
  { report, topics }: ChainPlan,
  renames: readonly GuessedRename[],
): ReadonlyMap<number, string> {
  const before = report.operations.length;
  const onTopics = [...topics.comments].map(([index, text]) => [before + index, text] as const);
  return new Map([...commentsOn(report.operations, renames), ...onTopics]);
}

/** Says what is left out and what is wrong; true where nothing is wrong. */
export function isPlanSound(shot: OneShot, plan: ChainPlan): boolean {
  for (const line of [...leftOutLines(plan.leftOut), ...leftOutTopicLines(plan.topics.blocked)])
    shot.say(shot.colors.yellow(line));
  shot.problems(plan.diagnostics);
  return !hasErrors(plan.diagnostics);
}
