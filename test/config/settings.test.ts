import { join } from "node:path";
import { expect, test } from "vitest";
import { readSettings } from "../../runtime/config/settings.js";
import { lines, makeProject, settingsOf } from "./project.js";

test("a folder with an entry file alone is a project", async () => {
  const { settings, diagnostics } = await settingsOf();
  expect(diagnostics).toEqual([]);
  expect(settings).toMatchObject({
    project: "shop",
    entryFile: join(settings.folder, "app", "index.ts"),
    sourceFolder: join(settings.folder, "app"),
    clickhouse: { kind: "embedded", port: 18123, database: "local", dataFolder: undefined },
    additionalDatabases: [],
    clusters: [],
    features: { olap: true },
    http: {
      host: "localhost",
      port: 4000,
      managementPort: 5001,
      tls: undefined,
      trustedProxies: [],
      pathPrefix: "",
      maxRequestBodyBytes: 10_485_760,
    },
    tokenHashes: { admin: [], read: [] },
    watcher: { ignorePatterns: [], poll: false },
    migration: { mode: "plan", ignoreOperations: [], prodAutoAllowDestructive: false },
    logLevel: "info",
    json: false,
    environment: {},
    secrets: [],
  });
});

test("the settings are frozen to the bottom", async () => {
  const { settings } = await settingsOf();
  expect(Object.isFrozen(settings)).toBe(true);
  expect(Object.isFrozen(settings.clickhouse)).toBe(true);
  expect(Object.isFrozen(settings.watcher.ignorePatterns)).toBe(true);
});

test("every file that was read or looked for is named, so that it can be watched", async () => {
  const folder = await makeProject();
  const names = (mode: "dev" | "prod") =>
    readSettings({ folder, mode, environment: {}, overrides: {} }).then(({ files }) =>
      files.map((file) => file.slice(folder.length + 1)),
    );
  const around = ["moose.config.toml", "project.toml", ".env"];
  expect(await names("dev")).toEqual([...around, ".env.dev", ".env.local", "package.json", "app/index.ts"]);
  expect(await names("prod")).toEqual([...around, ".env.prod", "package.json", "app/index.ts"]);
});

test("all keys in use arrive in the settings", async () => {
  const config = `
language = "typescript"
source_dir = "src"
[clickhouse_config]
db_name = "shop"
host_port = 20000
host_data_path = "data/ch"
additional_databases = ["a", "b"]
[[clickhouse_config.clusters]]
name = "one"
[[clickhouse_config.clusters]]
name = "two"
[features]
olap = false
[http_server_config]
host = "0.0.0.0"
port = 5000
path_prefix = "/analytics/"
max_request_body_size = 100
management_port = 5100
tls_cert = "tls/cert.pem"
tls_key = "/etc/moose/key.pem"
tls_client_ca = "tls/ca.pem"
trusted_proxies = ["10.0.0.0/8"]
[watcher_config]
ignore_patterns = ["**/*.gen.ts"]
poll = true
[migration_config]
mode = "Chain"
ignore_operations = ["ModifyTableTtl"]
prod_auto_allow_destructive = true
[authentication]
admin_api_key = "445fd4696cfc5c49e28995c4aba05de44303a112"
more_admin_api_keys = ["${"B".repeat(64)}"]
read_api_keys = ["${"c".repeat(40)}", "${"d".repeat(64)}"]
[logger]
level = "DEBUG"
`;
  const { settings, diagnostics } = await settingsOf({
    files: { "moose.config.toml": config, "src/index.ts": "" },
  });
  expect(diagnostics).toEqual([]);
  expect(settings).toMatchObject({
    entryFile: join(settings.folder, "src", "index.ts"),
    clickhouse: {
      kind: "embedded",
      port: 20000,
      database: "shop",
      dataFolder: join(settings.folder, "data/ch"),
    },
    additionalDatabases: ["a", "b"],
    clusters: ["one", "two"],
    features: { olap: false },
    http: {
      host: "0.0.0.0",
      port: 5000,
      managementPort: 5100,
      tls: {
        certFile: join(settings.folder, "tls/cert.pem"),
        keyFile: "/etc/moose/key.pem",
        clientCaFile: join(settings.folder, "tls/ca.pem"),
      },
      trustedProxies: ["10.0.0.0/8"],
      pathPrefix: "/analytics",
      maxRequestBodyBytes: 100,
    },
    watcher: { ignorePatterns: ["**/*.gen.ts"], poll: true },
    migration: { mode: "chain", ignoreOperations: ["ModifyTableTtl"], prodAutoAllowDestructive: true },
    tokenHashes: {
      admin: ["445fd4696cfc5c49e28995c4aba05de44303a112", "B".repeat(64)],
      read: ["c".repeat(40), "d".repeat(64)],
    },
    logLevel: "debug",
  });
});

