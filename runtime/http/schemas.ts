// JSON schemas of what the admin routes answer; the OpenAPI document names them as they are named here.

import { LifeCycle } from "../../src/infra/lifecycle.js";
import { conditionTypes, phases } from "../../src/status/server-status.js";
import {
  anything,
  count,
  flag,
  type JsonSchema,
  list,
  number,
  object,
  oneOf,
  ref,
  text,
  time,
} from "./schema-parts.js";

const lifeCycle = oneOf(Object.values(LifeCycle));

const diagnostic = object(
  { code: text, severity: oneOf(["error", "warning"]), summary: text },
  { detail: text, place: object({ file: text, line: count, column: count }), hint: text },
);

const problem: JsonSchema = {
  ...object(
    { type: text, title: text, status: count, detail: text, code: text, instance: text },
    { diagnostics: list(ref("Diagnostic")) },
  ),
  // RFC 9457 lets each code have members of its own.
  additionalProperties: true,
};

const decision = object(
  { decision: oneOf(["apply", "blocked", "needs-approval", "approved", "rejected"]) },
  { code: text, reason: text, unblock: text, adopts: text, by: text, at: time },
);

const operation = object(
  {
    id: text,
    target: oneOf(["clickhouse", "kafka"]),
    kind: text,
    address: text,
    reason: text,
    cost: text,
    destructive: flag,
    verdict: ref("Decision"),
    state: oneOf(["pending", "running", "applied", "failed", "unknown", "blocked", "skipped"]),
    sql: list(text),
  },
  {
    part: text,
    lifeCycle,
    progress: { ...number, description: "From 0 to 1." },
    rows: count,
    bytes: count,
    durationMs: number,
    error: text,
    undo: { ...text, description: "Statement that takes it back." },
  },
);

const plan = object({ id: text, basedOn: text, operations: list(ref("Operation")) });

const planView = object({
  id: text,
  basedOn: text,
  operations: list(ref("Operation")),
  renames: list(object({ address: text, from: text, to: text, evidence: list(text) })),
  unsure: list(text),
  unmanaged: list(text),
  diagnostics: list(ref("Diagnostic")),
});

const condition = object({
  status: oneOf(["True", "False", "Unknown"]),
  reason: text,
  message: text,
  since: time,
});

const messages = object(
  {},
  {
    count: { ...count, description: "Between the oldest and the newest offset." },
    groups: {
      ...list(object({ id: text, state: text, lag: count })),
      description: "Consumer groups that have committed offsets; `lag` is what they have not read yet.",
    },
    missing: { ...text, description: "Why something of it is not known." },
  },
);

const resource = object(
  {
    address: text,
    kind: oneOf(["table", "view", "materialized-view", "dictionary", "topic", "sql-resource"]),
    lifeCycle,
    state: oneOf(["in-sync", "pending", "applying", "blocked", "drifted", "failed"]),
  },
  { detail: text, messages: ref("StreamMessages") },
);

const status = object(
  {
    project: text,
    mode: oneOf(["dev", "prod"]),
    phase: oneOf(phases),
    startedAt: time,
    at: time,
    generation: count,
    observedGeneration: count,
    conditions: object(Object.fromEntries(conditionTypes.map((type) => [type, ref("Condition")]))),
    checks: list(object({ name: oneOf(["clickhouse", "kafka", "schema"]), ok: flag, reason: text })),
    resources: list(ref("Resource")),
    unmanaged: list(text),
    drift: list(object({ address: text, parts: list(object({ what: text, before: text, after: text })) })),
    versions: object({ moose: text }, { clickhouse: text }),
    diagnostics: list(ref("Diagnostic")),
  },
  { plan: ref("Plan"), lock: object({ holder: text, isOurs: flag, epoch: count, since: time }) },
);

const historyEntry = object(
  {
    runId: text,
    migrationId: text,
    who: text,
    host: text,
    toolVersion: text,
    startedAt: text,
    durationMs: number,
    done: count,
    failed: count,
    unknown: count,
  },
  { endedAt: text, error: text },
);

const discrepancies = object(
  Object.fromEntries(
    ["", "sql_resources", "materialized_views", "views"].flatMap((kind) =>
      ["unmapped", "missing", "mismatched"].map((how) => [
        `${how}_${kind === "" ? "tables" : kind}`,
        list(anything),
      ]),
    ),
  ),
);

/** By their `$id`. */
export const sharedSchemas: Readonly<Record<string, JsonSchema>> = {
  Diagnostic: diagnostic,
  Problem: problem,
  Decision: decision,
  Operation: operation,
  Plan: plan,
  PlanView: planView,
  Condition: condition,
  StreamMessages: messages,
  Resource: resource,
  Status: status,
  HistoryEntry: historyEntry,
  Discrepancies: discrepancies,
};

/** The answers that every route behind a token can give besides its own. */
export const adminProblems: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  ["400", "401", "403", "429", "500", "503"].map((code) => [code, ref("Problem")]),
);
