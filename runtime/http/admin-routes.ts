// The admin routes: the status, the plan, decisions about it, the past, and what happens as it happens.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AdminPort, DecisionResult } from "./admin-port.js";
import type { EventStreams } from "./event-stream.js";
import { type Problem, sendProblem } from "./problem.js";
import { count, list, object, ref, text } from "./schema-parts.js";
import { adminProblems } from "./schemas.js";
import type { StatusTexts } from "./status-text.js";

export interface AdminRoutesOptions {
  readonly port: AdminPort;
  readonly texts: StatusTexts;
  readonly events: EventStreams;
}

const json = "application/json; charset=utf-8";
const maxHistory = 1000;
/** The longest that a timer takes, 24 days: an answer that is meant to go on is not cut off. */
const neverMs = 2 ** 31 - 1;
const security = [{ bearer: [] }];

export function adminRoutes(app: FastifyInstance, { port, texts, events }: AdminRoutesOptions): void {
  app.get(
    "/admin/status",
    {
      schema: {
        summary: "What the server is doing, and how far it is",
        security,
        response: { 200: ref("Status"), 304: { type: "null" }, ...adminProblems },
      },
    },
    (request, reply) => {
      const { bytes, etag } = texts.of(port.status());
      void reply.header("etag", etag);
      if (request.headers["if-none-match"] === etag) return reply.code(304).send();
      reply.isClean = true;
      return reply.type(json).send(bytes);
    },
  );
  app.get(
    "/admin/events",
    {
      handlerTimeout: neverMs,
      // It would open a stream that nobody reads.
      exposeHeadRoute: false,
      schema: {
        summary: "Each new status, as server-sent events of the name `status`",
        security,
        produces: ["text/event-stream"],
        response: { 200: { type: "string" }, ...adminProblems },
      },
    },
    (_request, reply) => {
      const stream = events.open();
      if (stream === undefined) return sendProblem(reply, tooManyListeners);
      void reply.header("x-accel-buffering", "no").type("text/event-stream; charset=utf-8");
      return reply.send(stream);
    },
  );
  app.get(
    "/admin/plan",
    {
      schema: {
        summary: "The current difference of code and database, as an ordered plan",
        security,
        response: { 200: ref("PlanView"), ...adminProblems },
      },
    },
    () => port.plan(),
  );
  app.get<{ Querystring: { limit: number } }>(
    "/admin/history",
    {
      schema: {
        summary: "The runs of the past, the newest first",
        security,
        querystring: object({}, { limit: { ...count, minimum: 1, maximum: maxHistory, default: 50 } }),
        response: { 200: object({ runs: list(ref("HistoryEntry")) }), ...adminProblems },
      },
    },
    async ({ query }) => ({ runs: await port.history(query.limit) }),
  );
  app.post(
    "/admin/reconcile",
    {
      config: { right: "approve" },
      schema: {
        summary: "Look at the database now",
        security,
        response: { 202: object({ status: text }), ...adminProblems },
      },
    },
    (_request, reply) => {
      port.reconcile();
      return reply.code(202).send({ status: "accepted" });
    },
  );
  decisionRoutes(app, port);
}

interface DecisionRoute {
  Params: { id: string };
  Body: { operation?: string; by?: string } | undefined | null;
}

function decisionRoutes(app: FastifyInstance, port: AdminPort): void {
  const name = { ...text, minLength: 1, maxLength: 200 };
  const schema = {
    security,
    params: object({ id: name }),
    body: {
      ...object(
        {},
        {
          operation: { ...name, description: "Id of one operation; all that wait, where it is absent." },
          by: { ...name, description: "Who decides, for the history." },
        },
      ),
      type: ["object", "null"],
    },
    response: {
      200: object({ status: text, plan: text }, { operation: text }),
      404: ref("Problem"),
      409: ref("Problem"),
      ...adminProblems,
    },
  };
  app.post<DecisionRoute>(
    "/admin/plan/:id/approve",
    { config: { right: "approve" }, schema: { ...schema, summary: "Let operations go on that wait for it" } },
    async (request, reply) => {
      const { plan, operation, by } = decisionOf(request);
      return answer(reply, { status: "approved", plan, operation }, await port.approve(plan, operation, by));
    },
  );
  app.post<DecisionRoute>(
    "/admin/plan/:id/reject",
    { config: { right: "approve" }, schema: { ...schema, summary: "Refuse operations that wait" } },
    async (request, reply) => {
      const { plan, operation, by } = decisionOf(request);
      return answer(reply, { status: "rejected", plan, operation }, await port.reject(plan, operation, by));
    },
  );
}

function decisionOf(request: FastifyRequest<DecisionRoute>) {
  const token = request.grant?.name ?? "no token";
  const { operation, by } = request.body ?? {};
  return { plan: request.params.id, operation, by: by === undefined ? token : `${by} (${token})` };
}

function answer(reply: FastifyReply, done: unknown, result: DecisionResult): FastifyReply {
  return result.ok ? reply.send(done) : sendProblem(reply, refusals[result.reason]);
}

const refusals: Readonly<Record<Extract<DecisionResult, { ok: false }>["reason"], Problem>> = {
  "unknown-plan": {
    status: 404,
    code: "http/unknown-plan",
    title: "There is no such plan",
    detail: "GET /admin/plan shows the current one with its id.",
  },
  changed: {
    status: 409,
    code: "http/plan-changed",
    title: "The plan has changed since",
    detail: "The code or the database is not as it was; look at the new plan and decide about that.",
  },
  "unknown-operation": {
    status: 404,
    code: "http/unknown-operation",
    title: "The plan has no such operation that waits for an approval",
    detail: "GET /admin/plan shows the operations with their ids.",
  },
};

const tooManyListeners: Problem = {
  status: 503,
  code: "http/too-many-listeners",
  title: "Too many event streams are open",
  detail: "Close one, or ask /admin/status from time to time.",
  headers: { "retry-after": "10" },
};
