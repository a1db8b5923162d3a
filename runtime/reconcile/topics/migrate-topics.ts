// The topics' half of moose migrate: checked before anything is done, executed after the tables, resumed by looking.

import type { Diagnostic } from "../../../src/diagnostic.js";
import { topicAddress } from "../../../src/infra/topic.js";
import type { OperationResult } from "../../../src/status/migration-report.js";
import { inspectTopics, type LiveTopic } from "../../kafka/inspect.js";
import { KafkaProblem } from "../../kafka/problem.js";
import { recordOf, recordTopics } from "./records.js";
import { blockedOf, driftOf } from "./topic-drift.js";
import { hasTopics, type TopicHistory } from "./topic-history.js";
import { historiesOf, isAtEnd, liveTopic, type TopicMigration } from "./topic-migration.js";
import { notConfigured, unfitting, unreachable } from "./topic-problems.js";
import { TopicRun } from "./topic-run.js";

/** How the topics stand before anything is done. */
export type TopicCheck =
  /** Nothing of the migration is about topics. */
  | { readonly kind: "none" }
  /** The tables can go on; this is said at the end. */
  | { readonly kind: "away"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "done" }
  | { readonly kind: "open" };

/** @throws KafkaProblem never; a Kafka that is away is a result */
export async function checkTopics(migration: TopicMigration): Promise<TopicCheck> {
  const { source, access } = migration;
  if (!hasTopics(source)) return { kind: "none" };
  const found = historiesOf(migration);
  if ("problem" in found) return { kind: "refused", diagnostics: [unfitting(found.problem, found.index)] };
  const { kafka } = access;
  if (kafka === undefined) return { kind: "away", diagnostics: [notConfigured(access)] };
  try {
    const { topics: live } = await inspectTopics(kafka);
    const refused = [
      ...driftOf(migration, found.histories, live),
      ...blockedOf(migration, found.histories, live),
    ];
    if (refused.length > 0) return { kind: "refused", diagnostics: refused };
    const isDone = found.histories.every((history) => isAtEnd(history, liveTopic(live, history.name)));
    return { kind: isDone ? "done" : "open" };
  } catch (error) {
    if (!(error instanceof KafkaProblem)) throw error;
    return { kind: "away", diagnostics: [unreachable(error)] };
  }
}

export interface TopicsMigrated {
  readonly operations: readonly OperationResult[];
  /** Empty where everything is done. */
  readonly diagnostics: readonly Diagnostic[];
}

/** After a lost answer one looks; more often than this a person has to. */
const mostLooks = 5;

/** Executes what is left; called with a check that said `open` or `done`. */
export async function migrateTopics(migration: TopicMigration): Promise<TopicsMigrated> {
  const { source, access, state } = migration;
  const found = historiesOf(migration);
  if ("problem" in found || access.kafka === undefined)
    throw new Error("topics are migrated after a check only");
  const run = new TopicRun(migration, access.kafka, found.histories);
  try {
    let isOpen = true;
    for (let looks = 0; isOpen && looks < mostLooks; looks++) isOpen = (await run.round()) === "look";
    const live = (await inspectTopics(access.kafka)).topics;
    const diagnostics = [...run.problems(), ...(run.hasFailed ? [] : unconverged(found.histories, live))];
    await recordMigrated(migration, found.histories, live);
    await recordTopics(state, live, source.desired?.topics ?? new Map());
    return { operations: run.results, diagnostics };
  } catch (error) {
    if (!(error instanceof KafkaProblem)) throw error;
    return { operations: run.results, diagnostics: [...run.problems(), unreachable(error)] };
  }
}

/** The file is the permission to work on its topics: they are moose's from now on, but not what others set on them. */
async function recordMigrated(
  { state, source, access }: TopicMigration,
  histories: readonly TopicHistory[],
  live: readonly LiveTopic[],
): Promise<void> {
  const { namespace } = access;
  const touched = new Map(histories.map((history) => [history.name, history]));
  const there = live.flatMap(({ topic: { name, config, lifeCycle }, topicId }) => {
    const history = touched.get(name);
    const declared = source.desired?.topics.get(name);
    if (history === undefined && declared === undefined) return [];
    const record = state.get(topicAddress(name));
    const set = history?.states.flatMap((one, index) => {
      const before = history.states[index - 1]?.config ?? {};
      return index === 0
        ? []
        : Object.keys(one?.config ?? {}).filter((key) => one?.config[key] !== before[key]);
    });
    const configs = [...(record?.owned === true ? record.columns : []), ...(set ?? [])];
    const last = declared?.lifeCycle ?? record?.lifeCycle ?? lifeCycle;
    const own = configs.filter((key) => config[key] !== undefined);
    return [recordOf({ name, namespace, topicId, lifeCycle: last, configs: own, owned: true })];
  });
  const gone = histories.flatMap(({ name }) => {
    const record = state.get(topicAddress(name));
    const isThere = live.some(({ topic }) => topic.name === name);
    return isThere || record?.owned !== true ? [] : [{ ...record, owned: false }];
  });
  await state.put([...there, ...gone]);
}

function unconverged(histories: readonly TopicHistory[], live: readonly LiveTopic[]): readonly Diagnostic[] {
  return histories
    .filter((history) => !isAtEnd(history, liveTopic(live, history.name)))
    .map(({ name }) => ({
      code: "reconcile/unconverged",
      severity: "error",
      summary: `topic ${name} still differs after everything was applied`,
      hint: "please report this as a fault of moose",
    }));
}
