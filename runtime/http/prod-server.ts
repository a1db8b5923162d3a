// moose prod as a whole: the HTTP server, which is there first, and the session that reconciles behind it.

import type { Logger } from "../log/logger.js";
import type { ProdOptions } from "../reconcile/prod/prod-options.js";
import type { ProdState } from "../reconcile/prod/prod-state.js";
import { ProdSession } from "../reconcile/prod/session.js";
import { buildApp, buildManagementApp } from "./app.js";
import { listen } from "./listen.js";
import { ServerMetrics } from "./metrics.js";
import { ProdAdmin } from "./prod-admin.js";
import { roundCounter } from "./round-counter.js";
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
  const count = roundCounter(metrics);
  const countLockAndMutations = lockAndMutations(metrics);
  const session = new ProdSession({
    ...rest,
    onChange(state) {
      count(state);
      countLockAndMutations(state);
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
    const url = await listen(app, http.host, http.port);
    const managementUrl = await listen(management, http.host, http.managementPort);
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

/** The lock is ours for a moment only, and a rewrite may begin and end between two looks. */
function lockAndMutations(metrics: ServerMetrics): (state: ProdState) => void {
  let epoch: number | undefined;
  return ({ lock, operations, unfinishedMutations }) => {
    if (lock?.isTakenOver === true && lock.epoch !== epoch) metrics.lockTakenOver();
    epoch = lock?.epoch ?? epoch;
    const rewriting = operations.filter(({ parts }) => parts !== undefined);
    metrics.mutationsUnfinished(Math.max(unfinishedMutations, rewriting.length));
  };
}
