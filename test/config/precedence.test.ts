import { expect, test } from "vitest";
import { lines, settingsOf } from "./project.js";

const port = (value: number) => `MOOSE_HTTP_SERVER_CONFIG__PORT=${value}\n`;

/** From the weakest to the strongest; each sets the port to its own number. */
const sources = [
  { files: { "moose.config.toml": "[http_server_config]\nport = 1\n" } },
  { files: { ".env": port(2) } },
  { files: { ".env.dev": port(3) } },
  { files: { ".env.local": port(4) } },
  { environment: { MOOSE_HTTP_SERVER_CONFIG__PORT: "5" } },
  { overrides: { port: 6 } },
];

test("each source wins over all that stand before it", async () => {
  for (let count = 1; count <= sources.length; count++) {
    const used = sources.slice(0, count);
    const { settings, diagnostics } = await settingsOf({
      files: Object.assign({}, ...used.map((source) => source.files)),
      environment: Object.assign({}, ...used.map((source) => source.environment)),
      overrides: Object.assign({}, ...used.map((source) => source.overrides)),
    });
    expect(diagnostics).toEqual([]);
    expect(settings.http.port).toBe(count);
  }
});

test("prod reads .env.prod and .env, and neither .env.dev nor .env.local", async () => {
  const files = { ".env": port(2), ".env.dev": port(3), ".env.local": port(4) };
  const prod = { mode: "prod", overrides: { clickhouseUrl: "http://h" } } as const;
  expect((await settingsOf({ ...prod, files })).settings.http.port).toBe(2);
  const withProd = { ...files, ".env.prod": port(7) };
  expect((await settingsOf({ ...prod, files: withProd })).settings.http.port).toBe(7);
  expect((await settingsOf({ files: { ".env.prod": port(7) } })).settings.http.port).toBe(4000);
});

test("a value that another overrides is still checked", async () => {
  const { settings, diagnostics } = await settingsOf({
    files: { ".env": "MOOSE_FEATURES__OLAP=x" },
    environment: { MOOSE_FEATURES__OLAP: "no" },
  });
  expect(settings.features.olap).toBe(false);
  expect(lines(diagnostics)).toEqual([
    'error .env:1:1 config/wrong-type: `MOOSE_FEATURES__OLAP` must be true or false, but is "x".',
  ]);
});

test("the user's code sees the variables of all .env files under those of the process", async () => {
  const files = { ".env": "A=1\nB=1\nC=1\nD=1\n", ".env.dev": "B=2\nC=2\nD=2\n", ".env.local": "C=3\nD=3\n" };
  const { settings } = await settingsOf({ files, environment: { D: "4", E: "" } });
  expect(settings.environment).toEqual({ A: "1", B: "2", C: "3", D: "4", E: "" });
});

test("variables are converted to the type of their key", async () => {
  const { settings, diagnostics } = await settingsOf({
    environment: {
      MOOSE_SOURCE_DIR: "./app",
      MOOSE_FEATURES__OLAP: "OFF",
      MOOSE_CLICKHOUSE_CONFIG__ADDITIONAL_DATABASES: "a, b",
      MOOSE_CLICKHOUSE_CONFIG__CLUSTERS: "one,two",
      MOOSE_HTTP_SERVER_CONFIG__PORT: " 4001 ",
      MOOSE_LOGGER__LEVEL: "Warn",
    },
  });
  expect(diagnostics).toEqual([]);
  expect(settings).toMatchObject({
    features: { olap: false },
    additionalDatabases: ["a", "b"],
    clusters: ["one", "two"],
    http: { port: 4001 },
    logLevel: "warn",
  });
});

test("an empty variable gives nothing", async () => {
  const environment = { MOOSE_CLICKHOUSE_CONFIG__HOST: "", MOOSE_HTTP_SERVER_CONFIG__PORT: "" };
  const { settings, diagnostics } = await settingsOf({ environment });
  expect(diagnostics).toEqual([]);
  expect(settings.clickhouse.kind).toBe("embedded");
  expect(settings.http.port).toBe(4000);
});

test("variables that Moose knows and this part does not use are accepted", async () => {
  const environment = {
    MOOSE_REDIS_CONFIG__URL: "redis://x",
    MOOSE_DEV__SUPPRESS_DEV_SETUP_PROMPT: "1",
    MOOSE_SUPPORTED_OLD_VERSIONS__1: "x",
    MOOSE_CLIENT_ONLY: "true",
    MOOSE_KAFKA_CONFIG__BROKER: "b:9092",
    MOOSE_LOGGER__FORMAT: "json",
    MAX_STREAMING_CONCURRENCY: "1",
  };
  expect((await settingsOf({ environment })).diagnostics).toEqual([]);
});

test("only a slip of the keyboard in a known section is an error; other unknown variables may be the user's own", async () => {
  const environment = {
    MOOSE_CLICKHOUSE_CONFIG__PASWORD: "x",
    MOOSE_CLICKHOUSE_CONFIG__PORT: "x",
    MOOSE_CLICKHOSE_CONFIG__USER: "x",
    MOOSE_SOURCEDIR: "x",
    MOOSE_SERVICE_URL: "x",
    MOOSELIKE: "x",
  };
  expect(lines((await settingsOf({ environment })).diagnostics)).toEqual([
    "error config/unknown-variable: moose knows no environment variable `MOOSE_CLICKHOUSE_CONFIG__PASWORD`. | Did you mean `MOOSE_CLICKHOUSE_CONFIG__PASSWORD`?",
    "warning config/unknown-variable: moose knows no environment variable `MOOSE_CLICKHOUSE_CONFIG__PORT`.",
    "error config/unknown-variable: moose knows no environment variable `MOOSE_CLICKHOSE_CONFIG__USER`. | Did you mean `MOOSE_CLICKHOUSE_CONFIG__USER`?",
    "warning config/unknown-variable: moose knows no environment variable `MOOSE_SOURCEDIR`. | Did you mean `MOOSE_SOURCE_DIR`?",
    "warning config/unknown-variable: moose knows no environment variable `MOOSE_SERVICE_URL`.",
  ]);
});
