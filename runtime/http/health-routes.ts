// Health for probes and load balancers: open to all, cheap, and without a word that names a table.

import type { FastifyInstance, FastifyReply } from "fastify";
import { type Check, isReady, type ServerStatus } from "../../src/status/server-status.js";
import { sendProblem } from "./problem.js";
import { flag, list, object, ref, text } from "./schema-parts.js";

const unlimited = { rateLimit: false } as const;
const ok = object({ status: text });
const checks = list(object({ name: text, ok: flag, reason: text }));
const groups = object({ healthy: list(text), unhealthy: list(text) });

/** `/livez`, `/readyz`, `/startupz`, and `/liveness`, `/ready`, `/health` as the existing tool has them. */
export function healthRoutes(app: FastifyInstance, status: () => ServerStatus): void {
  app.get(
    "/livez",
    {
      config: unlimited,
      schema: { summary: "The process answers; nothing else is looked at", response: { 200: ok } },
    },
    () => ({ status: "ok" }),
  );
  app.get<{ Querystring: { verbose?: string } }>(
    "/readyz",
    {
      config: unlimited,
      schema: {
        summary: "The schema is as the code says, and what it needs can be reached",
        querystring: object({}, { verbose: text }),
        response: { 200: object({ status: text }, { checks }), 503: ref("Problem") },
      },
    },
    ({ query }, reply) => readiness(reply, status(), query.verbose !== undefined),
  );
  app.get(
    "/startupz",
    {
      config: unlimited,
      schema: {
        summary: "The start is over; a long migration is none",
        response: { 200: ok, 503: ref("Problem") },
      },
    },
    (_request, reply) =>
      status().phase === "starting" ? sendProblem(reply, notStarted) : reply.send({ status: "ok" }),
  );
  app.get(
    "/liveness",
    { config: unlimited, schema: { summary: "As /livez", response: { 200: groups } } },
    () => ({ healthy: ["Moose"], unhealthy: [] }),
  );
  app.get(
    "/health",
    { config: unlimited, schema: { summary: "What can be reached", response: { 200: groups, 503: groups } } },
    (_request, reply) =>
      grouped(
        reply,
        status().checks.filter(({ name }) => name !== "schema"),
      ),
  );
  app.get(
    "/ready",
    { config: unlimited, schema: { summary: "As /readyz", response: { 200: groups, 503: groups } } },
    (_request, reply) => {
      const now = status();
      const others = now.checks.filter(({ name }) => name !== "schema");
      return grouped(reply, [
        ...others,
        { name: "schema", ok: isReady(now), reason: now.conditions.Ready.reason },
      ]);
    },
  );
}

function readiness(reply: FastifyReply, status: ServerStatus, isVerbose: boolean): FastifyReply {
  const more = isVerbose ? { checks: status.checks } : {};
  if (isReady(status)) return reply.send({ status: "ok", ...more });
  const { reason } = status.conditions.Ready;
  return sendProblem(reply, {
    status: 503,
    code: "http/not-ready",
    title: "The server is not ready",
    detail: `${reason}; /admin/status says more to who has a token.`,
    more: { reason, phase: status.phase, ...more },
  });
}

const notStarted = {
  status: 503,
  code: "http/not-started",
  title: "The server is starting",
  detail: "It reads its settings and code.",
};

const names: Readonly<Record<Check["name"], string>> = {
  clickhouse: "ClickHouse",
  kafka: "Redpanda",
  schema: "Schema",
};

function grouped(reply: FastifyReply, found: readonly Check[]): FastifyReply {
  const of = (isOk: boolean) => found.filter((check) => check.ok === isOk).map(({ name }) => names[name]);
  const unhealthy = of(false);
  return reply.code(unhealthy.length === 0 ? 200 : 503).send({ healthy: of(true), unhealthy });
}
