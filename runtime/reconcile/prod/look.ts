// One look of a server that reconciles by itself: code against database, with what people have approved. Needs no lock.

import type { Desired } from "../../../src/declare/desired.js";
import type { Address } from "../../../src/infra/address.js";
import { type ApprovalPolicy, operationFingerprint } from "../../../src/policy/approval.js";
import { topicFingerprint } from "../../../src/policy/judge-topics.js";
import {
  type Deployment,
  heldBack,
  type OwnDeployment,
  supersededBy,
} from "../../../src/policy/supersede.js";
import type { Verdict } from "../../../src/policy/verdict.js";
import { type PlanReport, planReport } from "../../../src/status/plan-report.js";
import { readDecisions } from "../../clickhouse/approvals.js";
import type { ClickHouse } from "../../clickhouse/client.js";
import { readDeployments } from "../../clickhouse/deployments.js";
import type { LiveTables } from "../../clickhouse/live-tables.js";
import type { Settings } from "../../config/settings.js";
import { planProject } from "../plan-project.js";
import type { Planned } from "../planner.js";
import type { KafkaAccess } from "../topics/access.js";

export interface LookOptions {
  readonly settings: Settings;
  readonly desired: Desired;
  readonly deployment: OwnDeployment;
  readonly liveTables: LiveTables;
  readonly kafka: KafkaAccess | undefined;
  /** Existing tables to take over: they are planned as if they were ours already. */
  readonly adopt: readonly Address[];
}

export interface Look {
  readonly planned: Planned;
  readonly report: PlanReport;
  /** The deployment that came after this one. */
  readonly supersededBy: Deployment | undefined;
  /** What the database was last brought to. */
  readonly latest: Deployment | undefined;
  readonly approvals: ApprovalPolicy;
}

export async function look(clickhouse: ClickHouse, options: LookOptions): Promise<Look> {
  const { settings, desired, deployment, liveTables, kafka, adopt } = options;
  const { approvals, applied } = await readWord(clickhouse, settings);
  const { planned, report } = await planProject(clickhouse, desired, {
    project: settings.project,
    database: settings.clickhouse.database,
    adopt,
    renames: [],
    ignored: settings.migration.ignoreOperations,
    approvals,
    liveTables,
    kafka,
  });
  const newer = supersededUnlessApproved(deployment, applied, approvals);
  const held = <T>(judged: readonly { readonly operation: T; readonly verdict: Verdict }[]) =>
    newer === undefined ? judged : heldBack(judged, newer);
  const operations = held(planned.judged.operations);
  const topics = report.topics && { ...report.topics, operations: held(report.topics.operations) };
  return {
    planned: { ...planned, judged: { operations } },
    // Renames are guessed for whoever writes a plan file.
    report: planReport(planned.actual, { ...report, operations, topics, renames: [] }),
    supersededBy: newer,
    latest: applied.at(-1),
    approvals,
  };
}

/** What people have said, and what came before. */
export async function readWord(
  clickhouse: ClickHouse,
  settings: Settings,
): Promise<{ readonly approvals: ApprovalPolicy; readonly applied: readonly Deployment[] }> {
  const [decisions, applied] = await Promise.all([
    readDecisions(clickhouse, settings.project),
    readDeployments(clickhouse, settings.project),
  ]);
  const allowDestructive = settings.migration.prodAutoAllowDestructive;
  return { approvals: { decisions, allowDestructive }, applied };
}

/** To go back to an older schema is a decision too. */
export function supersededUnlessApproved(
  own: OwnDeployment,
  applied: readonly Deployment[],
  { decisions }: ApprovalPolicy,
): Deployment | undefined {
  const newer = supersededBy(own, applied);
  return decisions.get(goBackFingerprint(own.hash))?.decision === "approved" ? undefined : newer;
}

/** Under it the approval is kept to bring the database back to an older schema. */
export function goBackFingerprint(hash: string): string {
  return `deployment ${hash}`;
}

/** What of drift is brought back first, where the settings say so or somebody has approved it. */
export function whatToHeal(
  { report, approvals: { decisions } }: Look,
  healDrift: boolean,
): "tables" | "topics" | undefined {
  const isWanted = (verdict: Verdict, fingerprint: string) =>
    verdict.decision === "apply" && (healDrift || decisions.get(fingerprint)?.decision === "approved");
  const ofTopics = report.topics?.operations ?? [];
  if (report.operations.some((one) => isWanted(one.verdict, operationFingerprint(one.operation))))
    return "tables";
  if (ofTopics.some((one) => isWanted(one.verdict, topicFingerprint(one.operation)))) return "topics";
  return undefined;
}
