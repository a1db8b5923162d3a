// Problems as RFC 9457 has them: the one form of every answer that is not a success.

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";

export const problemType = "application/problem+json; charset=utf-8";

export interface Problem {
  readonly status: number;
  /** `http/no-token`; alerts and clients may build on it. */
  readonly code: string;
  /** The same for every problem of this code. */
  readonly title: string;
  /** What happened this time, and what to do. */
  readonly detail: string;
  readonly diagnostics?: readonly Diagnostic[];
  readonly headers?: Readonly<Record<string, string>>;
  /** More members of the answer. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // As text, so that the schema of a route's success does not apply to it.
  const body = JSON.stringify(problemBody(problem, reply.request.id));
  return reply
    .code(problem.status)
    .headers(problem.headers ?? {})
    .type(problemType)
    .send(body);
}

export function problemBody(problem: Problem, requestId: string): Readonly<Record<string, unknown>> {
  const { status, code, title, detail, diagnostics, more = {} } = problem;
  return {
    type: `urn:moose:${code.replace("/", ":")}`,
    ...{ title, status, detail, code },
    instance: `urn:moose:request:${requestId}`,
    ...(diagnostics === undefined ? {} : { diagnostics }),
    ...more,
  };
}

/** Makes problems of everything that goes wrong on the way to a route or in it. */
export function answerWithProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    if (problem.status === 500)
      request.log.error({ err: error, route: routeOf(request) }, "a request failed");
    return sendProblem(reply, problem);
  });
}

/** The pattern of the route, never the address as it was sent: that may hold a secret. */
export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? "none";
}

export function notFound(): Problem {
  return {
    status: 404,
    code: "http/no-route",
    title: "There is no such route",
    detail: "No route has this method and path; /openapi.json lists those of the admin interface.",
  };
}

function problemOf(error: FastifyError): Problem {
  if (error instanceof DiagnosticError) return unavailable(error.diagnostics);
  const known = knownErrors.get(error.code);
  if (known !== undefined) return known;
  if (error.validation !== undefined) return { ...badRequest, detail: error.message };
  if (error.statusCode === 429) return tooMany(error.message);
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return { ...badRequest, status: error.statusCode, detail: error.message };
  }
  return {
    status: 500,
    code: "http/fault",
    title: "The server met a fault of its own",
    detail: "The log has more under the request named in `instance`; please report it.",
  };
}

const badRequest: Problem = {
  status: 400,
  code: "http/bad-request",
  title: "The request is not as the route wants it",
  detail: "",
};

const knownErrors: ReadonlyMap<string, Problem> = new Map([
  [
    "FST_ERR_CTP_BODY_TOO_LARGE",
    {
      status: 413,
      code: "http/body-too-large",
      title: "The body is too large",
      detail: "The largest body is set by http_server_config.max_request_body_size.",
    },
  ],
  [
    "FST_ERR_CTP_INVALID_MEDIA_TYPE",
    {
      status: 415,
      code: "http/media-type",
      title: "The body has a media type that is not known",
      detail: "Send the body as application/json.",
    },
  ],
  [
    "FST_ERR_HANDLER_TIMEOUT",
    {
      status: 503,
      code: "http/took-too-long",
      title: "The answer took too long",
      detail: "ClickHouse may be slow or busy; /admin/status tells how it is.",
      headers: { "retry-after": "5" },
    },
  ],
]);

function tooMany(detail: string): Problem {
  return { status: 429, code: "http/too-many-requests", title: "Too many requests", detail };
}

function unavailable(diagnostics: readonly Diagnostic[]): Problem {
  return {
    status: 503,
    code: "http/not-available-now",
    title: "What the route needs cannot be had now",
    detail: diagnostics.map(({ summary }) => summary).join("\n"),
    diagnostics,
    headers: { "retry-after": "5" },
  };
}
