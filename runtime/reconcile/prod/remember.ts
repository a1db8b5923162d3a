// What a server writes down when everything is in line: that this deployment was here, and what it was told to take over.

import type { Address } from "../../../src/infra/address.js";
import { topicAddress } from "../../../src/infra/topic.js";
import { writeDeployment } from "../../clickhouse/deployments.js";
import type { Lock } from "../../clickhouse/lock.js";
import { recordSqlResources } from "../../clickhouse/sql-resource-records.js";
import { readState, State } from "../../clickhouse/state.js";
import { adopt, ownership, recordApplied } from "../ownership.js";
import { adoptTopics } from "../topics/records.js";
import { adoptViews, recordViews, viewOwnership } from "../view-ownership.js";
import type { Ground } from "./ground.js";
import type { Look } from "./look.js";

export interface RememberOptions {
  readonly project: string;
  /** Existing tables, views and topics that were named to be taken over. */
  readonly adopt: readonly Address[];
  /** Undefined while another has it. */
  readonly takeLock: () => Promise<Lock | undefined>;
}

/** False where another had the lock; then it is to be tried again. */
export async function remember(ground: Ground, look: Look, options: RememberOptions): Promise<boolean> {
  const { deployment } = ground;
  if (look.supersededBy !== undefined) return true;
  const named = await notYetOurs(ground, options);
  const isKnown = look.latest?.hash === deployment.hash;
  if (isKnown && named.length === 0) return true;
  const lock = await options.takeLock();
  // Of another server that holds it the deployment is to be expected too, but not that it was told what to take over.
  if (lock === undefined) return named.length === 0;
  try {
    if (named.length > 0) await takeOver(lock, ground, named, options.project);
    if (!isKnown) await rememberSchema(lock, look, options.project);
    if (!isKnown) await writeDeployment(lock.clickhouse, lock.database, deployment);
    return true;
  } finally {
    await lock.release();
  }
}

/** What is in line already is changed by nobody, and so would never be recorded. */
async function notYetOurs(ground: Ground, options: RememberOptions): Promise<readonly Address[]> {
  if (options.adopt.length === 0) return [];
  const state = await readState(ground.clickhouse, options.project);
  const { tables, views } = await ground.refresh();
  const { map } = ground.desired;
  const ours = new Set([...ownership(state, tables).keys(), ...viewOwnership(state, views).keys()]);
  const topics = new Set([...map.topics.keys()].map(topicAddress));
  return options.adopt.filter((address) => {
    if (topics.has(address)) return state.get(address)?.owned !== true;
    const isDeclared = map.tables.has(address) || map.views.has(address);
    return isDeclared && !ours.has(address) && (tables.has(address) || views.has(address));
  });
}

/** Lifecycles and teardowns that have changed alone are applied by no operation, but they are the ones that count. */
async function rememberSchema(lock: Lock, { planned: { wanted } }: Look, project: string): Promise<void> {
  const state = await State.open(lock.clickhouse, project, { database: lock.database });
  await recordApplied(state, wanted, new Set());
  await recordViews(state, wanted);
  await recordSqlResources(state, wanted.sqlResources);
}

async function takeOver(
  lock: Lock,
  ground: Ground,
  named: readonly Address[],
  project: string,
): Promise<void> {
  const state = await State.open(lock.clickhouse, project, { database: lock.database });
  const { tables, views } = await ground.refresh();
  const { map } = ground.desired;
  await adopt(state, tables, map, named);
  await adoptViews(state, views, map, named);
  const names = [...map.topics.keys()].filter((name) => named.includes(topicAddress(name)));
  const { kafka, namespace = "" } = ground.kafka ?? {};
  if (kafka === undefined || names.length === 0) return;
  const { inspectNamed } = await import("../../kafka/inspect.js");
  await adoptTopics(state, (await inspectNamed(kafka, names)).topics, map, named, namespace);
}
