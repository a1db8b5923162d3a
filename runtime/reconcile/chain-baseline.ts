// moose migrate --baseline: a database that has the tables of a chain but no journal of it is recorded as being so far.

import { randomUUID } from "node:crypto";
import type { Diagnostic } from "../../src/diagnostic.js";
import type { ChainLink } from "../../src/format/chain.js";
import { isTopicOperation } from "../../src/format/topic-operation.js";
import type { Address } from "../../src/infra/address.js";
import { emptyInfraMap, type InfraMap } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { ClickHouse } from "../clickhouse/client.js";
import type { LiveTable } from "../clickhouse/inspect.js";
import { Journal, JournalReader } from "../clickhouse/journal.js";
import type { Lock } from "../clickhouse/lock.js";
import { Normaliser } from "../clickhouse/normalise.js";
import { recordMigratedSqlResources } from "../clickhouse/sql-resource-records.js";
import { State } from "../clickhouse/state.js";
import type { ChainOptions, ChainResult } from "./chain-options.js";
import {
  driftFromChain,
  journalId,
  refuseSeen,
  type SeenFiles,
  seenFiles,
  topicsJournalId,
} from "./chain-records.js";
import { Comparison } from "./comparison.js";
import { driftOf } from "./drift.js";
import { look, tablesOf, underLock } from "./migrate.js";
import { type Migration, prepareMigration } from "./migration.js";
import { recordMigrated } from "./ownership.js";
import { SeenViews, viewDrift } from "./view-drift.js";
import { recordMigratedViews } from "./view-ownership.js";

/** What others manage they may change: it is not held against the chain. */
export function managed({ tables, views, topics, sqlResources }: InfraMap): InfraMap {
  const ours = <T extends { readonly lifeCycle: LifeCycle }>(map: ReadonlyMap<string, T>) =>
    new Map([...map].filter(([, { lifeCycle }]) => lifeCycle !== LifeCycle.EXTERNALLY_MANAGED));
  return { tables: ours(tables), views: ours(views), topics: ours(topics), sqlResources };
}

/**
 * Records the files up to one as applied, after a look at the database: it must be as they lead to.
 *
 * @param id - of the last file that is to be recorded
 */
export function baselineChain(
  clickhouse: ClickHouse,
  options: ChainOptions & { readonly id: string },
): Promise<ChainResult> {
  return underLock(clickhouse, options, (lock) => record(lock, options));
}

async function record(lock: Lock, options: ChainOptions & { readonly id: string }): Promise<ChainResult> {
  const { clickhouse } = lock;
  const { links, id } = options;
  const seen = seenFiles(await new JournalReader(clickhouse, options.project).migrations(), links);
  const refused = refuseSeen(links, seen);
  if (refused.length > 0) return { state: "refused", diagnostics: refused };
  const last = links.find(({ file }) => file.id === id);
  if (last === undefined) return { state: "refused", diagnostics: [unknownFile(id, links)] };
  if (seen.applied.has(id)) return { state: "already-applied" };
  const compared = await Compared.with(clickhouse, options);
  const found = await compared.with(last);
  if ("diagnostics" in found) {
    const hint = "put the table so, or name the migration that the database is as";
    const diagnostics = found.diagnostics.map((one) =>
      one.code === "reconcile/drift" ? driftFromChain(one, `up to ${id}`, hint) : one,
    );
    return { state: "refused", diagnostics };
  }
  const topics = await compareTopics(options, last, id);
  if ("diagnostics" in topics) return { state: "refused", diagnostics: topics.diagnostics };
  const open = links.slice(0, links.indexOf(last) + 1).filter(({ file }) => !seen.applied.has(file.id));
  await recordMigrated(compared.state, compared.live, found.migration, new Set());
  await topics.record(compared.state);
  await recordMigratedViews(compared.state, compared.views.live, {
    ...found.migration,
    desired: found.migration.source.desired,
  });
  await recordMigratedSqlResources(compared.state, found.migration.after.sqlResources);
  for (const { file } of open) {
    const run = { who: options.who, host: options.owner.host, pid: options.owner.pid };
    const { toolVersion } = options;
    const runId = randomUUID();
    const journal = await Journal.open(clickhouse, compared.state.database, { ...run, runId, toolVersion });
    const tables = journalId(file);
    const halves = file.operations.some(isTopicOperation) ? [tables, topicsJournalId(tables)] : [tables];
    for (const migrationId of halves)
      await journal.append([
        { kind: "run-started", migrationId },
        { kind: "run-ended", migrationId },
      ]);
  }
  return { state: "applied", files: open.map(({ file }) => ({ id: file.id, operations: [] })) };
}

interface TopicsCompared {
  record(state: State): Promise<void>;
}

