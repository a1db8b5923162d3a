// The one way to ClickHouse: @clickhouse/client over HTTP, with the settings and the error texts that moose relies on.

import { randomUUID } from "node:crypto";
import {
  type ClickHouseClient,
  ClickHouseError,
  type ClickHouseSettings,
  createClient,
} from "@clickhouse/client";
import { DiagnosticError } from "../../src/diagnostic.js";
import { quoteString } from "../../src/sql/quote.js";
import { mentionsMarker, type Variables, variablesIn, withValues } from "../../src/sql/runtime-variable.js";
import { redact } from "../log/redact.js";
import { runStatement, StatementError } from "./statement.js";

/** Where a server is and who asks. */
export interface ClickHouseAddress {
  /** `http://host:8123`, without credentials. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface ClickHouse {
  readonly url: string;
  /** `26.7.2.1` */
  readonly version: string;
  /** Stand in statements where these have their markers, and only there: what is kept and shown has the markers. */
  readonly variables: Variables;
  /** Rows of a query; `params` fill `{name:Type}`. */
  rows<T>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<readonly T[]>;
  /** Runs one statement that returns nothing; throws a `StatementError`, which says how it failed. */
  command(sql: string, options?: CommandOptions): Promise<void>;
  insert(
    table: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    options?: Pick<CommandOptions, "settings">,
  ): Promise<void>;
  /** The same server through connections of its own, with what `view` says added to every request. */
  view(view: RequestView): ClickHouse;
  close(): Promise<void>;
}

/** What is added to every request of a view. */
export interface RequestView {
  /** The database that the server looks for before it reads the statement; without it, it answers 81. */
  readonly database?: string;
  /** Begins the query id of every request. */
  readonly queryIdPrefix?: string;
  readonly requestTimeoutMs?: number;
  /** Instead of those of the connection. */
  readonly variables?: Variables;
}

export interface CommandOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly settings?: ClickHouseSettings;
  /** What the server calls the statement while it runs and in its log, behind the prefix of the view. Default: a new one. */
  readonly queryId?: string;
  /** How long the whole answer may take; bounded by the time-out of the connection too. */
  readonly timeoutMs?: number;
  /** Where names without a database are looked for. Default: in that of the view, else in the user's default. */
  readonly inDatabase?: string | undefined;
  readonly session?: RequestSession;
}

/** A session of the server; it ends by itself when it was not used for its time. */
export interface RequestSession {
  readonly id: string;
  readonly timeoutS: number;
  /** The server refuses the request when there is no such session, or no longer. */
  readonly mustExist: boolean;
}

/** The oldest server that has all that is used: `DROP TABLE IF EMPTY`, `formatQuerySingleLineOrNull`. */
export const oldestVersion = "24.8";

/** Nested columns stay whole, as the declared type says; a statement waits for what it started. */
const settings: ClickHouseSettings = {
  flatten_nested: 0,
  // Who declares it has thought of it.
  allow_suspicious_low_cardinality_types: 1,
  alter_sync: "1",
  mutations_sync: "0",
  async_insert: 0,
  output_format_json_quote_64bit_integers: 1,
};

const requestTimeoutMs = 60_000;

/**
 * Connects and checks that the server answers, lets us in and is new enough.
 *
 * @param variables - values for the markers of {@link Variables}; default: none
 * @throws DiagnosticError `clickhouse/unreachable`, `clickhouse/wrong-password`, `clickhouse/too-old`
 */
export async function connect(address: ClickHouseAddress, variables: Variables = {}): Promise<ClickHouse> {
  return open(address, { version: await readVersion(address), variables }, {});
}

type Known = Pick<ClickHouse, "version" | "variables">;

function open(address: ClickHouseAddress, known: Known, view: RequestView): ClickHouse {
  const client = createClient({
    url: address.url,
    username: address.user,
    password: address.password,
    application: "moose",
    request_timeout: view.requestTimeoutMs ?? requestTimeoutMs,
    clickhouse_settings: settings,
    // A connection that the server has closed meanwhile must not be used again: what is written to it is lost, and
    // nobody can tell whether it arrived.
    keep_alive: { enabled: true, idle_socket_ttl: 2_000, eagerly_destroy_stale_sockets: true },
    log: { level: 127 },
    ...(view.database !== undefined && { database: view.database }),
  });
  return {
    ...requests(client, view.queryIdPrefix ?? "", known.variables),
    url: address.url,
    ...known,
    view: (other) => open(address, { ...known, variables: other.variables ?? known.variables }, other),
  };
}

/** Without parameters and settings: a server that is too old refuses those before it can be recognised. */
async function readVersion(address: ClickHouseAddress): Promise<string> {
  const bare = createClient({
    url: address.url,
    username: address.user,
    password: address.password,
    log: { level: 127 },
  });
  try {
    const answer = await bare.query({ query: "SELECT version() AS version", format: "JSONEachRow" });
    const version = (await answer.json<{ version: string }>())[0]?.version ?? "";
    if (!isAtLeast(version, oldestVersion)) throw new DiagnosticError([tooOld(address.url, version)]);
    return version;
  } catch (error) {
    throw asConnectionProblem(error, address);
  } finally {
    await bare.close();
  }
}

