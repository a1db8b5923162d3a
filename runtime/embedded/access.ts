// Who may send statements: a user with the right password, and never a web page from elsewhere.

import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { QueryRequest } from "./request.js";
import { ServerError } from "./server-error.js";

export interface Login {
  /** Accepted besides nobody else; `default` unless another was configured. */
  readonly user: string;
  /** Empty: any request of the user is let in without one. */
  readonly password: string;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}

/** Throws code 516 unless the request's user and password are the configured ones. */
export function accepts(login: Login, request: Pick<QueryRequest, "user" | "password">): void {
  const known = request.user === login.user;
  const right = timingSafeEqual(digest(request.password), digest(login.password));
  if (known && right) return;
  throw new ServerError(
    516,
    "AUTHENTICATION_FAILED",
    `${request.user}: Authentication failed: password is incorrect, or there is no user with such name.`,
  );
}

/**
 * A page in a browser can reach loopback too, by a cross-site request or by a name that resolves to it.
 * Programs send no Origin and ask for a loopback host, so only pages are refused.
 */
export function checkOrigin(message: IncomingMessage): void {
  const origin = message.headers.origin;
  const host = message.headers.host ?? "localhost";
  if (isLoopback(`http://${host}`) && (origin === undefined || isLoopback(origin))) return;
  throw new ServerError(
    497,
    "ACCESS_DENIED",
    "The embedded ClickHouse only answers requests made on this machine.",
  );
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const name = new URL(url).hostname;
  return (
    name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(\.\d+){3}$/.test(name)
  );
}
