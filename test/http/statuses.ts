// Realistic statuses of a server: one of each phase that matters to who looks at it.

import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Condition, Conditions, OperationStatus, ServerStatus } from "../../src/status/server-status.js";

export const at = "2026-11-25T04:40:00.000Z";

function condition(status: Condition["status"], reason: Condition["reason"], message: string): Condition {
  return { status, reason, message, since: at };
}

export function operation(parts: Partial<OperationStatus> & Pick<OperationStatus, "id">): OperationStatus {
  return {
    target: "clickhouse",
    kind: "AddTableColumn",
    address: "local.events",
    reason: "added in code",
    cost: "metadata",
    destructive: false,
    lifeCycle: LifeCycle.FULLY_MANAGED,
    verdict: { decision: "apply" },
    state: "pending",
    progress: undefined,
    rows: undefined,
    bytes: undefined,
    sql: ["ALTER TABLE `local`.`events` ADD COLUMN `country` LowCardinality(String) AFTER `userId`"],
    durationMs: undefined,
    error: undefined,
    undo: undefined,
    ...parts,
  };
}

export const operations: readonly OperationStatus[] = [
  operation({
    id: "1",
    part: "country",
    state: "applied",
    durationMs: 12,
    undo: "ALTER TABLE `local`.`events` DROP COLUMN `country`",
  }),
  operation({
    id: "2",
    part: "amount",
    kind: "ModifyTableColumn",
    address: "local.orders",
    cost: "mutation",
    reason: "another type in code",
    rows: 48_210_554,
    bytes: 3_221_225_472,
    state: "running",
    progress: 0.42,
    sql: ["ALTER TABLE `local`.`orders` MODIFY COLUMN `amount` Decimal(18, 4)"],
  }),
  operation({
    id: "3",
    part: "phone",
    kind: "DropTableColumn",
    address: "local.users",
    destructive: true,
    reason: "removed from code",
    rows: 1_204_331,
    bytes: 88_080_384,
    verdict: { decision: "needs-approval", reason: "It destroys the values of `phone` in 1,204,331 rows." },
    state: "blocked",
    sql: ["ALTER TABLE `local`.`users` DROP COLUMN `phone`"],
  }),
  operation({
    id: "4",
    kind: "DropTable",
    address: "local.invoices",
    destructive: true,
    lifeCycle: LifeCycle.DELETION_PROTECTED,
    reason: "removed from code",
    rows: 310_002,
    bytes: 41_943_040,
    verdict: {
      decision: "blocked",
      code: "deletion-protected",
      reason: "The table was last applied as DELETION_PROTECTED.",
      unblock: "Bring it back in code, or apply it once as FULLY_MANAGED.",
    },
    state: "blocked",
    sql: ["DROP TABLE `local`.`invoices`"],
  }),
];

const readyConditions: Conditions = {
  Ready: condition("True", "AsDesired", "The database is as the code says."),
  Progressing: condition("False", "AsDesired", "Nothing is left to do."),
  Blocked: condition("False", "AsDesired", "Nothing waits."),
  Drifted: condition("False", "AsDesired", "Nothing was changed by others."),
};

export const ready: ServerStatus = {
  project: "shop",
  mode: "prod",
  phase: "ready",
  startedAt: at,
  at,
  generation: 3,
  observedGeneration: 3,
  conditions: readyConditions,
  checks: [
    { name: "clickhouse", ok: true, reason: "AsDesired" },
    { name: "kafka", ok: true, reason: "AsDesired" },
    { name: "schema", ok: true, reason: "AsDesired" },
  ],
  plan: undefined,
  resources: [
    resource("local.events", LifeCycle.FULLY_MANAGED),
    resource("local.orders", LifeCycle.FULLY_MANAGED),
    resource("local.users", LifeCycle.DELETION_PROTECTED),
    resource("local.clicks_cdc", LifeCycle.EXTERNALLY_MANAGED),
    { ...resource("local.orders_by_day", LifeCycle.FULLY_MANAGED), kind: "materialized-view" },
    {
      ...resource("events", LifeCycle.DELETION_PROTECTED),
      kind: "topic",
      messages: {
        count: 40_112,
        groups: [
          { id: "billing", state: "STABLE", lag: 0 },
          { id: "reporting", state: "EMPTY", lag: 1_204 },
        ],
        missing: undefined,
      },
    },
    {
      ...resource("clicks", LifeCycle.FULLY_MANAGED),
      kind: "topic",
      messages: { count: undefined, groups: undefined, missing: "Nothing answers at kafka:9092." },
    },
  ],
  unmanaged: ["local.tmp_backfill", "local.scratch"],
  drift: [],
  lock: { holder: "moose prod on pod-7f9c (pid 1)", isOurs: true, epoch: 12, since: at },
  versions: { moose: "0.1.0", clickhouse: "26.7.2.1" },
  diagnostics: [],
};

function resource(address: string, lifeCycle: LifeCycle) {
  return { address, kind: "table", lifeCycle, state: "in-sync", detail: undefined } as const;
}

export const blocked: ServerStatus = {
  ...ready,
  phase: "blocked",
  generation: 4,
  conditions: {
    ...readyConditions,
    Ready: condition("False", "NeedsApproval", "One operation waits for an approval."),
    Progressing: condition("True", "Applying", "1 of 4 operations is done."),
    Blocked: condition(
      "True",
      "NeedsApproval",
      "local.users waits for an approval; local.invoices is protected.",
    ),
    Drifted: condition("True", "DatabaseDiffers", "local.events was changed by others."),
  },
  checks: ready.checks.map((check) =>
    check.name === "schema" ? { ...check, ok: false, reason: "NeedsApproval" } : check,
  ),
  plan: { id: "9f2c41d07ab35e88", basedOn: "5e1f".repeat(16), operations },
  resources: ready.resources.map((one) => {
    if (one.address === "local.users") return { ...one, state: "blocked", detail: "waits for an approval" };
    if (one.address === "local.orders") return { ...one, state: "applying", detail: undefined };
    if (one.address === "local.events") return { ...one, state: "drifted", detail: "changed by others" };
    return one;
  }),
  drift: [
    {
      address: "local.events",
      parts: [
        { what: "column referrer: type", before: "String", after: "LowCardinality(String)" },
        { what: "TTL", before: "", after: "timestamp + toIntervalDay(30)" },
      ],
    },
  ],
};

export const starting: ServerStatus = {
  ...ready,
  phase: "starting",
  generation: 0,
  observedGeneration: 0,
  conditions: {
    ...readyConditions,
    Ready: condition("False", "Starting", "The code is being read."),
    Drifted: condition("Unknown", "NotChecked", ""),
  },
  checks: ready.checks.map((check) => ({ ...check, ok: false, reason: "NotChecked" })),
  resources: [],
  lock: undefined,
  versions: { moose: "0.1.0", clickhouse: undefined },
};

export const withoutClickHouse: ServerStatus = {
  ...ready,
  phase: "waiting-for-clickhouse",
  conditions: {
    ...readyConditions,
    Ready: condition("False", "ClickHouseUnreachable", "ClickHouse does not answer; the next try is in 4 s."),
  },
  checks: ready.checks.map((check) =>
    check.name === "kafka" ? check : { ...check, ok: false, reason: "ClickHouseUnreachable" },
  ),
};
