import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig } from "../../runtime/config/config-file.js";
import { ranks } from "../../runtime/config/given.js";
import { variableOf } from "../../runtime/config/key.js";
import { knownKeys, usedKeys } from "../../runtime/config/keys.js";
import { checkValue } from "../../runtime/config/value.js";
import { knownVariables } from "../../runtime/config/variables.js";

test("no key or variable is listed twice", () => {
  const names = [...knownKeys.map((key) => variableOf(key.path)), ...knownVariables.map((one) => one.name)];
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("each key and variable has one line of meaning", () => {
  for (const { meaning } of [...knownKeys, ...knownVariables]) expect(meaning).toMatch(/^[A-Z`].*\.$/);
});

test("each default is a valid value of its key", () => {
  for (const key of knownKeys) {
    if (key.default === undefined) continue;
    const given = { key, raw: key.default, rank: ranks.flag, origin: { kind: "flag", flag: "x" } } as const;
    expect(checkValue(given)).toEqual({ ok: true, value: key.default });
  }
});

test("a key that is marked as used is read somewhere, and no other", () => {
  const folder = new URL("../../runtime/config/", import.meta.url);
  const readers = readdirSync(folder).filter((name) => !name.startsWith("keys") && name !== "variables.ts");
  const text = readers.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const isRead = (path: string) => text.includes(`"${path}"`);
  expect(
    usedKeys.filter((key) => key.path !== "language" && !isRead(key.path)).map((key) => key.path),
  ).toEqual([]);
  expect(knownKeys.filter((key) => !key.used && isRead(key.path))).toEqual([]);
});

test("a whole config of an existing project is accepted", () => {
  const toml = `language = "Typescript"
source_dir = "src"
[typescript_config]
package_manager = "npm"
[redpanda_config]
broker = "localhost:19092"
message_timeout_ms = 1000
retention_ms = 30000
replication_factor = 1
[clickhouse_config]
db_name = "local"
user = "panda"
password = "pandapass"
use_ssl = false
host = "localhost"
host_port = 18123
native_port = 9000
additional_databases = ["analytics"]
[[clickhouse_config.clusters]]
name = "cluster_a"
[http_server_config]
host = "localhost"
port = 4000
management_port = 5001
on_first_start_script = "./x.sh"
[redis_config]
url = "redis://127.0.0.1:6379"
key_prefix = "MS"
[git_config]
main_branch_name = "main"
[authentication]
admin_api_key = "445fd4696cfc5c49e28995c4aba05de44303a112"
[temporal_config]
db_user = "temporal"
temporal_scheme = "https"
ui_cors_origins = "http://localhost:3000"
client_cert = ""
[supported_old_versions]
"0.1" = "old"
[state_config]
storage = "redis"
[jwt]
secret = "s"
[dev.externally_managed.tables]
sample_size = 10
[dev.remote_clickhouse]
host = "h"
[watcher_config]
ignore_patterns = []
[features]
streaming_engine = true
workflows = true
apis = true
ddl_plan = false
`;
  expect(parseConfig("moose.config.toml", toml).diagnostics).toEqual([]);
});
