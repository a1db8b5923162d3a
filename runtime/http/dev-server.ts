// The HTTP server of moose dev: the admin routes and the page of moose prod, over a dev session.

import type { FastifyInstance } from "fastify";
import type { Settings } from "../config/settings.js";
import { createLogger } from "../log/logger.js";
import type { DevState } from "../reconcile/dev-state.js";
import { buildApp } from "./app.js";
import { DevAdmin } from "./dev-admin.js";
import { listen } from "./listen.js";
import { ServerMetrics } from "./metrics.js";
import { roundCounter } from "./round-counter.js";
import { readTlsFiles } from "./tls-files.js";

export interface DevServer {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws DiagnosticError when the port cannot be had or a file of TLS cannot be read */
export async function startDevServer(settings: Settings, state: DevState): Promise<DevServer> {
  const { http, secrets, tokenHashes: tokens } = settings;
  const { mooseVersion: version } = state.facts;
  const metrics = new ServerMetrics(version);
  const count = roundCounter(metrics);
  const app: FastifyInstance = buildApp({
    ...{ port: new DevAdmin(state), metrics, tokens, secrets, version, pathPrefix: http.pathPrefix },
    log: createLogger({ level: "silent" }),
    maxBodyBytes: http.maxRequestBodyBytes,
    tls: http.tls && (await readTlsFiles(http.tls)),
    trustProxy: http.trustedProxies,
    trustsOwner: true,
  });
  const end = state.onPhase(count);
  const close = async (): Promise<void> => {
    end();
    await app.close();
  };
  try {
    return { url: await listen(app, http.host, http.port), close };
  } catch (error) {
    await close();
    throw error;
  }
}
