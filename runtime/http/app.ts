// The HTTP server without its socket: every route, limit and header. Tests inject requests, `moose` listens.

import { randomUUID } from "node:crypto";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  fastify,
  LogController,
} from "fastify";
import { type Logger, redactLine } from "../log/logger.js";
import type { AdminPort } from "./admin-port.js";
import { adminRoutes } from "./admin-routes.js";
import { requireToken } from "./auth.js";
import { compatibleRoutes } from "./compatible-routes.js";
import { EventStreams } from "./event-stream.js";
import { healthRoutes } from "./health-routes.js";
import { defaultLimits, type Limits } from "./limits.js";
import type { ServerMetrics } from "./metrics.js";
import { pageRoutes } from "./page-routes.js";
import { answerWithProblems, notFound, problemType, routeOf, sendProblem } from "./problem.js";
import { answerBadAddress, answerBadRequest } from "./raw-errors.js";
import { sharedSchemas } from "./schemas.js";
import { StatusTexts } from "./status-text.js";
import { TokenCheck, type TokenHashes } from "./tokens.js";

declare module "fastify" {
  interface FastifyReply {
    /** True where the body has been cleaned of secrets already. */
    isClean: boolean;
  }
}

/** Certificates as PEM text. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Clients must then have a certificate that this authority has signed. */
  readonly clientCa?: string | undefined;
}

export interface AppOptions {
  readonly port: AdminPort;
  readonly metrics: ServerMetrics;
  readonly tokens: TokenHashes;
  readonly log: Logger;
  /** Texts that must not appear in any answer. */
  readonly secrets: readonly string[];
  /** Of moose. */
  readonly version: string;
  /** Before all routes, `/analytics`. Default: none. */
  readonly pathPrefix?: string;
  /** Largest body that holds an InfraMap or records. Default: 10 MiB. */
  readonly maxBodyBytes?: number;
  readonly tls?: TlsFiles | undefined;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustProxy?: readonly string[];
  /** As in moose dev: whoever sits at this machine needs no token. Default: everybody does. */
  readonly trustsOwner?: boolean;
  /** Where they differ from {@link defaultLimits}. */
  readonly limits?: Partial<Limits>;
}

const defaultMaxBodyBytes = 10 * 1024 * 1024;

/**
 * The app, not listening. Other routes can be registered on it until it is ready; what they throw becomes a problem.
 *
 * @example
 * const app = buildApp({ port, metrics: new ServerMetrics(version), tokens, log, secrets, version });
 * await app.listen({ host: "127.0.0.1", port: 4000 });
 */
export function buildApp(options: AppOptions): FastifyInstance {
  const { port, metrics, pathPrefix = "", secrets, version } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const app = openApp(options, limits);
  const texts = new StatusTexts(secrets);
  const events = new EventStreams(port, texts, limits);
  harden(app, limits, options.tls !== undefined);
  cleanAnswers(app, secrets);
  answerWithProblems(app);
  for (const [$id, schema] of Object.entries(sharedSchemas)) app.addSchema({ $id, ...schema });
  void app.register(swagger, openApi(version));
  // Plugins first: each looks at the routes that come after it.
  void app.register(
    async (scope) => {
      healthRoutes(scope, () => port.status());
      pageRoutes(scope, pathPrefix);
      scope.get("/openapi.json", { schema: { hide: true } }, (_request, reply) => {
        reply.isClean = true;
        return reply.send(app.swagger());
      });
      void scope.register(async (guarded) => {
        requireToken(guarded, new TokenCheck(options.tokens), limits, options.trustsOwner);
        adminRoutes(guarded, { port, texts, events });
        compatibleRoutes(guarded, port, options.maxBodyBytes ?? defaultMaxBodyBytes);
        metricsRoute(guarded, port, metrics);
      });
    },
    { prefix: pathPrefix },
  );
  app.addHook("preClose", async () => events.close());
  return app;
}

export type ManagementOptions = Pick<AppOptions, "port" | "metrics" | "log" | "secrets"> & {
  readonly limits?: Partial<Limits>;
};

