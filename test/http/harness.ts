// An app over a hand-made port, with tokens of each right, and what it logs.

import type { FastifyInstance } from "fastify";
import { type AppOptions, buildApp } from "../../runtime/http/app.js";
import { ServerMetrics } from "../../runtime/http/metrics.js";
import { makePlainToken, makeToken } from "../../runtime/http/tokens.js";
import { createLogger } from "../../runtime/log/logger.js";
import type { ServerStatus } from "../../src/status/server-status.js";
import { HandMadePort } from "./hand-made-port.js";

export const adminToken = makeToken();
export const readToken = makePlainToken();

export interface TestServer {
  readonly app: FastifyInstance;
  readonly port: HandMadePort;
  readonly metrics: ServerMetrics;
  /** Every line of the log so far. */
  readonly logged: string[];
}

export function testServer(status?: ServerStatus, options: Partial<AppOptions> = {}): TestServer {
  const port = new HandMadePort(status);
  const metrics = new ServerMetrics("0.1.0");
  const logged: string[] = [];
  const secrets = options.secrets ?? [];
  const log = createLogger({
    level: "trace",
    secrets,
    destination: { write: (line) => void logged.push(line) },
  });
  const tokens = { admin: [adminToken.hash], read: [readToken.hash] };
  const app = buildApp({ port, metrics, tokens, log, secrets, version: "0.1.0", ...options });
  return { app, port, metrics, logged };
}

export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}