test("a token in place of its hash is refused without being shown, also in a list", async () => {
  const files = { "moose.config.toml": '[authentication]\nread_api_keys = ["correct-horse-battery"]\n' };
  const { diagnostics } = await settingsOf({ files });
  expect(diagnostics).toMatchObject([{ code: "config/out-of-range", severity: "error" }]);
  expect(JSON.stringify(diagnostics)).not.toContain("horse");
});

test("hashes of tokens can come as a variable, with commas", async () => {
  const environment = { MOOSE_AUTHENTICATION__READ_API_KEYS: `${"a".repeat(64)}, ${"b".repeat(40)}` };
  const { settings, diagnostics } = await settingsOf({ environment });
  expect(diagnostics).toEqual([]);
  expect(settings.tokenHashes.read).toEqual(["a".repeat(64), "b".repeat(40)]);
  expect(settings.secrets).toContain("a".repeat(64));
});

test.each(["tls_cert", "tls_key", "tls_client_ca"])(
  "%s alone is an error, for moose would serve plain http",
  async (name) => {
    const files = { "moose.config.toml": `[http_server_config]\n${name} = "x.pem"\n` };
    const { diagnostics } = await settingsOf({ files });
    expect(diagnostics).toMatchObject([{ code: "config/half-tls", severity: "error" }]);
  },
);

test("ignored operations are written in any case", async () => {
  const files = { "moose.config.toml": '[migration_config]\nignore_operations = ["modifytablettl"]\n' };
  const overrides = { clickhouseUrl: "http://h" };
  const { settings } = await settingsOf({ files, overrides });
  expect(settings.migration.ignoreOperations).toEqual(["ModifyTableTtl"]);
});

test("the existing tool's switch for deltas means a chain, unless the mode is given", async () => {
  const mode = async (toml: string, environment = {}) => {
    const files = { "moose.config.toml": toml };
    const { settings, diagnostics } = await settingsOf({ files, environment });
    expect(diagnostics).toEqual([]);
    return settings.migration.mode;
  };
  const deltas = "[features]\nmigrate_with_deltas = true\n";
  expect(await mode("")).toBe("plan");
  expect(await mode(deltas)).toBe("chain");
  expect(await mode(`${deltas}[migration_config]\nmode = "plan"\n`)).toBe("plan");
  expect(await mode(deltas, { MOOSE_MIGRATION_CONFIG__MODE: "plan" })).toBe("plan");
});

test("project.toml is read where there is no moose.config.toml, and only there", async () => {
  const old = { "project.toml": '[clickhouse_config]\ndb_name = "old"\n' };
  expect((await settingsOf({ files: old })).settings.clickhouse.database).toBe("old");
  const both = { ...old, "moose.config.toml": "" };
  expect((await settingsOf({ files: both })).settings.clickhouse.database).toBe("local");
});

