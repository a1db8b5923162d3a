// What a server that reconciles by itself knows of its own progress.

import type { Diagnostic } from "../../../src/diagnostic.js";
import type { Address } from "../../../src/infra/address.js";
import type { LifeCycle } from "../../../src/infra/lifecycle.js";
import type { JudgedTopicOperation } from "../../../src/policy/judge-topics.js";
import type { JudgedOperation } from "../../../src/policy/verdict.js";
import { type Drift, noDrift } from "../../../src/status/drift-entry.js";
import type { OperationState, Phase, ResourceKind } from "../../../src/status/server-status.js";
import type { MessageCounts } from "../topics/message-watch.js";
import type { ShownLock } from "./shown-lock.js";

export interface ProdOperation {
  readonly id: string;
  readonly target: string;
  readonly kind: string;
  readonly state: OperationState;
  /** Undefined for an operation of a migration file, which was reviewed. */
  readonly judged: JudgedOperation | undefined;
  /** Of a topic. */
  readonly topic?: JudgedTopicOperation;
  /** Parts that a rewrite in the background had to do at first, and has left. */
  readonly parts: { readonly atFirst: number; readonly left: number } | undefined;
  readonly sql: readonly string[];
  readonly durationMs: number | undefined;
  readonly error: string | undefined;
}

/** A declared or owned object, as it stands. */
export interface ProdResource {
  readonly address: Address;
  readonly kind: ResourceKind;
  readonly lifeCycle: LifeCycle;
  readonly state: "in line" | "differs" | "missing" | "to be removed";
}

export interface ProdState {
  readonly phase: Phase;
  /** A sentence. */
  readonly message: string;
  readonly diagnostics: readonly Diagnostic[];
  /** It has matched the schema since the start; drift that is found later does not take that back. */
  readonly isReady: boolean;
  readonly planId: string | undefined;
  readonly operations: readonly ProdOperation[];
  readonly resources: readonly ProdResource[];
  readonly unmanaged: readonly Address[];
  /** From what was applied to what is there. */
  readonly drift: Drift;
  /** Undefined where nothing is asked of Kafka. */
  readonly isKafkaReached: boolean | undefined;
  /** Undefined until the messages of the streams were counted. */
  readonly counts: MessageCounts | undefined;
  readonly lock: ShownLock | undefined;
  /** Rewrites in the background of the databases, whoever has started them; as of the last look. */
  readonly unfinishedMutations: number;
  readonly clickhouseVersion: string | undefined;
  readonly desiredHash: string | undefined;
  readonly observedHash: string | undefined;
}

export const initialState: ProdState = {
  phase: "starting",
  message: "starting",
  diagnostics: [],
  isReady: false,
  planId: undefined,
  operations: [],
  resources: [],
  unmanaged: [],
  drift: noDrift,
  isKafkaReached: undefined,
  counts: undefined,
  lock: undefined,
  unfinishedMutations: 0,
  clickhouseVersion: undefined,
  desiredHash: undefined,
  observedHash: undefined,
};

/** Operations of a plan before any of it is done. */
export function plannedOperations(operations: readonly JudgedOperation[]): readonly ProdOperation[] {
  return operations.map((judged) => ({
    id: judged.operation.id,
    target: judged.operation.address,
    kind: judged.operation.kind,
    state: judged.verdict.decision === "apply" ? "pending" : "blocked",
    judged,
    parts: undefined,
    sql: judged.operation.steps.map(({ sql }) => sql),
    durationMs: undefined,
    error: undefined,
  }));
}

/** The same of topics, under ids that are not those of tables. */
export function plannedTopicOperations(
  operations: readonly JudgedTopicOperation[],
): readonly ProdOperation[] {
  return operations.map((topic) => ({
    id: `topic-${topic.operation.id}`,
    target: topic.operation.address,
    kind: topic.operation.kind,
    state: topic.verdict.decision === "apply" ? "pending" : "blocked",
    ...{ judged: undefined, topic, parts: undefined },
    sql: [topic.operation.request],
    ...{ durationMs: undefined, error: undefined },
  }));
}

/** A running operation, with the parts that are left of its rewrite where that is known. */
export function withPartsToDo(operation: ProdOperation, left: number | undefined): ProdOperation {
  const parts = left === undefined ? undefined : { atFirst: operation.parts?.atFirst ?? left, left };
  return { ...operation, state: "running", parts };
}
