// moose prod as a whole: the HTTP server, which is there first, and the session that reconciles behind it.

import type { FastifyInstance } from "fastify";
import { DiagnosticError } from "../../src/diagnostic.js";
import type { Settings } from "../config/settings.js";
import type { Logger } from "../log/logger.js";
import type { ProdOptions } from "../reconcile/prod/prod-options.js";
import type { ProdState } from "../reconcile/prod/prod-state.js";
import { ProdSession } from "../reconcile/prod/session.js";
import { buildApp, buildManagementApp } from "./app.js";
import { ServerMetrics } from "./metrics.js";
import { ProdAdmin } from "./prod-admin.js";
import { readTlsFiles } from "./tls-files.js";

export interface ProdServerOptions extends Omit<ProdOptions, "onChange"> {
  readonly log: Logger;
  readonly onChange: (state: ProdState) => void;
}

export interface ProdServer {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  readonly managementUrl: string;
  readonly session: ProdSession;
  /** After `stop`: waits for the statement in flight, then closes the ports. */
  close(): Promise<void>;
}

/**
 * Listens, then begins to reconcile.
 *
 * @throws DiagnosticError when a port cannot be had or a file of TLS cannot be read
 */
export async function startProd(options: ProdServerOptions): Promise<ProdServer> {
  const { log, onChange, ...rest } = options;
  const { settings, tool, stop } = options;
  const metrics = new ServerMetrics(tool.version);
  const session = new ProdSession({
    ...rest,
    onChange(state) {
      count(metrics, admin.status().phase, state);
      admin.changed();
      onChange(state);
    },
  });
  const admin = new ProdAdmin(session, { settings, tool, stop });
  const { http, secrets, tokenHashes: tokens } = settings;
  const shared = { port: admin, metrics, log, secrets };
  const app = buildApp({
    ...{ ...shared, tokens, version: tool.version, pathPrefix: http.pathPrefix },
    maxBodyBytes: http.maxRequestBodyBytes,
    tls: http.tls && (await readTlsFiles(http.tls)),
    trustProxy: http.trustedProxies,
  });
  const management = buildManagementApp(shared);
  const close = async (): Promise<void> => {
    await Promise.all([app.close(), management.close()]);
  };
  try {
    const url = await listen(app, settings, http.port);
    const managementUrl = await listen(management, settings, http.managementPort);
    session.start();
    return {
      ...{ url, managementUrl, session },
      async close() {
        await session.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function count(metrics: ServerMetrics, phaseBefore: string, state: ProdState): void {
  if (phaseBefore === state.phase) return;
  const { phase } = state;
  if (phase === "ready") {
    metrics.reconciled("clickhouse", "success", 0);
    metrics.succeededAt(Date.now() / 1_000);
  }
  if (phase === "blocked" || phase === "drifted") metrics.reconciled("clickhouse", phase, 0);
  if (phase === "failed") {
    metrics.reconciled("clickhouse", "error", 0);
    metrics.reconcileFailed("clickhouse", "OperationFailed", false);
  }
}

async function listen(app: FastifyInstance, { http: { host } }: Settings, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!/^E[A-Z]+$/.test(code)) throw error;
    throw new DiagnosticError([
      {
        code: "http/cannot-listen",
        severity: "error",
        summary: `moose cannot listen on ${host}:${port}`,
        detail: error instanceof Error ? error.message : "",
        hint: "choose another port with http_server_config.port and management_port",
      },
    ]);
  }
}