test("all problems of all sources are told at once, each with its place", async () => {
  const files = {
    "moose.config.toml": `source_dir = "code"
[clickhouse_config]
db_nmae = "shop"
host_port = "18123"

[http_server_config]
port = 70000
[colours]
red = 1
`,
    ".env": "MOOSE_FEATURES__OLAP=perhaps\nnonsense\n",
    ".env.dev": "MOOSE_CLICKHOUSE_CONFIG__DBNAME=x\n",
  };
  const environment = { MOOSE_HTTP_SERVER_CONFIG__PORT: "http", MOOSE_MINE: "1" };
  const { diagnostics } = await settingsOf({ files, environment, overrides: { port: "-1" } });
  expect(lines(diagnostics)).toEqual([
    "error moose.config.toml:3:1 config/unknown-key: moose.config.toml has a key `clickhouse_config.db_nmae` that moose does not know. | Did you mean `clickhouse_config.db_name`?",
    "warning moose.config.toml:8:2 config/unknown-key: moose.config.toml has a section `[colours]` that moose does not know.",
    "error .env:2:1 config/env-line: Line 2 of .env cannot be read: it is not of the form `NAME=value`.",
    "error .env.dev:1:1 config/unknown-variable: moose knows no variable `MOOSE_CLICKHOUSE_CONFIG__DBNAME`. | Did you mean `MOOSE_CLICKHOUSE_CONFIG__DB_NAME`?",
    "warning config/unknown-variable: moose knows no environment variable `MOOSE_MINE`.",
    'error moose.config.toml:4:1 config/wrong-type: `clickhouse_config.host_port` must be a port, 0 to 65535, but is "18123".',
    "error moose.config.toml:7:1 config/out-of-range: `http_server_config.port` must be a port, 0 to 65535, but is 70000.",
    'error .env:1:1 config/wrong-type: `MOOSE_FEATURES__OLAP` must be true or false, but is "perhaps".',
    'error config/wrong-type: The environment variable `MOOSE_HTTP_SERVER_CONFIG__PORT` must be a port, 0 to 65535, but is "http".',
    'error config/out-of-range: `--port` must be a port, 0 to 65535, but is "-1".',
    expect.stringMatching(
      /^error config\/no-entry: There is no code\/index\.ts\. \| Create code\/index\.ts and /,
    ),
  ]);
});

test("a config file that is no TOML is told with its line", async () => {
  const { diagnostics } = await settingsOf({ files: { "moose.config.toml": "a = 1\n[x\n" } });
  expect(lines(diagnostics)).toEqual([
    "error moose.config.toml:2:3 config/toml-syntax: moose.config.toml is not valid TOML: illegal character in key.",
  ]);
});

test("a section where a key is expected, and the other way round, is an error", async () => {
  const { diagnostics } = await settingsOf({
    files: { "moose.config.toml": "features = true\n[source_dir]\nx = 1\n" },
  });
  expect(lines(diagnostics)).toEqual([
    "error moose.config.toml:1:1 config/wrong-type: `features` must be a section, written `[features]`.",
    'error moose.config.toml:2:2 config/wrong-type: `source_dir` must be a text, but is {"x":1}.',
  ]);
});

test("a key in the wrong section is a warning that names the right one", async () => {
  const { diagnostics } = await settingsOf({ files: { "moose.config.toml": 'db_name = "x"\n' } });
  expect(lines(diagnostics)).toEqual([
    "warning moose.config.toml:1:1 config/unknown-key: moose.config.toml has a key `db_name` that moose does not know. | Did you mean `clickhouse_config.db_name`?",
  ]);
});

test("a cluster without a name is told how it is written", async () => {
  const { diagnostics } = await settingsOf({
    files: { "moose.config.toml": "[[clickhouse_config.clusters]]\nnmae = 'x'\n" },
  });
  expect(lines(diagnostics)).toEqual([
    'error moose.config.toml:1:3 config/wrong-type: `clickhouse_config.clusters` must be a list of tables that each have a `name`, written `[[section.key]]` and `name = ".."`, but is [{"nmae":"x"}].',
  ]);
});

