// The report on a plan that is only looked at: what terminal, JSON and the HTTP endpoints show of it.

import type { Diagnostic } from "../diagnostic.js";
import { fingerprint } from "../format/inframap-json.js";
import type { Address } from "../infra/address.js";
import type { InfraMap } from "../infra/inframap.js";
import { sha256 } from "../infra/sha256.js";
import type { GuessedRename } from "../plan/guess-renames.js";
import type { JudgedOperation } from "../policy/verdict.js";
import type { TopicPlanReport } from "./topics-report.js";

export interface PlanReport {
  /** Names what is to be done, and to which tables: the same plan has the same id. */
  readonly id: string;
  /** Fingerprint of the tables that it was made for. */
  readonly basedOn: string;
  readonly operations: readonly JudgedOperation[];
  /** Tables of which it could not be told whether they differ in more than spelling. */
  readonly unsure: readonly Address[];
  readonly unmanaged: readonly Address[];
  /** Drops and additions that look like renames. */
  readonly renames: readonly GuessedRename[];
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined where the project has nothing to do with Kafka. */
  readonly topics?: TopicPlanReport | undefined;
}

export function planReport(actual: InfraMap, parts: Omit<PlanReport, "id" | "basedOn">): PlanReport {
  const basedOn = fingerprint(actual);
  const steps = parts.operations.map(({ operation, verdict }) => [
    operation.cause,
    operation.steps.map(({ sql }) => sql),
    verdict.decision,
  ]);
  const ofTopics = parts.topics?.operations.map(({ operation, verdict }) => [
    operation.cause,
    operation.request,
    verdict.decision,
  ]);
  const id = sha256(JSON.stringify([basedOn, steps, ...(ofTopics ?? [])]), 16);
  return { id, basedOn, ...parts };
}