/** The client for Kafka is loaded only where the chain has topics. */
async function compareTopics(
  { kafka }: ChainOptions,
  { after: { topics } }: ChainLink,
  id: string,
): Promise<TopicsCompared | { readonly diagnostics: readonly Diagnostic[] }> {
  if (topics.size === 0) return { record: async () => {} };
  const ofTopics = await import("./topics/baseline-topics.js");
  const access = kafka ?? { kafka: undefined, namespace: "" };
  const found = await ofTopics.compareTopics(access, topics);
  if ("live" in found)
    return { record: (state) => ofTopics.recordBaseline(state, access, found.live, topics) };
  const hint = "put the topic so, or name the migration that Kafka is as";
  return {
    diagnostics: found.diagnostics.map((one) =>
      one.code === "reconcile/drift" ? driftFromChain(one, `up to ${id}`, hint) : one,
    ),
  };
}

function unknownFile(id: string, links: readonly ChainLink[]): Diagnostic {
  const last = links.at(-1);
  return {
    code: "reconcile/unknown-migration",
    severity: "error",
    summary: `there is no migration ${id}`,
    hint: last === undefined ? "the chain has no files" : `the last one is ${last.file.id}`,
  };
}

/** A database that has tables of the chain, while its journal has none of its files. */
export async function refuseUnrecorded(
  clickhouse: ClickHouse,
  options: ChainOptions,
  { applied, begun }: SeenFiles,
): Promise<Diagnostic | undefined> {
  if (applied.size > 0 || begun.size > 0) return undefined;
  const addresses = new Set(options.links.flatMap(({ after }) => [...managed(after).tables.keys()]));
  const compared = await Compared.with(clickhouse, options);
  const found = compared.live.map(({ address }) => address).filter((address) => addresses.has(address));
  if (found.length === 0) return undefined;
  const like = await compared.lastThatFits(options.links, found);
  const names =
    found.length > mostNames ? `${found.slice(0, mostNames).join(", ")} and others` : found.join(", ");
  return {
    code: "reconcile/no-baseline",
    severity: "error",
    summary: `this database has ${names}, but its journal has no migration of the chain`,
    hint:
      like === undefined
        ? "moose migrate --baseline <id> records the migrations up to that one as applied; the database has to be as they leave it, and it is as none leaves it"
        : `the database is as ${like} leaves it: moose migrate --baseline ${like} records the migrations up to it as applied`,
  };
}

const mostNames = 3;

/** A database that is held against moments of a chain. */
class Compared {
  readonly state: State;
  readonly live: readonly LiveTable[];
  readonly views: SeenViews;
  readonly #comparison: Comparison;

  private constructor(clickhouse: ClickHouse, state: State, live: readonly LiveTable[], views: SeenViews) {
    this.state = state;
    this.views = views;
    this.live = live;
    this.#comparison = new Comparison(new Normaliser(clickhouse, state.database));
  }

  static async with(clickhouse: ClickHouse, { links, project }: ChainOptions): Promise<Compared> {
    const named = links.flatMap(({ after }) =>
      [...after.tables.values(), ...after.views.values()].map(({ database }) => database),
    );
    const databases = [...new Set(named)].sort();
    const state = await State.open(clickhouse, project);
    const tables = await look(clickhouse, databases);
    const all = links.flatMap(({ after }) => [...after.views]);
    const seen = { ...emptyInfraMap, views: new Map(all) };
    const scratch = state.database;
    const views = await SeenViews.look(
      clickhouse,
      { before: seen, after: seen },
      { databases, scratch, tables },
    );
    return new Compared(clickhouse, state, tables, views);
  }

  /** How the database differs from what the chain leads to up to this file, or a migration that does nothing there. */
  async with({
    after,
    file,
  }: ChainLink): Promise<
    { readonly migration: Migration } | { readonly diagnostics: readonly Diagnostic[] }
  > {
    const source = { id: journalId(file), operations: [], before: managed(after), desired: after };
    const prepared = await prepareMigration(source, tablesOf(this.live), this.#comparison);
    if ("diagnostics" in prepared) return prepared;
    const nothing = { standings: [], touchedAddresses: new Set<string>() };
    const diagnostics = [
      ...driftOf(prepared.migration, this.live, this.state, nothing),
      ...(await viewDrift(prepared.migration, this.views, false)),
    ];
    return diagnostics.length === 0 ? prepared : { diagnostics };
  }

  /**
   * Id of the last file after which the database would be as it is.
   *
   * @param found - those of its tables that the chain makes at some time
   */
  async lastThatFits(links: readonly ChainLink[], found: readonly Address[]): Promise<string | undefined> {
    for (const link of links.toReversed()) {
      const { tables } = managed(link.after);
      if (tables.size !== found.length || !found.every((address) => tables.has(address))) continue;
      if ("migration" in (await this.with(link))) return link.file.id;
    }
    return undefined;
  }
}
