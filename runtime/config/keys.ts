// Every key of moose.config.toml: its name, type, default and meaning. The single source for reading and documentation.

import { ignorableDifferences } from "../../src/diff/ignored-differences.js";
import type { Key } from "./key.js";
import { keysOfKafka } from "./keys-of-kafka.js";
import { keysOfOtherParts } from "./keys-of-other-parts.js";

const hash = "([0-9a-f]{40}|[0-9a-f]{64})";

const hashForm = {
  pattern: new RegExp(`^${hash}$`, "i"),
  says: "a hash of 40 or 64 hexadecimal digits, not the token itself",
};

/** Of a list, as its text with commas. */
const hashesForm = {
  pattern: new RegExp(`^(${hash}(,${hash})*)?$`, "i"),
  says: "a list of hashes of 40 or 64 hexadecimal digits, not the tokens themselves",
};

/** The keys that moose acts on. */
export const usedKeys = [
  {
    path: "language",
    type: "text",
    default: "Typescript",
    used: true,
    choices: ["Typescript"],
    meaning: "Language of the project.",
  },
  {
    path: "source_dir",
    type: "text",
    default: "app",
    used: true,
    meaning: "Folder of the code, relative to the project; its `index.ts` is loaded.",
  },
  {
    path: "load_infra",
    type: "boolean",
    default: true,
    used: true,
    meaning:
      "False keeps `moose dev` from starting its own ClickHouse for the address that new projects come with.",
  },
  {
    path: "features.olap",
    type: "boolean",
    default: true,
    used: true,
    meaning: "Whether the project has ClickHouse tables.",
  },
  {
    path: "features.migrate_with_deltas",
    type: "boolean",
    default: false,
    used: true,
    meaning: 'True means `migration_config.mode` = `"chain"`, where that key is not given.',
  },
  {
    path: "clickhouse_config.url",
    type: "text",
    default: undefined,
    used: true,
    secret: true,
    meaning: "Address of ClickHouse in one piece, `https://user:password@host:8443/database`.",
  },
  {
    path: "clickhouse_config.db_name",
    type: "text",
    default: "local",
    used: true,
    form: { pattern: /\S/, says: "a name" },
    meaning: "Database of the tables that name no other.",
  },
  {
    path: "clickhouse_config.user",
    type: "text",
    default: "default",
    used: true,
    meaning: "ClickHouse user.",
  },
  {
    path: "clickhouse_config.password",
    type: "text",
    default: "",
    used: true,
    secret: true,
    meaning: "Password of the user; better given as a variable than written in the file.",
  },
  {
    path: "clickhouse_config.use_ssl",
    type: "boolean",
    default: false,
    used: true,
    meaning: "Whether `host` is reached by https.",
  },
  {
    path: "clickhouse_config.host",
    type: "text",
    default: undefined,
    used: true,
    meaning: "Host of the ClickHouse server; without one, `moose dev` runs its own ClickHouse.",
  },
  {
    path: "clickhouse_config.host_port",
    type: "port",
    default: 18123,
    used: true,
    meaning: "Port of ClickHouse's HTTP interface, of the server and of the one that `moose dev` runs.",
  },
  {
    path: "clickhouse_config.host_data_path",
    type: "text",
    default: undefined,
    used: true,
    meaning: "Folder in which the ClickHouse of `moose dev` keeps its data.",
  },
  {
    path: "clickhouse_config.additional_databases",
    type: "texts",
    default: [],
    used: true,
    meaning: "Databases that tables may name besides `db_name`.",
  },
  {
    path: "clickhouse_config.clusters",
    type: "names",
    default: [],
    used: true,
    meaning: "Names of the ClickHouse clusters that tables may name.",
  },
  {
    path: "http_server_config.host",
    type: "text",
    default: "localhost",
    used: true,
    meaning: "Address on which moose listens.",
  },
  {
    path: "http_server_config.port",
    type: "port",
    default: 4000,
    used: true,
    meaning: "Port on which moose listens.",
  },
  {
    path: "http_server_config.management_port",
    type: "port",
    default: 5001,
    used: true,
    meaning: "Port of health and metrics without a token, in `moose prod`; on the same address.",
  },
  {
    path: "http_server_config.tls_cert",
    type: "text",
    default: undefined,
    used: true,
    meaning: "File of the certificate in PEM, relative to the project; with `tls_key`, moose serves https.",
  },
  {
    path: "http_server_config.tls_key",
    type: "text",
    default: undefined,
    used: true,
    meaning: "File of the certificate's key in PEM.",
  },
  {
    path: "http_server_config.tls_client_ca",
    type: "text",
    default: undefined,
    used: true,
    meaning: "File of an authority in PEM; clients then need a certificate that it has signed.",
  },
  {
    path: "http_server_config.trusted_proxies",
    type: "texts",
    default: [],
    used: true,
    meaning: "Addresses and networks of proxies whose `X-Forwarded-For` is believed.",
  },
  {
    path: "http_server_config.path_prefix",
    type: "text",
    default: "",
    used: true,
    meaning: "Path before all routes.",
  },
  {
    path: "http_server_config.max_request_body_size",
    type: "count",
    default: 10 * 1024 * 1024,
    used: true,
    meaning: "Largest request body in bytes.",
  },
  {
    path: "watcher_config.ignore_patterns",
    type: "texts",
    default: [],
    used: true,
    meaning: "Globs, relative to `source_dir`, of files whose changes `moose dev` does not react to.",
  },
  {
    path: "watcher_config.poll",
    type: "boolean",
    default: false,
    used: true,
    meaning: "Look at the files in turn instead of waiting for the system to tell of changes.",
  },
  {
    path: "dev.load_timeout_ms",
    type: "count",
    default: 10_000,
    used: true,
    meaning: "Longest time that the code may take to run in `moose dev`, in milliseconds.",
  },
  {
    path: "migration_config.mode",
    type: "text",
    default: "plan",
    used: true,
    choices: ["plan", "chain"],
    meaning:
      "`plan`: one reviewed plan for one database; `chain`: a chain of migration files for any number of them.",
  },
  {
    path: "migration_config.ignore_operations",
    type: "texts",
    default: [],
    used: true,
    choices: ignorableDifferences,
    meaning: "Differences that plans and `moose prod` leave alone; `moose dev` does not.",
  },
  {
    path: "migration_config.prod_auto_allow_destructive",
    type: "boolean",
    default: false,
    used: true,
    meaning: "Whether `moose prod` applies destructive changes without an approval.",
  },
  {
    path: "authentication.admin_api_key",
    type: "text",
    default: undefined,
    used: true,
    secret: true,
    form: hashForm,
    meaning: "Hash of the token that the admin routes ask for; `moose generate hash-token` makes both.",
  },
  {
    path: "authentication.more_admin_api_keys",
    type: "texts",
    default: [],
    used: true,
    secret: true,
    form: hashesForm,
    meaning: "Hashes of further such tokens, so that one can be replaced without a gap.",
  },
  {
    path: "authentication.read_api_keys",
    type: "texts",
    default: [],
    used: true,
    secret: true,
    form: hashesForm,
    meaning: "Hashes of tokens that may look at status and plan, and approve nothing.",
  },
  {
    path: "logger.level",
    type: "text",
    default: "info",
    used: true,
    choices: ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    meaning: "Lowest level that is logged.",
  },
  ...keysOfKafka,
] as const satisfies readonly Key[];

type UsedKey = (typeof usedKeys)[number];
export type UsedPath = UsedKey["path"];

interface ValueTypes {
  text: string;
  boolean: boolean;
  port: number;
  count: number;
  texts: readonly string[];
  names: readonly string[];
}

type TypedValue<K extends UsedKey> =
  | (K extends { readonly type: "text"; readonly choices: readonly (infer C)[] } ? C : ValueTypes[K["type"]])
  | (K["default"] extends undefined ? undefined : never);

/** Type of the value that a used key ends up with. */
export type ValueOf<P extends UsedPath> = TypedValue<Extract<UsedKey, { readonly path: P }>>;

export const knownKeys: readonly Key[] = [...usedKeys, ...keysOfOtherParts];
