import { expect, test } from "vitest";
import { buildManagementApp } from "../../runtime/http/app.js";
import { createLogger } from "../../runtime/log/logger.js";
import { adminToken, bearer, testServer } from "./harness.js";
import { blocked, ready, starting } from "./statuses.js";

async function metricsOf(server: ReturnType<typeof testServer>): Promise<readonly string[]> {
  const answer = await server.app.inject({ url: "/metrics", headers: bearer(adminToken.token) });
  expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  return answer.body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

test("the status is told as numbers", async () => {
  expect(await metricsOf(testServer(blocked))).toEqual(
    expect.arrayContaining([
      'moose_build_info{version="0.1.0"} 1',
      "moose_leader 1",
      "moose_lock_epoch 12",
      "moose_schema_generation 4",
      "moose_schema_observed_generation 3",
      'moose_condition{type="Ready"} 0',
      'moose_condition{type="Drifted"} 1',
      'moose_phase{phase="blocked"} 1',
      'moose_phase{phase="ready"} 0',
      'moose_drift_objects{target="clickhouse"} 1',
      'moose_plan_operations{target="clickhouse",action="DropTable",destructive="true"} 1',
      'moose_plan_operations{target="clickhouse",action="ModifyTableColumn",destructive="false"} 1',
      "moose_terminal_reconcile_errors_total 0",
      "moose_lock_takeovers_total 0",
    ]),
  );
});

test("operations that are done, and those of an older plan, are counted no more", async () => {
  const server = testServer(blocked);
  expect((await metricsOf(server)).join()).not.toContain('action="AddTableColumn"');
  server.port.show(ready);
  expect((await metricsOf(server)).join()).not.toContain("moose_plan_operations");
});

test("rounds, their errors and how long they took are counted", async () => {
  const server = testServer(starting);
  server.metrics.reconciled("clickhouse", "success", 0.2);
  server.metrics.reconciled("clickhouse", "success", 3);
  server.metrics.reconciled("kafka", "error", 0.01);
  server.metrics.reconcileFailed("kafka", "KafkaUnreachable", false);
  server.metrics.reconcileFailed("clickhouse", "OperationFailed", true);
  server.metrics.lockTakenOver();
  server.metrics.mutationsUnfinished(3);
  server.metrics.succeededAt(1_795_000_000);
  expect(await metricsOf(server)).toEqual(
    expect.arrayContaining([
      'moose_reconcile_total{target="clickhouse",result="success"} 2',
      'moose_reconcile_total{target="kafka",result="error"} 1',
      'moose_reconcile_errors_total{target="kafka",class="KafkaUnreachable"} 1',
      "moose_terminal_reconcile_errors_total 1",
      'moose_reconcile_time_seconds_bucket{le="0.5",target="clickhouse"} 1',
      'moose_reconcile_time_seconds_count{target="clickhouse"} 2',
      "moose_lock_takeovers_total 1",
      "moose_mutations_unfinished 3",
      "moose_last_success_timestamp_seconds 1795000000",
      "moose_leader 0",
    ]),
  );
});

test("no metric names a table, a user or a plan", async () => {
  const text = (await metricsOf(testServer(blocked))).join("\n");
  expect(text).not.toMatch(/local|orders|users|phone|9f2c41d07ab35e88|pod-7f9c/);
});

test("two servers in one process count for themselves", async () => {
  const [one, other] = [testServer(ready), testServer(ready)];
  one.metrics.lockTakenOver();
  expect(await metricsOf(other)).toContain("moose_lock_takeovers_total 0");
});

test("the management port has health and metrics without a token, and nothing else", async () => {
  const { port, metrics } = testServer(blocked);
  const log = createLogger({ level: "silent" });
  const app = buildManagementApp({ port, metrics, log, secrets: [] });
  expect((await app.inject("/metrics")).body).toContain("moose_leader 1");
  expect((await app.inject("/livez")).statusCode).toBe(200);
  expect((await app.inject("/readyz")).statusCode).toBe(503);
  for (const url of ["/admin", "/admin/status", "/admin/plan", "/openapi.json"]) {
    const answer = await app.inject({ url, headers: bearer(adminToken.token) });
    expect([url, answer.statusCode]).toEqual([url, 404]);
    expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  }
});
