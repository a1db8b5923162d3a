import { expect, test } from "vitest";
import type { ClickHouseTarget } from "../../runtime/config/clickhouse-target.js";
import { lines, type ProjectOptions, settingsOf } from "./project.js";

const clickhouseOf = async (options: ProjectOptions): Promise<ClickHouseTarget> =>
  (await settingsOf(options)).settings.clickhouse;

const config = (text: string) => ({ "moose.config.toml": `[clickhouse_config]\n${text}` });

const newProject = config(
  'db_name = "local"\nuser = "panda"\npassword = "pandapass"\nuse_ssl = false\nhost = "localhost"\nhost_port = 18123\nnative_port = 9000\n',
);

test("the config that new projects come with means the embedded ClickHouse in dev", async () => {
  expect(await clickhouseOf({ files: newProject })).toMatchObject({
    kind: "embedded",
    port: 18123,
    database: "local",
  });
});

test("the same config means a server in prod, with load_infra = false, or with another port", async () => {
  const server = { kind: "server", url: "http://localhost:18123", user: "panda", password: "pandapass" };
  expect(await clickhouseOf({ files: newProject, mode: "prod" })).toMatchObject(server);
  const noInfra = { "moose.config.toml": `load_infra = false\n${newProject["moose.config.toml"]}` };
  expect(await clickhouseOf({ files: noInfra })).toMatchObject(server);
  expect(await clickhouseOf({ files: config('host = "localhost"\nhost_port = 8123') })).toMatchObject({
    kind: "server",
    url: "http://localhost:8123",
  });
});

test("a host from a variable means a server, also on this machine", async () => {
  const environment = { MOOSE_CLICKHOUSE_CONFIG__HOST: "localhost" };
  expect(await clickhouseOf({ environment })).toEqual({
    kind: "server",
    url: "http://localhost:18123",
    user: "default",
    password: "",
    database: "local",
    options: {},
  });
});

test("a host can be an IPv6 address, and use_ssl makes it https", async () => {
  const files = config('host = "2001:db8::1"\nuse_ssl = true\nhost_port = 8443');
  expect(await clickhouseOf({ files })).toMatchObject({ kind: "server", url: "https://[2001:db8::1]:8443" });
});

test("a whole address written as host is told where it belongs", async () => {
  const hint = "| An address in one piece goes into `MOOSE_CLICKHOUSE_CONFIG__URL` or `--clickhouse-url`.";
  const { diagnostics } = await settingsOf({ files: config('host = "http://h:8123"') });
  expect(lines(diagnostics)).toEqual([
    `error moose.config.toml:2:1 config/clickhouse-url: \`clickhouse_config.host\` is no host name. ${hint}`,
  ]);
  const environment = { MOOSE_CLICKHOUSE_CONFIG__HOST: "me:pw@h" };
  expect(lines((await settingsOf({ environment })).diagnostics)).toEqual([
    `error config/clickhouse-url: The environment variable \`MOOSE_CLICKHOUSE_CONFIG__HOST\` is no host name. ${hint}`,
  ]);
});

test("an address on the command line wins over variables and config", async () => {
  const target = await clickhouseOf({
    files: newProject,
    environment: { MOOSE_CLICKHOUSE_CONFIG__URL: "http://other/x" },
    overrides: { clickhouseUrl: "http://me:pw@h:8123/db?max_execution_time=5" },
  });
  expect(target).toEqual({
    kind: "server",
    url: "http://h:8123",
    user: "me",
    password: "pw",
    database: "db",
    options: { max_execution_time: "5" },
  });
});

test("user and password of the config file are never sent to an address from elsewhere", async () => {
  const overrides = { clickhouseUrl: "https://example.com" };
  expect(await clickhouseOf({ files: newProject, overrides })).toMatchObject({
    url: "https://example.com:8443",
    user: "default",
    password: "",
    database: "local",
  });
});

test("user and password from variables complete an address that has none", async () => {
  const environment = { MOOSE_CLICKHOUSE_CONFIG__USER: "u", MOOSE_CLICKHOUSE_CONFIG__PASSWORD: "p" };
  const overrides = { clickhouseUrl: "https://example.com/db" };
  expect(await clickhouseOf({ environment, overrides })).toMatchObject({
    user: "u",
    password: "p",
    database: "db",
  });
});

test("a part that is given with higher precedence than the address wins over the address", async () => {
  const files = { ".env": "MOOSE_CLICKHOUSE_CONFIG__URL=http://a:b@h/one\n" };
  const environment = { MOOSE_CLICKHOUSE_CONFIG__DB_NAME: "two", MOOSE_CLICKHOUSE_CONFIG__PASSWORD: "c" };
  expect(await clickhouseOf({ files, environment })).toMatchObject({
    user: "a",
    password: "c",
    database: "two",
  });
});

test("a host of higher precedence wins over an address", async () => {
  const files = { ".env": "MOOSE_CLICKHOUSE_CONFIG__URL=http://h/one\n" };
  const environment = { MOOSE_CLICKHOUSE_CONFIG__HOST: "other" };
  expect(await clickhouseOf({ files, environment })).toMatchObject({
    url: "http://other:18123",
    database: "local",
  });
});

test("prod without a server says how to name one", async () => {
  expect(lines((await settingsOf({ mode: "prod" })).diagnostics)).toEqual([
    "error config/no-clickhouse: No ClickHouse server is named. | Give `--clickhouse-url`, set `MOOSE_CLICKHOUSE_CONFIG__URL`, or write `host` under [clickhouse_config].",
  ]);
});

test("a database that cannot hold the tables is refused", async () => {
  expect(lines((await settingsOf({ files: config('db_name = "default"') })).diagnostics)).toEqual([
    "error moose.config.toml:2:1 config/database: The embedded ClickHouse cannot keep tables in the database `default`. | Give `clickhouse_config.db_name` another name, `local` for instance.",
  ]);
  expect(lines((await settingsOf({ overrides: { clickhouseUrl: "http://h/system" } })).diagnostics)).toEqual([
    "error config/database: `system` is ClickHouse's own database. | Name another database.",
  ]);
  expect((await settingsOf({ overrides: { clickhouseUrl: "http://h/default" } })).diagnostics).toEqual([]);
});
