// Decides which ClickHouse the project works on: a server, or the embedded one of development.

import { resolve } from "node:path";
import type { Diagnostic } from "../../src/diagnostic.js";
import type { Chosen, ChosenValues } from "./chosen-values.js";
import { type ClickHouseAddress, parseClickHouseUrl } from "./clickhouse-url.js";
import { nameOf, placeOf, ranks } from "./given.js";
import { variableOf } from "./key.js";
import { type UsedPath, usedKeys } from "./keys.js";

/** The ClickHouse that `moose dev` runs itself, on loopback. */
export interface EmbeddedClickHouse {
  readonly kind: "embedded";
  /** Port of its HTTP interface; 0 for any free one. */
  readonly port: number;
  readonly database: string;
  /** Absolute folder of its data, where the project names one. */
  readonly dataFolder: string | undefined;
}

export interface ClickHouseServer {
  readonly kind: "server";
  /** `http` or `https` with host and port, without user and without a slash at the end. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** ClickHouse settings to send with each request, from the query part of the address. */
  readonly options: Readonly<Record<string, string>>;
}

export type ClickHouseTarget = EmbeddedClickHouse | ClickHouseServer;

export interface DecidedTarget {
  readonly target: ClickHouseTarget;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A server where an address or host is given; otherwise the embedded one in dev, and a problem in prod.
 * With problems, `target` is a stand-in that must not be used.
 */
export function decideTarget(values: ChosenValues, folder: string, mode: "dev" | "prod"): DecidedTarget {
  const url = values.chosen("clickhouse_config.url");
  const host = values.chosen("clickhouse_config.host");
  const urlWins = url.value !== undefined && url.rank >= host.rank;
  const decided = urlWins
    ? fromUrl(values, url, url.value ?? "")
    : host.value && !(mode === "dev" && isLocalOfNewProject(values))
      ? fromHost(values, host, host.value)
      : ownTarget(values, folder, mode);
  return { ...decided, diagnostics: [...decided.diagnostics, ...databaseProblems(decided.target, values)] };
}

/**
 * New projects are created with `host = "localhost"` and port 18123 in their file, which has always meant the
 * ClickHouse that `moose dev` starts. A host from a variable, another port or `load_infra = false` means a server.
 */
function isLocalOfNewProject(values: ChosenValues): boolean {
  const host = values.chosen("clickhouse_config.host");
  return (
    host.rank === ranks.config &&
    ["localhost", "127.0.0.1", "::1", "0.0.0.0"].includes(host.value ?? "") &&
    values.get("clickhouse_config.host_port") === defaultPort &&
    !values.get("clickhouse_config.use_ssl") &&
    values.get("load_infra")
  );
}

const defaultPort = usedKeys.find((key) => key.path === "clickhouse_config.host_port")?.default;

function ownTarget(values: ChosenValues, folder: string, mode: "dev" | "prod"): DecidedTarget {
  const dataFolder = values.get("clickhouse_config.host_data_path");
  const target: ClickHouseTarget = {
    kind: "embedded",
    port: values.get("clickhouse_config.host_port"),
    database: values.get("clickhouse_config.db_name"),
    dataFolder: dataFolder === undefined ? undefined : resolve(folder, dataFolder),
  };
  return { target, diagnostics: mode === "dev" ? [] : [noServer] };
}

const noServer: Diagnostic = {
  code: "config/no-clickhouse",
  severity: "error",
  summary: "No ClickHouse server is named.",
  hint: `Give \`--clickhouse-url\`, set \`${variableOf("clickhouse_config.url")}\`, or write \`host\` under [clickhouse_config].`,
};

function fromHost(values: ChosenValues, host: Chosen<string | undefined>, name: string): DecidedTarget {
  const scheme = values.get("clickhouse_config.use_ssl") ? "https" : "http";
  const bare = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  const parsed = parseClickHouseUrl(`${scheme}://${bare}:${values.get("clickhouse_config.host_port")}`);
  const problem = !parsed.ok
    ? "is no host name"
    : parsed.address.user !== undefined || parsed.address.database !== undefined
      ? "must be a host name alone"
      : undefined;
  return {
    target: {
      kind: "server",
      url: parsed.ok ? parsed.address.url : "",
      user: values.get("clickhouse_config.user"),
      password: values.get("clickhouse_config.password"),
      database: values.get("clickhouse_config.db_name"),
      options: {},
    },
    diagnostics: problem === undefined ? [] : [badAddress("clickhouse_config.host", host, problem, urlHint)],
  };
}

const urlHint = `An address in one piece goes into \`${variableOf("clickhouse_config.url")}\` or \`--clickhouse-url\`.`;

function fromUrl(values: ChosenValues, url: Chosen<string | undefined>, text: string): DecidedTarget {
  const parsed = parseClickHouseUrl(text);
  const address: ClickHouseAddress = parsed.ok ? parsed.address : nowhere;
  return {
    target: {
      kind: "server",
      url: address.url,
      user: part(values, url, "clickhouse_config.user", address.user),
      password: part(values, url, "clickhouse_config.password", address.password),
      database: part(values, url, "clickhouse_config.db_name", address.database),
      options: address.options,
    },
    diagnostics: parsed.ok ? [] : [badAddress("clickhouse_config.url", url, parsed.problem, parsed.hint)],
  };
}

const nowhere: ClickHouseAddress = {
  url: "",
  user: undefined,
  password: undefined,
  database: undefined,
  options: {},
};

/**
 * A part of the address, unless its own key was given with higher precedence. Where the address has no such
 * part, the key's value holds, except that user and password written in the config file are not sent to an
 * address that comes from elsewhere.
 */
function part(
  values: ChosenValues,
  url: Chosen<unknown>,
  path: "clickhouse_config.user" | "clickhouse_config.password" | "clickhouse_config.db_name",
  fromAddress: string | undefined,
): string {
  const own = values.chosen(path);
  if (fromAddress !== undefined) return own.rank > url.rank ? own.value : fromAddress;
  const isForeign = own.rank === ranks.config && url.rank > ranks.config;
  return isForeign && path !== "clickhouse_config.db_name" ? defaultOf(path) : own.value;
}

function defaultOf(path: UsedPath): string {
  return String(usedKeys.find((key) => key.path === path)?.default ?? "");
}

function badAddress(
  path: "clickhouse_config.url" | "clickhouse_config.host",
  { origin }: Chosen<unknown>,
  problem: string,
  hint: string | undefined,
): Diagnostic {
  const key = usedKeys.find((one) => one.path === path);
  const name = key !== undefined && origin !== undefined ? nameOf({ key, origin }) : `\`${path}\``;
  return {
    code: "config/clickhouse-url",
    severity: "error",
    summary: `${name} ${problem}.`,
    place: origin && placeOf(origin),
    hint,
  };
}

const ownDatabases: ReadonlySet<string> = new Set(["system", "information_schema", "INFORMATION_SCHEMA"]);

function databaseProblems(target: ClickHouseTarget, values: ChosenValues): readonly Diagnostic[] {
  const { database } = target;
  const origin = values.chosen("clickhouse_config.db_name").origin;
  const place = origin && placeOf(origin);
  if (ownDatabases.has(database)) {
    const summary = `\`${database}\` is ClickHouse's own database.`;
    return [{ code: "config/database", severity: "error", summary, place, hint: "Name another database." }];
  }
  if (target.kind === "embedded" && database === "default") {
    const summary = "The embedded ClickHouse cannot keep tables in the database `default`.";
    const hint = "Give `clickhouse_config.db_name` another name, `local` for instance.";
    return [{ code: "config/database", severity: "error", summary, place, hint }];
  }
  return [];
}
