// Keys of the wider Moose configuration that have no effect here; they are accepted so that existing projects load.

import type { Key, KeyType, KeyValue } from "./key.js";

type Row = readonly [name: string, type: KeyType, defaultValue: KeyValue | undefined, meaning: string];

function section(name: string, rows: readonly Row[]): readonly Key[] {
  const prefix = name === "" ? "" : `${name}.`;
  return rows.map(([key, type, defaultValue, meaning]) => ({
    path: prefix + key,
    type,
    default: defaultValue,
    used: false,
    meaning,
  }));
}

const kafka: readonly Row[] = [
  ["retention_ms", "count", 30_000, "Retention of the local broker, in milliseconds."],
];

const temporal: readonly Row[] = [
  ["db_user", "text", "temporal", "User of Temporal's own database."],
  ["db_password", "text", "temporal", "Password of Temporal's own database."],
  ["db_port", "port", 5432, "Port of Temporal's own database."],
  ["namespace", "text", "default", "Temporal namespace."],
  ["temporal_host", "text", "localhost", "Host of Temporal."],
  ["temporal_port", "port", 7233, "Port of Temporal."],
  ["temporal_scheme", "text", undefined, "`http` or `https`."],
  ["temporal_version", "text", "1.27", "Version of the local Temporal."],
  ["temporal_region", "text", undefined, "Region of Temporal Cloud."],
  ["admin_tools_version", "text", "1.27", "Version of the local admin tools."],
  ["ui_version", "text", "2.37.0", "Version of the local Temporal page."],
  ["ui_port", "port", 8080, "Port of the local Temporal page."],
  ["ui_cors_origins", "text", "http://localhost:3000", "Origins that the Temporal page allows."],
  ["config_path", "text", "config/dynamicconfig/development-sql.yaml", "Dynamic configuration of Temporal."],
  ["postgresql_version", "text", "13", "Version of Temporal's own database."],
  ["client_cert", "text", "", "Client certificate for Temporal."],
  ["client_key", "text", "", "Key of the client certificate."],
  ["ca_cert", "text", "", "Certificate authority for Temporal."],
  ["api_key", "text", "", "API key for Temporal."],
];

export const keysOfOtherParts: readonly Key[] = [
  ...section("", [
    ["supported_old_versions", "free", undefined, "Folders of older versions of the project."],
  ]),
  ...section("features", [
    ["streaming_engine", "boolean", true, "Whether the project has streams."],
    ["apis", "boolean", true, "Whether the project serves query APIs."],
    ["workflows", "boolean", false, "Whether the project has workflows."],
    ["data_model_v2", "boolean", true, "A switch of older versions."],
    ["ddl_plan", "boolean", false, "A switch of older versions; a plan file that exists is always executed."],
  ]),
  ...section("clickhouse_config", [
    ["native_port", "port", 9000, "Port of the native protocol; moose speaks HTTP."],
    ["keeper_port", "port", undefined, "Port of the local Keeper."],
    ["keeper_raft_port", "port", undefined, "Port between Keepers."],
  ]),
  ...section("http_server_config", [
    ["proxy_port", "port", 4001, "Port of the processes that serve query APIs."],
    ["on_reload_complete_script", "text", undefined, "Command to run after each reload."],
    ["on_change_script", "text", undefined, "Older name of `on_reload_complete_script`."],
    ["post_dev_server_ready_script", "text", undefined, "Older name of `on_reload_complete_script`."],
    ["on_first_start_script", "text", undefined, "Command to run once after the start."],
    ["post_dev_server_start_script", "text", undefined, "Older name of `on_first_start_script`."],
    ["api_workers", "count", undefined, "Processes that serve query APIs."],
  ]),
  ...section("redpanda_config", kafka),
  ...section("kafka_config", kafka),
  ...section("redis_config", [
    ["url", "text", "redis://127.0.0.1:6379", "Address of Redis; moose needs none."],
    ["port", "port", 6379, "Port of the local Redis."],
    ["key_prefix", "text", "MS", "Prefix of the keys in Redis."],
    ["last_key_prefix", "text", undefined, "Prefix of the keys before the last change of it."],
  ]),
  ...section("state_config", [
    ["storage", "text", "clickhouse", "`redis` or `clickhouse`; the state is always in ClickHouse."],
  ]),
  ...section("jwt", [
    ["secret", "text", undefined, "Public key or secret that tokens are checked with."],
    ["issuer", "text", undefined, "Issuer that tokens must name."],
    ["audience", "text", undefined, "Audience that tokens must name."],
    ["enforce_on_all_ingest_apis", "boolean", false, "Whether all ingest routes ask for a token."],
    ["enforce_on_all_consumptions_apis", "boolean", false, "Whether all query routes ask for a token."],
  ]),
  ...section("dev.externally_managed.tables", [
    [
      "create_local_mirrors",
      "boolean",
      false,
      "Whether externally managed tables are copied for development.",
    ],
    ["sample_size", "count", 0, "Rows to copy of each."],
    ["refresh_on_startup", "boolean", false, "Whether to copy anew at each start."],
  ]),
  ...section("dev.remote_clickhouse", [
    ["protocol", "text", "http", "Protocol of the remote server."],
    ["host", "text", undefined, "Host of the remote server."],
    ["port", "port", undefined, "Port of the remote server."],
    ["database", "text", undefined, "Database on the remote server."],
    ["use_ssl", "boolean", true, "Whether the remote server is reached by https."],
  ]),
  ...section("docker_config", [
    ["custom_dockerfile", "boolean", false, "Whether the project has its own Dockerfile."],
    ["dockerfile_path", "text", "./Dockerfile", "Where it is."],
  ]),
  ...section("temporal_config", temporal),
  ...section("typescript_config", [["package_manager", "text", "npm", "`npm`, `pnpm` or `yarn`."]]),
  ...section("git_config", [["main_branch_name", "text", "main", "Main branch of the repository."]]),
];
