// Whether the files of a migration fit each other: its operations, from the one state, have to lead to the other.

import { tableHistories } from "../../src/apply/progress.js";
import type { Diagnostic } from "../../src/diagnostic.js";
import { type Change, changeKey } from "../../src/diff/change.js";
import { type IgnoredDifference, leavingAlone } from "../../src/diff/ignored-differences.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import { type Address, addressOf } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { plan } from "../../src/plan/plan.js";
import { judge } from "../../src/policy/judge.js";
import { changeText } from "../../src/status/change-text.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { gatherEvidence } from "../clickhouse/evidence.js";
import { LiveTables } from "../clickhouse/live-tables.js";
import { readState } from "../clickhouse/state.js";
import type { PlanFiles } from "../migrations/plan-files.js";
import { codeDifferences } from "./code-check.js";
import { plannedOwnership } from "./ownership.js";
import { takenNames } from "./taken-names.js";
import { topicDisagreements } from "./topics/topic-agreement.js";
import { changesInServersForm } from "./two-maps.js";

/**
 * What speaks against executing these files: code that is another by now, or files that do not fit each other.
 *
 * @param ignored - what the operations need not bring about
 */
export async function planFileProblems(
  clickhouse: ClickHouse,
  project: string,
  files: PlanFiles,
  code: InfraMap | undefined,
  ignored: readonly IgnoredDifference[] = [],
): Promise<readonly Diagnostic[]> {
  const changed =
    code === undefined ? [] : await codeDifferences(clickhouse, project, files.localInfraMap, code);
  const made = files.plan.operations.flatMap((one) => (one.kind === "CreateTable" ? [one.table] : []));
  return [
    ...changed,
    ...(await disagreements(clickhouse, project, files, ignored)),
    ...(await topicDisagreements(files, () => readState(clickhouse, project))),
    ...(await takenNames(clickhouse, made, droppedViews(files.plan.operations))),
  ];
}

function droppedViews(operations: readonly MigrationOperation[]): ReadonlySet<Address> {
  return new Set(
    operations.flatMap((one) =>
      one.kind === "DropView" || one.kind === "DropMaterializedView" || one.kind === "DropDictionary"
        ? [addressOf(one.view)]
        : [],
    ),
  );
}

/**
 * One diagnostic for each table that the operations do not make what the code was. What lifecycles, ownership and values
 * keep out of a plan may be left over, and what statements of the user's own do is theirs.
 */
async function disagreements(
  clickhouse: ClickHouse,
  project: string,
  files: PlanFiles,
  ignored: readonly IgnoredDifference[],
): Promise<readonly Diagnostic[]> {
  const { remoteState, localInfraMap, plan: migration } = files;
  const folded = tableHistories(remoteState, migration.operations);
  // Executing it says what does not fit.
  if ("problem" in folded) return [];
  const wanted = leavingAlone(localInfraMap, folded.after, ignored);
  const left = (await changesInServersForm(clickhouse, project, folded.after, wanted)).filter(
    (change) => !isOfStatements(change, migration.operations),
  );
  if (left.length === 0) return [];
  const leftOut = await keptOut(clickhouse, project, files, new Set(left.map(identity)));
  const open = left.filter((change) => !leftOut.has(identity(change)));
  return [...new Set(open.map(({ address }) => address))].map((address) => ({
    code: "reconcile/plan-disagrees",
    severity: "error",
    summary: `migrations/plan.yaml does not lead to ${address} as local_infra_map.json has it`,
    detail: open
      .filter((change) => change.address === address)
      .map(changeText)
      .join("\n"),
    hint: "generate the migration anew; operations that are edited by hand have to lead to the same tables",
  }));
}

/** Which of the changes that are left over a plan of the same two states leaves out. */
async function keptOut(
  clickhouse: ClickHouse,
  project: string,
  { remoteState, localInfraMap }: PlanFiles,
  left: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const all = await changesInServersForm(clickhouse, project, remoteState, localInfraMap);
  const candidates = all.filter((change) => left.has(identity(change)));
  if (candidates.length === 0) return new Set();
  const state = await readState(clickhouse, project);
  const databases = [
    ...new Set(candidates.map(({ address }) => databaseOf(address, remoteState, localInfraMap))),
  ];
  const live = await new LiveTables(clickhouse).refresh(databases, performance.now());
  const evidence = await gatherEvidence(
    clickhouse,
    candidates.filter(({ address }) => live.has(address)),
  );
  const { operations } = judge(plan(all, evidence), plannedOwnership(state, live, localInfraMap, []));
  const blocked = new Set(
    operations.flatMap(({ operation, verdict }) => (verdict.decision === "blocked" ? [operation.cause] : [])),
  );
  return new Set(candidates.filter((change) => blocked.has(changeKey(change))).map(identity));
}

function identity(change: Change): string {
  return `${changeKey(change)}\n${changeText(change)}`;
}

function databaseOf(address: Address, ...maps: readonly InfraMap[]): string {
  return maps.flatMap(({ tables }) => tables.get(address)?.database ?? [])[0] ?? "";
}

/** A statement that names the table may do anything to it. */
function isOfStatements({ address }: Change, operations: readonly MigrationOperation[]): boolean {
  const name = address.slice(address.lastIndexOf(".") + 1).replaceAll("`", "");
  return operations.some(
    (operation) => operation.kind === "RawSql" && operation.sql.some((text) => text.includes(name)),
  );
}
