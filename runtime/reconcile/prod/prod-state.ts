// What a server that reconciles by itself knows of its own progress.

import type { Diagnostic } from "../../../src/diagnostic.js";
import type { Address } from "../../../src/infra/address.js";
import type { LifeCycle } from "../../../src/infra/lifecycle.js";
import type { JudgedOperation, Verdict } from "../../../src/policy/verdict.js";
import { decisionOf } from "../../../src/status/decision.js";
import { type Drift, noDrift } from "../../../src/status/drift-entry.js";
import type { PlanReport } from "../../../src/status/plan-report.js";
import { partsLeft, type RewriteParts, shareDone } from "../../../src/status/rewrite-progress.js";
import {
  type OperationProgress,
  type OperationStatus,
  operationStatus,
  type Phase,
  type ResourceKind,
} from "../../../src/status/server-status.js";
import { topicOperationStatus } from "../../../src/status/topic-operation-status.js";
import type { MessageCounts } from "../topics/message-watch.js";
import type { ShownLock } from "./shown-lock.js";

export interface ProdOperation {
  readonly status: OperationStatus;
  /** Undefined for an operation of a migration file, which was reviewed. */
  readonly verdict: Verdict | undefined;
  /** Of a rewrite in the background that runs. */
  readonly parts: RewriteParts | undefined;
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
    status: operationStatus(judged, { verdict: decisionOf(judged) }),
    verdict: judged.verdict,
    parts: undefined,
  }));
}

/** The same of tables and topics. */
export function operationsOfPlan({ operations, topics }: PlanReport): readonly ProdOperation[] {
  const ofTopics = (topics?.operations ?? []).map((judged) => ({
    status: topicOperationStatus(judged),
    verdict: judged.verdict,
    parts: undefined,
  }));
  return [...plannedOperations(operations), ...ofTopics];
}

/** What of an operation changes while it runs, and when it ends. */
export function withProgress(operation: ProdOperation, progress: OperationProgress): ProdOperation {
  return {
    ...operation,
    parts: undefined,
    status: { ...operation.status, progress: undefined, ...progress },
  };
}

/** A running operation, with the parts that are left of its rewrite where that is known. */
export function withPartsToDo(operation: ProdOperation, left: number | undefined): ProdOperation {
  const parts = left === undefined ? undefined : partsLeft(operation.parts, left);
  return { ...withProgress(operation, { state: "running", progress: shareDone(parts) }), parts };
}
