// The settings of a project: read once from command line, environment, .env files and moose.config.toml.

import { resolve } from "node:path";
import type { Diagnostic } from "../../src/diagnostic.js";
import { type IgnoredDifference, isIgnorable } from "../../src/diff/ignored-differences.js";
import { ChosenValues } from "./chosen-values.js";
import { type ClickHouseTarget, decideTarget } from "./clickhouse-target.js";
import { readConfigFile } from "./config-file.js";
import { findEntry } from "./entry-file.js";
import { readEnvironment } from "./environment.js";
import { type Given, ranks } from "./given.js";
import { decideHttp, type HttpSettings, type TokenHashSettings, tokenHashes } from "./http-settings.js";
import { decideKafka, decideTopics, type KafkaSettings, type TopicSettings } from "./kafka-settings.js";
import { type UsedPath, usedKeys, type ValueOf } from "./keys.js";
import { ProjectFiles } from "./project-files.js";
import { readProjectName } from "./project-name.js";
import { secretsIn } from "./secrets.js";

/** What moose is told to work on and how. Frozen; a change of a file makes new settings. */
export interface Settings {
  /** Absolute. */
  readonly folder: string;
  readonly mode: "dev" | "prod";
  /** Name of the project, fit to be part of a database name. */
  readonly project: string;
  /** Folder of the code, absolute. */
  readonly sourceFolder: string;
  /** The file that is loaded, absolute. */
  readonly entryFile: string;
  readonly clickhouse: ClickHouseTarget;
  /** Undefined where nothing names a broker; `moose dev` then runs a local Kafka when there are streams. */
  readonly kafka: KafkaSettings | undefined;
  readonly topics: TopicSettings;
  /** Databases that tables may name besides `clickhouse.database`. */
  readonly additionalDatabases: readonly string[];
  readonly clusters: readonly string[];
  readonly features: { readonly olap: boolean };
  readonly http: HttpSettings;
  readonly watcher: WatcherSettings;
  /** How long the user's code may take to run, in milliseconds. */
  readonly loadTimeoutMs: number;
  readonly migration: MigrationSettings;
  /** Hashes of the tokens that the admin routes ask for. */
  readonly tokenHashes: TokenHashSettings;
  /** Token with which a command reaches the admin routes of another moose. */
  readonly adminToken: string | undefined;
  readonly logLevel: ValueOf<"logger.level">;
  /** Whether commands print JSON. */
  readonly json: boolean;
  /** Variables that the user's code sees. */
  readonly environment: Readonly<Record<string, string>>;
  /** Texts that must not appear in any output. */
  readonly secrets: readonly string[];
}

export interface WatcherSettings {
  /** Globs relative to the source folder. */
  readonly ignorePatterns: readonly string[];
  /** Look at the files in turn instead of waiting for the system to tell; for network and container mounts. */
  readonly poll: boolean;
}

export interface MigrationSettings {
  /** `plan` for the one plan of one database, `chain` for files that many databases take in turn. */
  readonly mode: "plan" | "chain";
  /** Differences that plans and a server leave alone; `moose dev` ignores none. */
  readonly ignoreOperations: readonly IgnoredDifference[];
  readonly prodAutoAllowDestructive: boolean;
}

/** What the command line says; it wins over everything else. */
export interface Overrides {
  /** `--clickhouse-url` */
  readonly clickhouseUrl?: string | undefined;
  /** `--host` */
  readonly host?: string | undefined;
  /** `--port` */
  readonly port?: string | number | undefined;
  /** `--source-dir` */
  readonly sourceDir?: string | undefined;
  /** `--poll` */
  readonly poll?: boolean | undefined;
  /** `--token` */
  readonly token?: string | undefined;
  /** `--json` */
  readonly json?: boolean | undefined;
  /** `--log-level` */
  readonly logLevel?: string | undefined;
}

