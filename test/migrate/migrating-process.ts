// A process that runs one migration and tells what happens, a line of JSON each; tests kill, stop and continue it.
// Argument: a file that says what to do.

import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { deserialize } from "node:v8";
import { connect } from "../../runtime/clickhouse/client.js";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { migrate } from "../../runtime/reconcile/migrate.js";
import { DiagnosticError } from "../../src/diagnostic.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { Job, Moment, Told } from "./job.js";

const job = deserialize(readFileSync(process.argv[2] ?? "")) as Job;
let left = job.dieAt?.after ?? 0;

function tell(told: Told): void {
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

function reach(moment: Moment, operation: number): void {
  if (job.tellsMoments) tell({ moment, operation });
  if (job.dieAt?.moment !== moment || job.dieAt.operation !== operation) return;
  // Nothing of this process happens after it.
  if (left-- === 0) process.kill(process.pid, "SIGKILL");
}

const clickhouse = await connect({ url: job.url, user: "default", password: "" });
// Most migrations have no topics, and no time to load the client.
const kafka =
  job.broker === undefined
    ? undefined
    : (await import("../../runtime/kafka/client.js")).connectKafka(plainKafka(job.broker));
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
try {
  const result = await migrate(clickhouse, {
    project: job.project,
    database: "default",
    source: {
      ...{ id: job.id, operations: job.operations, desired: undefined },
      before: infraMapOf(job.before, [], job.topicsBefore),
    },
    kafka: { kafka, namespace: "" },
    owner: { id: `run-${process.pid}`, host: hostname(), pid: process.pid, command: "moose migrate" },
    who: "tester",
    toolVersion: "0.0.0",
    lockTimeoutMs: 120_000,
    statementDeadlineMs: 60_000,
    repair: job.repair ?? false,
    mark: job.mark,
    stop: stop.signal,
    onEvent: (event) => {
      if (event.event === "step") {
        const { moment, step } = event.step;
        if (moment !== "waiting") reach(moment, step.operation);
      } else if (event.event === "progress") reach("rewriting", event.index);
      else if (event.event === "operation") reach("between", event.result.index);
    },
  });
  const problems = "diagnostics" in result ? result.diagnostics : [];
  const operations = "operations" in result ? result.operations : [];
  tell({
    state: result.state,
    problems,
    operations: operations.map(({ kind, state }) => `${kind} ${state}`),
  });
} catch (error) {
  if (error instanceof DiagnosticError)
    tell({ state: "thrown", problems: error.diagnostics, operations: [] });
  else tell({ state: "thrown", problems: [{ code: "lost", summary: String(error) }], operations: [] });
}
await Promise.all([clickhouse.close(), kafka?.close()]);
