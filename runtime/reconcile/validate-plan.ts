// Whether the files of a single plan go together: told without a database, as far as that can be.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { Change } from "../../src/diff/change.js";
import { diff } from "../../src/diff/diff.js";
import { diffSqlResources } from "../../src/diff/diff-sql-resources.js";
import { diffViews } from "../../src/diff/diff-views.js";
import type { IgnoredDifference } from "../../src/diff/ignored-differences.js";
import { nameOfChange, type TopicChange } from "../../src/diff/topic-change.js";
import type { ViewChange } from "../../src/diff/view-change.js";
import { foldAll } from "../../src/format/fold.js";
import type { Address } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { topicAddress } from "../../src/infra/topic.js";
import { changeText } from "../../src/status/change-text.js";
import { viewChangeText } from "../../src/status/view-change-text.js";
import type { Normaliser } from "../clickhouse/normalise.js";
import type { PlanFiles } from "../migrations/plan-files.js";
import { inWordsOfChain, planChain } from "./chain-plan.js";
import { topicDifferences } from "./code-check.js";
import { topicChangeText } from "./topics/chain-topics.js";

/**
 * Folds plan.yaml over remote_state.json, and compares the result with local_infra_map.json, and that with the code.
 *
 * @param code - undefined where there is none
 * @param normaliser - of a server that tells which texts mean the same; without one texts that differ are only warned of
 * @param ignored - what the operations need not bring about
 */
export async function validatePlan(
  { plan, remoteState, localInfraMap }: PlanFiles,
  code: InfraMap | undefined,
  normaliser: Normaliser | undefined,
  ignored: readonly IgnoredDifference[] = [],
): Promise<readonly Diagnostic[]> {
  const folded = foldAll(remoteState, plan.operations);
  if ("problem" in folded) return [unfitting(folded)];
  // Which configs are moose's is not in the files: what others set on a topic stays.
  const planned = await planChain(folded.map, localInfraMap, normaliser, {
    ownConfigs: () => new Set(),
    ignored,
  });
  const { changes, viewChanges, topics } = planned;
  const isUnsure = (change: Change) => mayStay(change) || (normaliser === undefined && mayBeSpelling(change));
  const problems = [
    ...differing(
      changes.filter((change) => !isUnsure(change)),
      missing,
    ),
    ...differing(changes.filter(isUnsure), unsure),
    ...viewProblems(viewChanges, normaliser !== undefined),
    ...planned.sqlResourceChanges.map(({ address }) => unsure(address)),
    ...topicProblems(topics.changes),
  ];
  if (code === undefined) return problems;
  const { map: now, diagnostics } = await inWordsOfChain(localInfraMap, code, normaliser);
  return [...problems, ...diagnostics, ...codeChanged(localInfraMap, now)];
}

/** A view that stays may have been kept by its lifecycle; of texts in other words only a server can tell. */
function viewProblems(changes: readonly ViewChange[], isExact: boolean): readonly Diagnostic[] {
  return changes.map((change) => {
    const isUnsure = change.kind === "ViewRemoved" || (!isExact && change.kind === "ViewChanged");
    const say = isUnsure ? unsure : missing;
    return { ...say(change.address), detail: viewChangeText(change) };
  });
}

/** A topic that stays may have been kept by its lifecycle, and what Kafka cannot do is in no plan. */
function topicProblems(changes: readonly TopicChange[]): readonly Diagnostic[] {
  return changes.map((change) => {
    const isPossible =
      change.kind === "TopicAdded" ||
      change.kind === "TopicConfigChanged" ||
      (change.kind === "TopicPartitionsChanged" && change.to > change.from);
    const say = isPossible ? missing : unsure;
    return { ...say(topicAddress(nameOfChange(change))), detail: topicChangeText(change) };
  });
}

function codeChanged(generatedFrom: InfraMap, code: InfraMap): readonly Diagnostic[] {
  const texts = new Map<Address, string[]>();
  const note = (address: Address, text: string) => texts.set(address, [...(texts.get(address) ?? []), text]);
  for (const change of diff(generatedFrom, code)) note(change.address, changeText(change));
  for (const change of diffViews(generatedFrom, code)) note(change.address, viewChangeText(change));
  for (const { address } of diffSqlResources(generatedFrom, code)) note(address, "~ setup");
  for (const [address, { lifeCycle }] of [...code.tables, ...code.views]) {
    const then = generatedFrom.tables.get(address) ?? generatedFrom.views.get(address);
    const before = then?.lifeCycle ?? lifeCycle;
    if (before !== lifeCycle) note(address, `~ lifecycle: ${before} -> ${lifeCycle}`);
  }
  const ofTables = [...texts].map(([address, lines]) => ({
    ...changed(address),
    detail: lines.join("\n"),
    place: (code.tables.get(address) ?? code.views.get(address))?.place,
  }));
  return [...ofTables, ...topicDifferences(generatedFrom, code)];
}

/** What was no business of the plan is still there after it. */
function mayStay({ kind }: Change): boolean {
  return (
    kind === "TableRemoved" ||
    kind === "ColumnRemoved" ||
    kind === "IndexRemoved" ||
    kind === "ProjectionRemoved" ||
    kind === "ConstraintRemoved" ||
    kind === "LayoutChanged"
  );
}

/** The state is in the words of a server, the code's in its own. */
function mayBeSpelling(change: Change): boolean {
  switch (change.kind) {
    case "ColumnChanged":
      return change.aspects.some((aspect) => aspect !== "comment");
    case "TtlChanged":
    case "SampleByChanged":
    case "SettingsChanged":
      return true;
    case "IndexAdded":
      return change.before.indexes.some(({ name }) => name === change.index.name);
    case "ProjectionAdded":
      return change.before.projections.some(({ name }) => name === change.projection.name);
    case "ConstraintAdded":
      return change.before.constraints.some(({ name }) => name === change.constraint.name);
    default:
      return false;
  }
}

type Say = (address: Address) => Omit<Diagnostic, "detail">;

function differing(changes: readonly Change[], say: Say): readonly Diagnostic[] {
  const addresses = [...new Set(changes.map(({ address }) => address))];
  return addresses.map((address) => {
    const texts = changes.filter((change) => change.address === address).map(changeText);
    return { ...say(address), detail: texts.join("\n") };
  });
}

const anew = "generate the migration anew, so that the files go together";

const missing: Say = (address) => ({
  code: "reconcile/plan-falls-short",
  severity: "error",
  summary: `plan.yaml does not make ${address} what local_infra_map.json says`,
  hint: anew,
});

const unsure: Say = (address) => ({
  code: "reconcile/plan-may-fall-short",
  severity: "warning",
  summary: `after plan.yaml ${address} may differ from local_infra_map.json`,
  hint: "it may be a difference of spelling, or something that the plan has left out",
});

const changed: Say = (address) => ({
  code: "reconcile/code-changed",
  severity: "error",
  summary: `the code of ${address} is no longer what the migration was generated from`,
  hint: "generate the migration anew, so that it does what the code says",
});

function unfitting({ problem, index }: { readonly problem: string; readonly index: number }): Diagnostic {
  return {
    code: "reconcile/unfitting-operation",
    severity: "error",
    summary: `operation ${index + 1} of plan.yaml does not fit remote_state.json`,
    detail: problem,
    place: { file: "migrations/plan.yaml", line: 1, column: 1 },
    hint: anew,
  };
}
