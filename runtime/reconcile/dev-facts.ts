// What is known of a dev session, as plain data.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import type { JudgedOperation } from "../../src/policy/verdict.js";
import type { DriftEntry } from "../../src/status/drift-entry.js";
import type { Outcome, RoundReport } from "../../src/status/report.js";
import type { ConditionReason, LockStatus, Phase } from "../../src/status/server-status.js";
import type { TopicsReport } from "../../src/status/topics-report.js";
import type { Planned } from "./planner.js";
import type { MessageCounts } from "./topics/message-watch.js";

export interface DevFacts {
  readonly startedAt: Date;
  readonly mooseVersion: string;
  readonly project: string;
  readonly phase: Phase;
  readonly reason: ConditionReason;
  /** A sentence. */
  readonly message: string;
  readonly generation: number;
  readonly observedGeneration: number;
  /** What the code declares, when it could last be read. */
  readonly desired: InfraMap | undefined;
  /** The plan of the last round that had something to do, and what was compared in the last round of all. */
  readonly judged: readonly JudgedOperation[];
  readonly planned: Planned | undefined;
  /** By operation. */
  readonly progress: ReadonlyMap<string, OnOperation>;
  readonly topics: TopicsReport | undefined;
  readonly counts: MessageCounts | undefined;
  /** What people have refused, and who: by the cause of the operation. */
  readonly rejected: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
  /** What others have changed and no round has put right: tables and views, and topics. */
  readonly drift: readonly DriftEntry[];
  readonly topicDrift: readonly DriftEntry[];
  readonly lock: LockStatus | undefined;
  readonly clickhouseVersion: string | undefined;
}

/** How far an operation is. */
export interface OnOperation {
  /** Parts that a rewrite in the background had to do at first, and has left. */
  readonly parts: { readonly atFirst: number; readonly left: number } | undefined;
  /** Undefined while it runs. */
  readonly outcome: Outcome | undefined;
}

export const nothingYet: Omit<DevFacts, "startedAt" | "mooseVersion"> = {
  project: "",
  ...{ phase: "starting", reason: "Starting", message: "starting" },
  ...{ generation: 0, observedGeneration: 0 },
  ...{
    desired: undefined,
    planned: undefined,
    topics: undefined,
    counts: undefined,
    lock: undefined,
    clickhouseVersion: undefined,
  },
  ...{ judged: [], diagnostics: [], drift: [], topicDrift: [] },
  ...{ progress: new Map(), rejected: new Map() },
};

/** How a round has left the database. */
export function resultOf(
  operations: RoundReport["operations"],
  unconverged: readonly string[],
): Pick<DevFacts, "phase" | "reason" | "message"> {
  const first = (state: Outcome["state"]) =>
    operations.find(({ outcome }) => outcome.state === state)?.operation;
  const failed = first("failed");
  if (failed !== undefined)
    return { phase: "failed", reason: "OperationFailed", message: `${failed.kind} ${failed.address} failed` };
  const unknown = first("unknown");
  if (unknown !== undefined)
    return {
      phase: "failed",
      reason: "UnknownOutcome",
      message: `the answer to ${unknown.kind} ${unknown.address} was lost`,
    };
  if (unconverged.length > 0)
    return {
      phase: "failed",
      reason: "NotConverged",
      message: `${unconverged[0]} still differs after everything was applied`,
    };
  const blocked = operations.filter(({ outcome }) => outcome.state === "blocked");
  if (blocked.length === 0)
    return { phase: "ready", reason: "AsDesired", message: "the database matches the code" };
  const isApprovable = blocked.some(
    ({ verdict }) => verdict.decision === "blocked" && verdict.adopts !== undefined,
  );
  const message = `${blocked.length} ${blocked.length === 1 ? "change is" : "changes are"} not made`;
  return { phase: "blocked", reason: isApprovable ? "NeedsApproval" : "LifecycleForbids", message };
}
