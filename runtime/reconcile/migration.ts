// A migration as it is to be executed: its operations in parts, and what each does to the tables, in the server's form.

import { changesBetween, type TableHistory, tableHistories } from "../../src/apply/progress.js";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { Change } from "../../src/diff/change.js";
import { layoutDifferences } from "../../src/diff/layout.js";
import { fingerprint } from "../../src/format/inframap-json.js";
import {
  isTableOperation,
  type MigrationOperation,
  type OtherOperation,
} from "../../src/format/operation.js";
import { declaredRename, stepsOf } from "../../src/format/operation-steps.js";
import { isTopicOperation, topicOf } from "../../src/format/topic-operation.js";
import { type Address, addressOf } from "../../src/infra/address.js";
import { emptyInfraMap, type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import { sha256 } from "../../src/infra/sha256.js";
import type { Table } from "../../src/infra/table.js";
import { topicAddress } from "../../src/infra/topic.js";
import { type Evidence, noEvidence } from "../../src/plan/evidence.js";
import type { Operation, Step } from "../../src/plan/operation.js";
import { plan } from "../../src/plan/plan.js";
import type { Comparison } from "./comparison.js";
import { missingVariables } from "./missing-variables.js";

/** What is to be executed, as the files say. */
export interface MigrationSource {
  /** Names it in the journal; changes with its content. */
  readonly id: string;
  /** Those on topics come last. */
  readonly operations: readonly MigrationOperation[];
  /** The tables that it starts from. */
  readonly before: InfraMap;
  /** What the code declared when it was generated: the lifecycles count. Undefined where no file says. */
  readonly desired: InfraMap | undefined;
}

/** The source of a migration, named by what it does and what it starts from. */
export function sourceOf(
  operations: readonly MigrationOperation[],
  before: InfraMap,
  desired: InfraMap | undefined,
): MigrationSource {
  const content = JSON.stringify([fingerprint(before), operations]);
  const id = sha256(content, 16);
  return { id, operations: topicsLast(operations), before, desired };
}

/** Neither kind waits for the other, and each keeps its order. */
export function topicsLast(operations: readonly MigrationOperation[]): readonly MigrationOperation[] {
  const isOfTopic = (operation: MigrationOperation) => isTopicOperation(operation);
  return [...operations.filter((one) => !isOfTopic(one)), ...operations.filter(isOfTopic)];
}

/** Operations on tables that may run side by side, or one statement after the other. */
export type Part =
  | { readonly kind: "tables"; readonly from: number; readonly to: number }
  | {
      readonly kind: "statements";
      readonly index: number;
      readonly operation: OtherOperation;
      readonly steps: readonly Step[];
    };

export interface Migration {
  readonly source: MigrationSource;
  readonly parts: readonly Part[];
  readonly histories: readonly TableHistory[];
  /** The tables before the first operation and after the last. */
  readonly before: InfraMap;
  readonly after: InfraMap;
}

export type Prepared = { readonly migration: Migration } | { readonly diagnostics: readonly Diagnostic[] };

/** @param live - the tables as they are, to ask the server only about texts that seem to differ from it */
export async function prepareMigration(
  source: MigrationSource,
  live: InfraMap,
  comparison: Comparison,
): Promise<Prepared> {
  const found = tableHistories(source.before, source.operations);
  if ("problem" in found) return { diagnostics: [unfitting(source.operations[found.index], found)] };
  const forms = new ServerForms(live, comparison);
  const [before, after] = [await forms.ofMap(source.before), await forms.ofMap(found.after)];
  const longest = Math.max(0, ...found.histories.map(({ states }) => states.length));
  for (let index = 0; index < longest; index++)
    await forms.ofMap(infraMapOf(found.histories.flatMap(({ states }) => states[index]?.table ?? [])));
  const missing = missingVariables(after, comparison.variables);
  if (hasErrors([...forms.diagnostics, ...missing]))
    return { diagnostics: [...forms.diagnostics, ...missing] };
  const histories = found.histories.map((history) => ({
    ...history,
    states: history.states.map(({ address, table }) => ({
      address,
      table: table && underDesiredLifeCycle(source, [address, history.states[0]?.address], forms.of(table)),
    })),
  }));
  return { migration: { source, parts: partsOf(source.operations), histories, before, after } };
}

/** All but a removal is judged by the lifecycle that the code says, of a renamed table perhaps under its old name. */
function underDesiredLifeCycle(
  { desired }: MigrationSource,
  names: readonly (Address | undefined)[],
  table: Table,
): Table {
  const lifeCycle = names.map((name) => desired?.tables.get(name ?? "")?.lifeCycle).find(Boolean);
  return lifeCycle === undefined ? table : { ...table, lifeCycle };
}

/** Tables as files write them, in the form that the server prints. */
class ServerForms {
  readonly diagnostics: Diagnostic[] = [];
  readonly #live: InfraMap;
  readonly #comparison: Comparison;
  readonly #known = new Map<Table, Table>();

  constructor(live: InfraMap, comparison: Comparison) {
    this.#live = live;
    this.#comparison = comparison;
  }

  of(table: Table): Table {
    return this.#known.get(table) ?? table;
  }

  async ofMap(map: InfraMap): Promise<InfraMap> {
    const open = infraMapOf([...map.tables.values()].filter((table) => !this.#known.has(table)));
    if (open.tables.size > 0) {
      const live = new Map([...this.#live.tables].filter(([address]) => open.tables.has(address)));
      const compared = await this.#comparison.inServersForm({ ...emptyInfraMap, tables: live }, open);
      this.diagnostics.push(...compared.diagnostics);
      for (const [address, table] of open.tables)
        this.#known.set(table, compared.map.tables.get(address) ?? table);
    }
    return { ...map, tables: infraMapOf([...map.tables.values()].map((table) => this.of(table))).tables };
  }
}

function partsOf(operations: readonly MigrationOperation[]): readonly Part[] {
  const parts: Part[] = [];
  for (const [index, operation] of operations.entries()) {
    // They have a run of their own: Kafka and ClickHouse do not wait for each other.
    if (isTopicOperation(operation)) continue;
    if (!isTableOperation(operation)) {
      parts.push({ kind: "statements", index, operation, steps: stepsOf(operation) ?? [] });
      continue;
    }
    const last = parts.at(-1);
    // Under its two names a table would be worked on twice at a time.
    const isAlone = [operation, operations[index - 1]].some((one) => one?.kind === "RenameTable");
    if (last?.kind === "tables" && !isAlone) parts[parts.length - 1] = { ...last, to: index };
    else parts.push({ kind: "tables", from: index, to: index });
  }
  return parts;
}

/**
 * What is left to do of one operation of a history, from the table as it is.
 *
 * @param position - of the operation in its history, from 0
 * @param from - the state before it, or what of it is done already
 */
export function remainingOperations(
  migration: Migration,
  history: TableHistory,
  position: number,
  from: Table | undefined,
  evidence: Evidence = noEvidence,
): readonly Operation[] {
  return plan(remainingChanges(migration, history, position, from), evidence).operations;
}

export function remainingChanges(
  migration: Migration,
  history: TableHistory,
  position: number,
  from: Table | undefined,
): readonly Change[] {
  const operation = migration.source.operations[history.operations[position] ?? -1];
  const after = history.states[position + 1]?.table;
  const wanted =
    after !== undefined && operation !== undefined && isTableOperation(operation)
      ? declaredRename(operation, { ...after, renamedFrom: undefined })
      : after;
  const changes = changesBetween(from, wanted);
  if (
    operation?.kind !== "RecreateTable" ||
    from === undefined ||
    after === undefined ||
    changes.length === 0
  )
    return changes;
  // As a whole, and not by what of it could be changed in place.
  const aspects = layoutDifferences(from, after);
  return [{ kind: "LayoutChanged", address: addressOf(from), before: from, after, aspects }];
}

function unfitting(
  operation: MigrationOperation | undefined,
  { problem, index }: { readonly problem: string; readonly index: number },
): Diagnostic {
  const place =
    operation === undefined || !isTableOperation(operation)
      ? `operation ${index + 1}`
      : `operation ${index + 1}, ${operation.kind}`;
  return {
    code: "reconcile/unfitting-operation",
    severity: "error",
    summary: `${place} does not fit the tables that the plan starts from`,
    detail: problem,
    hint: "generate the migration anew; operations that were edited by hand must fit remote_state.json",
  };
}

/** For messages: `local.events` of an operation on a table, the description of others. */
export function subjectOf(operation: MigrationOperation): string {
  if (isTopicOperation(operation)) return topicAddress(topicOf(operation));
  switch (operation.kind) {
    case "CreateTable":
      return addressOf(operation.table);
    case "RecreateTable":
      return addressOf(operation.after);
    case "CreateView":
    case "DropView":
    case "CreateMaterializedView":
    case "DropMaterializedView":
    case "ModifyViewQuery":
    case "ModifyViewRefresh":
    case "CreateDictionary":
    case "ReplaceDictionary":
    case "DropDictionary":
      return addressOf(operation.view);
    case "RawSql":
      return operation.description;
    default:
      return addressOf(operation.table);
  }
}