/** Health and metrics alone, without a token: for a port of its own that only probes and Prometheus reach. */
export function buildManagementApp(options: ManagementOptions): FastifyInstance {
  const limits = { ...defaultLimits, ...options.limits };
  const app = openApp(options, limits);
  harden(app, limits, false);
  cleanAnswers(app, options.secrets);
  answerWithProblems(app);
  for (const [$id, schema] of Object.entries(sharedSchemas)) app.addSchema({ $id, ...schema });
  void app.register(async (scope) => {
    healthRoutes(scope, () => options.port.status());
    metricsRoute(scope, options.port, options.metrics);
  });
  return app;
}

function metricsRoute(app: FastifyInstance, port: AdminPort, metrics: ServerMetrics): void {
  const schema = {
    summary: "Metrics for Prometheus",
    security: [{ bearer: [] }],
    response: { 200: { type: "string" } },
  };
  app.get("/metrics", { schema }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text(port.status())),
  );
}

type OpenOptions = Pick<AppOptions, "log" | "tls" | "trustProxy">;

function openApp(options: OpenOptions, limits: Limits): FastifyInstance {
  const server = { maxHeaderSize: limits.headerBytes, connectionsCheckingInterval: 2_000 };
  const common = commonOptions(options, limits);
  const app =
    options.tls === undefined
      ? fastify({ ...common, http: server })
      : // The two servers differ in nothing that is used here.
        (fastify({
          ...common,
          https: { ...server, ...tlsOptions(options.tls) },
        }) as unknown as FastifyInstance);
  app.server.headersTimeout = limits.headersTimeoutMs;
  app.server.maxConnections = limits.connections;
  app.addHook("onResponse", async (request, reply) => {
    const { id, method } = request;
    const durationMs = Math.round(reply.elapsedTime);
    const { statusCode: status } = reply;
    request.log.debug({ event: "request", id, method, route: routeOf(request), status, durationMs });
  });
  return app;
}

function commonOptions({ log, trustProxy }: OpenOptions, limits: Limits) {
  return {
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: limits.smallBodyBytes,
    connectionTimeout: limits.idleTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    handlerTimeout: limits.handlerTimeoutMs,
    maxRequestsPerSocket: limits.requestsPerConnection,
    forceCloseConnections: "idle" as const,
    frameworkErrors: (_error: unknown, _request: unknown, reply: FastifyReply) => answerBadAddress(reply),
    clientErrorHandler: answerBadRequest,
    trustProxy: trustProxy === undefined ? false : [...trustProxy],
    routerOptions: { maxParamLength: 200 },
    // A body that has more than the route knows is a mistake of the sender.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true, useDefaults: true } as const },
  };
}

function tlsOptions({ cert, key, clientCa }: TlsFiles) {
  const mutual = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return { cert, key, minVersion: "TLSv1.2" as const, ...mutual };
}

function harden(app: FastifyInstance, limits: Limits, hasTls: boolean): void {
  void app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
      },
    },
    frameguard: { action: "deny" },
    referrerPolicy: { policy: "no-referrer" },
    hsts: hasTls,
  });
  void app.register(rateLimit, {
    global: true,
    max: limits.requestsPerMinute,
    timeWindow: 60_000,
    cache: 10_000,
  });
  app.after(() => {
    const preHandler = app.rateLimit();
    app.setNotFoundHandler({ preHandler }, (_request, reply) => sendProblem(reply, notFound()));
  });
  app.addHook("onRequest", async (_request, reply) => {
    void reply.header("cache-control", "no-store");
  });
}

/** Every JSON text that goes out is looked through, whichever route it comes from. */
function cleanAnswers(app: FastifyInstance, secrets: readonly string[]): void {
  const known = Object.freeze([...secrets]);
  app.decorateReply("isClean", false);
  app.addHook("onSend", async (_request, reply, payload) => {
    const type = String(reply.getHeader("content-type") ?? "");
    const isJson = type.startsWith("application/json") || type === problemType;
    if (reply.isClean || !isJson || typeof payload !== "string") return payload;
    return redactLine(payload, known).trimEnd();
  });
}

function openApi(version: string) {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "moose",
        description: "What a server of moose says of itself, and lets be done.",
        version,
      },
      components: { securitySchemes: { bearer: { type: "http" as const, scheme: "bearer" } } },
    },
    refResolver: {
      buildLocalReference: (json: { $id?: unknown }, _base: unknown, _fragment: string, index: number) =>
        typeof json.$id === "string" ? json.$id : `def-${index}`,
    },
  };
}