function isAtLeast(version: string, floor: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [floorMajor = 0, floorMinor = 0] = floor.split(".").map(Number);
  return major > floorMajor || (major === floorMajor && minor >= floorMinor);
}

function tooOld(url: string, version: string) {
  return {
    code: "clickhouse/too-old",
    severity: "error",
    summary: `the ClickHouse server at ${url} is version ${version}; moose needs ${oldestVersion} or newer`,
    hint: "upgrade the server, or point --clickhouse-url to another one",
  } as const;
}

const authenticationFailed = 516;

function asConnectionProblem(error: unknown, address: ClickHouseAddress): unknown {
  if (error instanceof DiagnosticError) return error;
  if (errorCode(error) === authenticationFailed) {
    return new DiagnosticError([
      {
        code: "clickhouse/wrong-password",
        severity: "error",
        summary: `the ClickHouse server at ${address.url} does not accept user ${address.user} with this password`,
        hint: "correct user and password in [clickhouse_config], in MOOSE_CLICKHOUSE_CONFIG__USER and __PASSWORD, or in --clickhouse-url",
      },
    ]);
  }
  if (errorCode(error) !== undefined) return error;
  return new DiagnosticError([
    {
      code: "clickhouse/unreachable",
      severity: "error",
      summary: `no ClickHouse server answers at ${address.url}`,
      detail: errorText(error),
      hint: "check that the server runs and that host and HTTP port are right",
    },
  ]);
}

function requests(
  client: ClickHouseClient,
  prefix: string,
  variables: Variables,
): Omit<ClickHouse, "url" | "view" | keyof Known> {
  const queryId = (given?: string) => ({ query_id: prefix + (given ?? randomUUID()) });
  return {
    async rows<T>(sql: string, params?: Readonly<Record<string, unknown>>) {
      const answer = await client.query({
        query: sql,
        format: "JSONEachRow",
        ...queryId(),
        ...(params && { query_params: { ...params } }),
      });
      return await answer.json<T>();
    },
    async command(sql, options) {
      const statement = {
        query: valuesFilledIn(sql, variables),
        ...queryId(options?.queryId),
        ...(options?.params && { query_params: { ...options.params } }),
        ...(options?.session && { session_id: options.session.id }),
        clickhouse_settings: { ...options?.settings, ...placeOf(options) },
      };
      await runStatement(client, statement, options?.timeoutMs).catch((error: unknown) => {
        throw withoutValues(error, sql, variables);
      });
    },
    async insert(table, rows, options) {
      await client.insert({
        table,
        values: [...rows],
        format: "JSONEachRow",
        ...queryId(),
        ...(options?.settings && { clickhouse_settings: options.settings }),
      });
    },
    close: () => client.close(),
  };
}

/** Goes the way of the settings, in the address of the request. A client that has a database of its own sends that one. */
function placeOf({ inDatabase, session }: CommandOptions = {}): Readonly<Record<string, string>> {
  return {
    ...(inDatabase !== undefined && { database: inDatabase }),
    ...(session && {
      session_timeout: String(session.timeoutS),
      session_check: session.mustExist ? "1" : "0",
    }),
  };
}

/** @throws DiagnosticError `clickhouse/missing-variable` */
function valuesFilledIn(sql: string, variables: Variables): string {
  if (!mentionsMarker(sql)) return sql;
  const missing = [...new Set(variablesIn(sql))].filter((name) => variables[name] === undefined);
  if (missing.length === 0) return withValues(sql, variables, quoteString);
  throw new DiagnosticError(
    missing.map((name) => ({
      code: "clickhouse/missing-variable",
      severity: "error",
      summary: `a statement has a value from the environment variable ${name}, which is not set; it was not sent`,
      hint: `set ${name} for this process, or in a .env file of the project`,
    })),
  );
}

/** The server repeats what it does not understand. */
function withoutValues(error: unknown, sql: string, variables: Variables): unknown {
  if (!(error instanceof StatementError) || !mentionsMarker(sql)) return error;
  const values = variablesIn(sql).flatMap((name) => variables[name] || []);
  const text = redact(error.failure.text, [...new Set(values)]);
  return new StatementError({ ...error.failure, text }, { cause: error.cause });
}

/** ClickHouse's code of an error that the server sent; undefined for anything else, such as a lost connection. */
export function errorCode(error: unknown): number | undefined {
  if (error instanceof ClickHouseError) return Number(error.code);
  if (error instanceof StatementError)
    return error.failure.kind === "server" ? error.failure.code : undefined;
  // Servers too old for the client's pattern say it in the text only.
  const match = /^Code: (\d+)/.exec(errorText(error));
  return match === null ? undefined : Number(match[1]);
}

/** The server's own sentence, without stack and version. */
export function errorText(error: unknown): string {
  const text =
    error instanceof Error
      ? error.message || String((error as { code?: unknown }).code ?? error)
      : String(error);
  return text.replace(/\s*\(version [^)]*\)/g, "").trim();
}
