// Reads what a request asks for from its URL and headers: database, settings, parameters, session, login.

import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ServerError } from "./server-error.js";

/** One request, apart from its body. */
export interface QueryRequest {
  readonly path: string;
  readonly method: string;
  /** The text of `?query=`, empty when all of it is in the body. */
  readonly query: string;
  readonly queryId: string;
  /** `undefined` means `default`, and then nothing is checked. */
  readonly database: string | undefined;
  readonly defaultFormat: string;
  readonly user: string;
  readonly password: string;
  readonly session: SessionRequest | undefined;
  readonly settings: ReadonlyMap<string, string>;
  /** Query parameters, in the escaped text form in which they came. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly readOnly: boolean;
  /** How much of a result is held back before the answer begins, in bytes. */
  readonly holdBackBytes: number;
  readonly responseEncoding: "gzip" | "deflate" | "br" | undefined;
}

export interface SessionRequest {
  readonly id: string;
  readonly timeoutMs: number;
  readonly mustExist: boolean;
  readonly closeAfter: boolean;
}

const defaultHoldBackBytes = 256 * 1024;
const greatestHoldBackBytes = 64 * 1024 * 1024;
const defaultSessionSeconds = 60;
const greatestSessionSeconds = 3600;

/** Names in the URL that are not settings. */
const reserved = new Set([
  ...["query", "query_id", "database", "default_format", "user", "password", "quota_key", "role"],
  ...["session_id", "session_timeout", "session_check", "close_session", "wait_end_of_query"],
  ...["buffer_size", "stacktrace", "compress", "decompress", "client_protocol_version"],
]);

/**
 * Reads a request's URL and headers. `extra` are the parts of a multipart body, which count as if they
 * stood in the URL. Throws a `ServerError` for what the embedded server cannot do.
 */
export function parseRequest(message: IncomingMessage, extra: ReadonlyMap<string, string>): QueryRequest {
  const url = new URL(message.url ?? "/", "http://localhost");
  const given = new Map([...url.searchParams, ...extra]);
  refuseUnsupported(given);
  const { user, password } = credentials(message, given);
  return {
    path: url.pathname,
    method: message.method ?? "GET",
    query: given.get("query") ?? "",
    queryId: given.get("query_id") || header(message, "x-clickhouse-query-id") || randomUUID(),
    database: given.get("database") || header(message, "x-clickhouse-database") || undefined,
    defaultFormat: given.get("default_format") || header(message, "x-clickhouse-format") || "TabSeparated",
    user,
    password,
    session: sessionOf(given),
    settings: settingsOf(given),
    parameters: parametersOf(given),
    readOnly: message.method !== "POST",
    holdBackBytes: holdBack(given),
    responseEncoding: encodingOf(message, given),
  };
}

function header(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function refuseUnsupported(given: ReadonlyMap<string, string>): void {
  for (const name of ["compress", "decompress"])
    if (isOn(given.get(name)))
      throw new ServerError(
        48,
        "NOT_IMPLEMENTED",
        `The native compression (?${name}=1) is not available in the embedded ClickHouse; use Content-Encoding and Accept-Encoding.`,
      );
  const role = given.get("role");
  if (role !== undefined && role !== "")
    throw new ServerError(511, "UNKNOWN_ROLE", `There is no role \`${role}\` in user directories.`);
}

function isOn(value: string | undefined): boolean {
  return value === "1" || value === "true";
}

function credentials(message: IncomingMessage, given: ReadonlyMap<string, string>) {
  const basic = /^Basic\s+(\S+)$/i.exec(header(message, "authorization") ?? "")?.[1];
  if (basic !== undefined) {
    const [, user = "", password = ""] = /^([^:]*):?([\s\S]*)$/.exec(atobUtf8(basic)) ?? [];
    return { user: user || "default", password };
  }
  return {
    user: header(message, "x-clickhouse-user") || given.get("user") || "default",
    password: header(message, "x-clickhouse-key") ?? given.get("password") ?? "",
  };
}

function atobUtf8(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}

function sessionOf(given: ReadonlyMap<string, string>): SessionRequest | undefined {
  const id = given.get("session_id");
  if (id === undefined || id === "") return undefined;
  const seconds = Number(given.get("session_timeout") || defaultSessionSeconds);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > greatestSessionSeconds)
    throw new ServerError(
      374,
      "INVALID_SESSION_TIMEOUT",
      `Invalid session timeout: '${given.get("session_timeout")}', it must be between 1 and ${greatestSessionSeconds} seconds.`,
    );
  return {
    id,
    timeoutMs: seconds * 1000,
    mustExist: isOn(given.get("session_check")),
    closeAfter: isOn(given.get("close_session")),
  };
}

function settingsOf(given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const [name, value] of given) {
    if (reserved.has(name) || name.startsWith("param_")) continue;
    if (!/^[A-Za-z0-9_.]+$/.test(name))
      throw new ServerError(115, "UNKNOWN_SETTING", `Unknown setting '${name}'.`);
    settings.set(name, value);
  }
  return settings;
}

function parametersOf(given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [key, value] of given) {
    if (!key.startsWith("param_")) continue;
    const name = key.slice("param_".length);
    if (!/^[A-Za-z0-9_]+$/.test(name))
      throw new ServerError(36, "BAD_ARGUMENTS", `'${name}' cannot be the name of a query parameter.`);
    parameters.set(name, value);
  }
  return parameters;
}

function holdBack(given: ReadonlyMap<string, string>): number {
  if (isOn(given.get("wait_end_of_query"))) return greatestHoldBackBytes;
  const asked = Number(given.get("buffer_size") || defaultHoldBackBytes);
  return Math.min(Number.isFinite(asked) ? Math.max(asked, 0) : defaultHoldBackBytes, greatestHoldBackBytes);
}

function encodingOf(message: IncomingMessage, given: ReadonlyMap<string, string>) {
  if (!isOn(given.get("enable_http_compression"))) return undefined;
  const accepted = (header(message, "accept-encoding") ?? "").toLowerCase();
  return (["gzip", "deflate", "br"] as const).find((encoding) => accepted.includes(encoding));
}