test("a project in another language is refused", async () => {
  const { diagnostics } = await settingsOf({ files: { "moose.config.toml": 'language = "Python"\n' } });
  expect(lines(diagnostics)).toEqual([
    'error moose.config.toml:1:1 config/out-of-range: `language` knows only `Typescript`, but is "Python".',
  ]);
});

test("a config file that is a folder or no text is told, not thrown", async () => {
  const { diagnostics } = await settingsOf({ files: { "moose.config.toml/x": "", ".env": "A=\u0000ok\n" } });
  expect(lines(diagnostics)).toEqual([
    "error moose.config.toml:1:1 config/unreadable-file: moose.config.toml cannot be read: it is a folder.",
  ]);
});

test("the entry file's folder is told when it is missing, with what to write", async () => {
  const { diagnostics } = await settingsOf({ files: { "moose.config.toml": 'source_dir = "src"\n' } });
  expect(diagnostics).toEqual([
    {
      code: "config/no-entry",
      severity: "error",
      summary: "There is no src/index.ts.",
      detail:
        "moose loads this file and the files that it imports; tables that are not reached from it do not exist for moose.",
      hint: 'Create src/index.ts and export a table from it, `export const events = new OlapTable<Event>("events", { orderByFields: ["id"] });`, or set `source_dir` to the folder that has it.',
    },
  ]);
});

test("the settings name every secret, and no password is shown in a problem", async () => {
  const environment = {
    MOOSE_CLICKHOUSE_CONFIG__URL: "https://me:p%40ss@host/db",
    MOOSE_ADMIN_TOKEN: "tok",
    STRIPE_API_KEY: "sk_live_1",
    SOME_TOKEN: "true",
    REDIS: "redis://:r3dis@localhost:6379/0",
    HOME: "/x",
  };
  const { settings } = await settingsOf({ environment });
  expect([...settings.secrets].sort()).toEqual(["p@ss", "r3dis", "sk_live_1", "tok"]);
  const config = '[clickhouse_config]\npassword = 12345\nurl = "ftp://me:geheim@host"\n';
  const bad = await settingsOf({ files: { "moose.config.toml": config } });
  expect(lines(bad.diagnostics)).toEqual([
    "error moose.config.toml:2:1 config/wrong-type: `clickhouse_config.password` must be a text.",
    'error moose.config.toml:3:1 config/clickhouse-url: `clickhouse_config.url` has the unknown scheme "ftp". | Write http://user:password@host:8123/database, or https:// for a server with TLS.',
  ]);
});

test("an admin key that is no hash is refused without being shown, and so is a database without name", async () => {
  const config = '[clickhouse_config]\ndb_name = ""\n[authentication]\nadmin_api_key = "my token"\n';
  const { diagnostics } = await settingsOf({ files: { "moose.config.toml": config } });
  expect(lines(diagnostics)).toEqual([
    'error moose.config.toml:2:1 config/out-of-range: `clickhouse_config.db_name` must be a name, but is "".',
    "error moose.config.toml:4:1 config/out-of-range: `authentication.admin_api_key` must be a hash of 40 or 64 hexadecimal digits, not the token itself.",
  ]);
});

test("a byte order mark and Windows line ends do not move the places", async () => {
  const config = "\ufeff[clickhouse_config]\r\n# note\r\n  host_port = -1\r\n";
  const { diagnostics } = await settingsOf({
    files: { "moose.config.toml": config, ".env": "\ufeffA=1\r\n!\r\n" },
  });
  expect(lines(diagnostics)).toEqual([
    "error .env:2:1 config/env-line: Line 2 of .env cannot be read: it is not of the form `NAME=value`.",
    "error moose.config.toml:3:3 config/out-of-range: `clickhouse_config.host_port` must be a port, 0 to 65535, but is -1.",
  ]);
});