export interface SettingsRequest {
  /** The project folder, absolute. */
  readonly folder: string;
  /** `prod` reads `.env.prod`, and no `.env.local`. */
  readonly mode: "dev" | "prod";
  /** The process environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly overrides: Overrides;
}

export interface ReadSettings {
  /** To be used only where `diagnostics` has no error; otherwise defaults stand in for what is wrong. */
  readonly settings: Settings;
  /** Absolute paths of every file that was read or looked for: watch them. */
  readonly files: readonly string[];
  /** All problems of all sources; places are relative to the project folder. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the settings of a project. Precedence: command line, process environment (`MOOSE_SECTION__KEY`),
 * `.env.local` (dev only), `.env.dev` or `.env.prod`, `.env`, `moose.config.toml`, default. No file is required
 * but the entry file.
 *
 * @throws only on bugs; everything that a user can mend comes as a diagnostic
 *
 * @example
 * const { settings, files, diagnostics } = await readSettings({
 *   folder: process.cwd(),
 *   mode: "dev",
 *   environment: process.env,
 *   overrides: { port: "4001" },
 * });
 */
export async function readSettings(request: SettingsRequest): Promise<ReadSettings> {
  const { mode, overrides } = request;
  const files = new ProjectFiles(resolve(request.folder));
  const configFile = await readConfigFile(files);
  const environment = await readEnvironment(files, mode, request.environment);
  const project = await readProjectName(files);
  const values = new ChosenValues([...configFile.given, ...environment.given, ...flags(overrides)]);
  const target = decideTarget(values, files.folder, mode);
  const http = decideHttp(values, files.folder);
  const adminToken = overrides.token || environment.variables.MOOSE_ADMIN_TOKEN || undefined;
  const kafka = decideKafka(values, files.folder, mode);
  const entry = await findEntry(files.folder, values.get("source_dir"));
  const settings: Settings = {
    folder: files.folder,
    mode,
    project: project.name,
    sourceFolder: entry.sourceFolder,
    entryFile: entry.file,
    clickhouse: target.target,
    kafka: kafka.settings,
    topics: decideTopics(values),
    ...valuesAsSettings(values),
    http: http.settings,
    adminToken,
    json: overrides.json ?? false,
    environment: environment.variables,
    secrets: secretsIn(target.target, values, {
      ...environment.variables,
      MOOSE_ADMIN_TOKEN: adminToken ?? "",
    }),
  };
  return {
    settings: deepFreeze(settings),
    files: [...files.lookedFor, entry.file],
    diagnostics: [
      ...files.diagnostics,
      ...configFile.diagnostics,
      ...environment.diagnostics,
      ...project.diagnostics,
      ...values.diagnostics,
      ...target.diagnostics,
      ...http.diagnostics,
      ...kafka.diagnostics,
      ...entry.diagnostics,
    ],
  };
}

type ValueSettings = Pick<
  Settings,
  | "additionalDatabases"
  | "clusters"
  | "features"
  | "watcher"
  | "loadTimeoutMs"
  | "migration"
  | "tokenHashes"
  | "logLevel"
>;

function valuesAsSettings(values: ChosenValues): ValueSettings {
  return {
    additionalDatabases: values.get("clickhouse_config.additional_databases"),
    clusters: values.get("clickhouse_config.clusters"),
    features: { olap: values.get("features.olap") },
    watcher: {
      ignorePatterns: values.get("watcher_config.ignore_patterns"),
      poll: values.get("watcher_config.poll"),
    },
    loadTimeoutMs: values.get("dev.load_timeout_ms"),
    migration: {
      mode: migrationMode(values),
      ignoreOperations: values.get("migration_config.ignore_operations").filter(isIgnorable),
      prodAutoAllowDestructive: values.get("migration_config.prod_auto_allow_destructive"),
    },
    tokenHashes: tokenHashes(values),
    logLevel: values.get("logger.level"),
  };
}

/** The switch of the existing tool counts where our own key is not given. */
function migrationMode(values: ChosenValues): MigrationSettings["mode"] {
  const { value, origin } = values.chosen("migration_config.mode");
  return origin === undefined && values.get("features.migrate_with_deltas") ? "chain" : value;
}

function flags(overrides: Overrides): readonly Given[] {
  return [
    ...flag("--clickhouse-url", "clickhouse_config.url", overrides.clickhouseUrl),
    ...flag("--host", "http_server_config.host", overrides.host),
    ...flag("--port", "http_server_config.port", overrides.port),
    ...flag("--source-dir", "source_dir", overrides.sourceDir),
    ...flag("--poll", "watcher_config.poll", overrides.poll),
    ...flag("--log-level", "logger.level", overrides.logLevel),
  ];
}

function flag(name: string, path: UsedPath, raw: string | number | boolean | undefined): readonly Given[] {
  const key = usedKeys.find((one) => one.path === path);
  if (raw === undefined || key === undefined) return [];
  return [{ key, raw, origin: { kind: "flag", flag: name }, rank: ranks.flag }];
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
