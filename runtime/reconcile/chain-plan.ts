// What the code has beyond a chain of migrations: the difference between what its files lead to and what the code says.

import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import { type Change, changeKey } from "../../src/diff/change.js";
import { diff } from "../../src/diff/diff.js";
import {
  diffSqlResources,
  type SqlResourceChange,
  sqlResourceChangeKey,
} from "../../src/diff/diff-sql-resources.js";
import type { OwnConfigs } from "../../src/diff/diff-topics.js";
import { diffViews } from "../../src/diff/diff-views.js";
import { type IgnoredDifference, leavingAlone } from "../../src/diff/ignored-differences.js";
import { inWordsOf } from "../../src/diff/same-words.js";
import { nameOfChange, type TopicChange } from "../../src/diff/topic-change.js";
import { type ViewChange, viewChangeKey } from "../../src/diff/view-change.js";
import type { ChainLifeCycle } from "../../src/format/chain-lifecycles.js";
import { foldAll } from "../../src/format/fold.js";
import { migrationOperations } from "../../src/format/from-plan.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import { type Address, tableAddress } from "../../src/infra/address.js";
import { type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";
import { topicAddress } from "../../src/infra/topic.js";
import { noEvidence } from "../../src/plan/evidence.js";
import { guessRenames } from "../../src/plan/guess-renames.js";
import { isOnSqlResource, isOnView } from "../../src/plan/operation.js";
import { planAll } from "../../src/plan/plan-all.js";
import { judge } from "../../src/policy/judge.js";
import { type Ownership, ownedView } from "../../src/policy/ownership.js";
import type { JudgedOperation, RefusalCode } from "../../src/policy/verdict.js";
import { changeText } from "../../src/status/change-text.js";
import { type PlanReport, planReport } from "../../src/status/plan-report.js";
import { viewChangeText } from "../../src/status/view-change-text.js";
import type { Normaliser } from "../clickhouse/normalise.js";
import { type NormalisedViews, ViewNormaliser } from "../clickhouse/normalise-views.js";
import { namesOf } from "../clickhouse/object-record.js";
import {
  type ChainTopics,
  changedTopicLifeCycles,
  planChainTopics,
  topicChangeText,
} from "./topics/chain-topics.js";

export interface ChainPlan {
  /** What the next file of the chain has to do. */
  readonly report: PlanReport;
  /** The same as the file says it. */
  readonly operations: readonly MigrationOperation[];
  readonly lifeCycles: readonly ChainLifeCycle[];
  /** What the lifecycles of the tables forbid; no file makes it happen. */
  readonly leftOut: readonly JudgedOperation[];
  /** Changes that the lifecycles allow. */
  readonly changes: readonly Change[];
  readonly viewChanges: readonly ViewChange[];
  readonly sqlResourceChanges: readonly SqlResourceChange[];
  readonly topics: ChainTopics;
  /** With an error there is no next file: what is wanted cannot be done to a table that may hold rows. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ChainPlanOptions {
  /** Configs of the topics that moose has set. Default: those that the state names, as where it is a chain's own. */
  readonly ownConfigs?: OwnConfigs | undefined;
  /** What may differ. Default: nothing. */
  readonly ignored?: readonly IgnoredDifference[] | undefined;
}

/**
 * Needs no database and no Kafka: the tables and topics of a chain are those that its files lead to. What is in them differs from one database
 * to the next, so that every table is taken to hold rows.
 *
 * @param state - what the files lead to
 * @param normaliser - of a server that tells which texts mean the same; without one the texts themselves are compared
 */
export async function planChain(
  state: InfraMap,
  code: InfraMap,
  normaliser: Normaliser | undefined,
  { ownConfigs, ignored = [] }: ChainPlanOptions = {},
): Promise<ChainPlan> {
  const { map: wanted, diagnostics } = await inWordsOfChain(
    state,
    managedPart(state, leavingAlone(code, state, ignored)),
    normaliser,
  );
  const changes = hasErrors(diagnostics) ? [] : diff(state, wanted);
  const views = hasErrors(diagnostics) ? [] : diffViews(state, wanted);
  const sides = { before: state.views, after: wanted.views };
  const topics = planChainTopics(state.topics, code.topics, ownConfigs);
  const statements = hasErrors(diagnostics) ? [] : diffSqlResources(state, wanted);
  const sqlResources = { before: state, after: wanted, changes: statements };
  const planned = planAll({ tables: changes, views, sqlResources }, noEvidence, sides);
  const judged = judge(planned, ownership(state)).operations;
  const applied = judged.filter(({ verdict }) => verdict.decision === "apply");
  const leftOut = judged.filter((one) => isLeftOut(one, judged));
  const refused = judged.flatMap((one) => (isLeftOut(one, judged) ? [] : refusal(one)));
  const causes = new Set(leftOut.map(({ operation }) => operation.cause));
  const all = [...diagnostics, ...refused, ...topics.diagnostics];
  const parts = { operations: applied, unsure: [], unmanaged: [], diagnostics: all };
  const result = {
    report: planReport(state, {
      ...parts,
      renames: guessRenames(state, wanted),
      ...(topics.report.operations.length > 0 && { topics: topics.report }),
    }),
    leftOut,
    topics,
    changes: changes.filter((change) => !causes.has(changeKey(change))),
    viewChanges: views.filter((change) => !causes.has(viewChangeKey(change))),
    sqlResourceChanges: statements.filter((change) => !causes.has(sqlResourceChangeKey(change))),
    diagnostics: all,
  };
  if (hasErrors(all)) return { ...result, operations: [], lifeCycles: [] };
  const onTables = migrationOperations(
    applied.map(({ operation }) => operation),
    state,
  );
  const operations = [...onTables, ...topics.operations];
  return { ...result, operations, lifeCycles: changedLifeCycles(state, operations, wanted) };
}

/** A table that others manage, and that no file of the chain makes, is no business of it. */
function managedPart(state: InfraMap, code: InfraMap): InfraMap {
  const isForeign = (address: Address, table: Table) =>
    table.lifeCycle === LifeCycle.EXTERNALLY_MANAGED && !state.tables.has(address);
  return {
    ...code,
    tables: new Map([...code.tables].filter(([address, table]) => !isForeign(address, table))),
    views: new Map(
      [...code.views].filter(
        ([address, { lifeCycle }]) => lifeCycle !== LifeCycle.EXTERNALLY_MANAGED || state.views.has(address),
      ),
    ),
  };
}

/** The code in the words of the chain, wherever the server prints both alike. */
export async function inWordsOfChain(
  state: InfraMap,
  code: InfraMap,
  normaliser: Normaliser | undefined,
): Promise<{ readonly map: InfraMap; readonly diagnostics: readonly Diagnostic[] }> {
  if (normaliser === undefined) return { map: code, diagnostics: [] };
  const viewNormaliser = new ViewNormaliser(normaliser.clickhouse, undefined);
  const [known, wanted] = [await normaliser.format(state), await normaliser.format(code)];
  const diagnostics = [...known.diagnostics, ...wanted.diagnostics];
  if (hasErrors(diagnostics)) return { map: code, diagnostics };
  const tables = [...code.tables].map(([address, own]): Table => {
    const before = [address, tableAddress(own.database, own.renamedFrom ?? own.name)].find((one) =>
      state.tables.has(one),
    );
    const [old, oldPrinted] = [state.tables.get(before ?? ""), known.map.tables.get(before ?? "")];
    const printed = wanted.map.tables.get(address);
    if (old === undefined || oldPrinted === undefined || printed === undefined) return own;
    return inWordsOf({ own: old, printed: oldPrinted }, { own, printed });
  });
  const views = await viewsInWordsOf(state.views, code.views, viewNormaliser);
  return {
    map: { ...code, tables: infraMapOf(tables).tables, views: views.views },
    diagnostics: [...diagnostics, ...views.diagnostics],
  };
}

/** A query that the server prints alike keeps the words that it had. */
async function viewsInWordsOf(
  known: InfraMap["views"],
  wanted: InfraMap["views"],
  normaliser: ViewNormaliser,
): Promise<NormalisedViews> {
  const [before, after] = [await normaliser.format(known), await normaliser.format(wanted)];
  const diagnostics = [...before.diagnostics, ...after.diagnostics];
  const views = [...wanted].map(([address, view]) => {
    const [old, was, is] = [known.get(address), before.views.get(address), after.views.get(address)];
    if (old === undefined || was === undefined || is === undefined) return [address, view] as const;
    const select = was.select === is.select ? old.select : view.select;
    const refresh = was.refresh === is.refresh ? old.refresh : view.refresh;
    return [address, { ...view, select, refresh }] as const;
  });
  return { views: new Map(views), diagnostics };
}

/** Everything in a chain is moose's. */
function ownership(state: InfraMap): Ownership {
  return new Map([
    ...[...state.tables].map(([address, table]) => {
      const { columns, indexes, projections, constraints } = namesOf(table);
      const parts = {
        indexes: new Set(indexes),
        projections: new Set(projections),
        constraints: new Set(constraints),
      };
      return [address, { lifeCycle: table.lifeCycle, columns: new Set(columns), ...parts }] as const;
    }),
    ...[...state.views].map(([address, { lifeCycle }]) => [address, ownedView(lifeCycle)] as const),
  ]);
}

const byLifeCycle: ReadonlySet<RefusalCode> = new Set(["externally-managed", "deletion-protected"]);
const byOthers: ReadonlySet<RefusalCode> = new Set(["still-in-use", "waits-for-column"]);

/** Forbidden by the lifecycle of its table, or waiting for something that is. */
function isLeftOut({ operation, verdict }: JudgedOperation, judged: readonly JudgedOperation[]): boolean {
  if (verdict.decision === "apply") return false;
  if (byLifeCycle.has(verdict.code)) return true;
  return (
    byOthers.has(verdict.code) &&
    judged.some(
      (other) =>
        other.operation.address === operation.address &&
        other.verdict.decision === "blocked" &&
        byLifeCycle.has(other.verdict.code),
    )
  );
}

function refusal({ operation, verdict }: JudgedOperation): readonly Diagnostic[] {
  if (verdict.decision === "apply") return [];
  const { address, kind, reason } = operation;
  const { place } = isOnSqlResource(operation)
    ? operation.resource
    : isOnView(operation)
      ? operation.view
      : operation.table;
  if (operation.kind === "RecreateTable") {
    const detail = operation.differences.map(
      ({ aspect, before, after }) => `~ ${aspect}: ${before || "none"} -> ${after || "none"}`,
    );
    return [
      {
        code: "reconcile/chain-layout",
        severity: "error",
        summary: `${address}: ${reason}, and a chain is for databases that may hold rows`,
        detail: detail.join("\n"),
        place,
        hint: "take the change back, or declare a table of another name; a RecreateTable that is written by hand is done where the table is empty",
      },
    ];
  }
  return [
    {
      code: "reconcile/chain-blocked",
      severity: "error",
      summary: `${kind} of ${address} is not possible: ${verdict.reason}`,
      place,
      hint: `to go on: ${verdict.unblock}`,
    },
  ];
}

/** Tables and topics that are there before and after, or are renamed, and that the code gives another lifecycle. */
function changedLifeCycles(
  state: InfraMap,
  operations: readonly MigrationOperation[],
  wanted: InfraMap,
): readonly ChainLifeCycle[] {
  const folded = foldAll(state, operations);
  if ("problem" in folded) throw new Error(`the plan does not fit the chain: ${folded.problem}`);
  const { tables, views, topics } = folded.map;
  const ofTables = [...tables, ...views].flatMap(([address, { database, name, lifeCycle }]) => {
    const declared = wanted.tables.get(address) ?? wanted.views.get(address);
    const said = declared?.lifeCycle ?? lifeCycle;
    return said === lifeCycle ? [] : [{ table: { database, name }, lifeCycle: said }];
  });
  return [...ofTables, ...changedTopicLifeCycles(topics, wanted.topics)];
}

/** True where the next file would do nothing. */
export function isNothing({ operations, lifeCycles, diagnostics }: ChainPlan): boolean {
  return operations.length === 0 && lifeCycles.length === 0 && !hasErrors(diagnostics);
}

/** One diagnostic for each table and topic of the code that is not what the chain leads to. */
export function behindCode({
  changes,
  viewChanges,
  sqlResourceChanges,
  topics,
  lifeCycles,
  diagnostics,
}: ChainPlan): readonly Diagnostic[] {
  const unreadable = diagnostics.filter(({ code }) => !code.startsWith("reconcile/chain-"));
  const texts = new Map<Address, string[]>();
  const note = (address: Address, text: string) => texts.set(address, [...(texts.get(address) ?? []), text]);
  for (const change of changes) note(change.address, changeText(change));
  for (const change of viewChanges) note(change.address, viewChangeText(change));
  for (const { address } of sqlResourceChanges) note(address, "~ setup");
  for (const change of topics.changes) note(topicAddress(nameOfChange(change)), topicChangeText(change));
  for (const one of lifeCycles) note(lifeCycleAddress(one), `~ lifecycle: ${one.lifeCycle}`);
  const places = new Map([
    ...changes.map(
      (change) => [change.address, "after" in change ? change.after.place : change.table.place] as const,
    ),
    ...viewChanges.map(({ address, view }) => [address, view.place] as const),
    ...sqlResourceChanges.map(({ address, resource }) => [address, resource.place] as const),
    ...topics.changes.map(placeOfTopic),
  ]);
  return [
    ...unreadable,
    ...[...texts].map(
      ([address, lines]): Diagnostic => ({
        code: "reconcile/chain-behind",
        severity: "error",
        summary: `the code of ${address} is not what the migrations lead to`,
        detail: lines.join("\n"),
        place: places.get(address),
        hint: "moose generate migration --save writes the migration that is missing",
      }),
    ),
  ];
}

/** `local.events`, `topic:events` */
export function lifeCycleAddress(one: ChainLifeCycle): Address {
  return "topic" in one ? topicAddress(one.topic) : tableAddress(one.table.database, one.table.name);
}

function placeOfTopic(change: TopicChange): readonly [Address, Diagnostic["place"]] {
  const { place } = "topic" in change ? change.topic : change.after;
  return [topicAddress(nameOfChange(change)), place];
}
