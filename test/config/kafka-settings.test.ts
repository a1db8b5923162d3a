import { expect, test } from "vitest";
import { lines, settingsOf } from "./project.js";

const nothing = { login: undefined, tls: undefined };

function config(text: string) {
  return { files: { "moose.config.toml": text } };
}

test("without a broker there is no Kafka", async () => {
  expect((await settingsOf()).settings.kafka).toBeUndefined();
  const { settings, diagnostics } = await settingsOf(config('[redpanda_config]\nnamespace = "x"'));
  expect(settings.kafka).toBeUndefined();
  expect(settings.topics).toEqual({ namespace: "x", replicationFactor: undefined });
  expect(diagnostics).toEqual([]);
});

test.each(["redpanda_config", "kafka_config"])("brokers are read from [%s]", async (section) => {
  const text = `[${section}]\nbroker = "one:9093, two,[::1]:9094"\nreplication_factor = 3\nretention_ms = 5`;
  const { settings, diagnostics } = await settingsOf({
    ...config(text),
    mode: "prod",
    environment: { MOOSE_CLICKHOUSE_CONFIG__HOST: "h" },
  });
  expect(diagnostics).toEqual([]);
  expect(settings.kafka).toEqual({
    ...nothing,
    brokers: [
      { host: "one", port: 9093 },
      { host: "two", port: 9092 },
      { host: "::1", port: 9094 },
    ],
    schemaRegistryUrl: undefined,
    messageTimeoutMs: 1000,
  });
  expect(settings.topics).toEqual({ namespace: "", replicationFactor: 3 });
});

test.each(["MOOSE_REDPANDA_CONFIG__", "MOOSE_KAFKA_CONFIG__"])(
  "%s variables win over the file",
  async (prefix) => {
    const { settings } = await settingsOf({
      ...config(
        '[kafka_config]\nbroker = "file:1"\nnamespace = "file"\n[redpanda_config]\nbroker = "other:1"',
      ),
      environment: { [`${prefix}BROKER`]: "variable:2" },
    });
    expect(settings.kafka).toMatchObject({ brokers: [{ host: "variable", port: 2 }] });
    expect(settings.topics.namespace).toBe("file");
  },
);

test("in one file, kafka_config wins over redpanda_config, key by key", async () => {
  const text = `[kafka_config]\nbroker = "a:1"\n[redpanda_config]\nbroker = "b:1"\nnamespace = "n"\nmessage_timeout_ms = 7`;
  const { settings } = await settingsOf(config(text));
  expect(settings.kafka).toMatchObject({ brokers: [{ host: "a" }], messageTimeoutMs: 7 });
  expect(settings.topics.namespace).toBe("n");
});

test("the broker that new projects come with means the local Kafka, in dev and as long as it is not said otherwise", async () => {
  const text = '[redpanda_config]\nbroker = "localhost:19092"\n[clickhouse_config]\nhost = "h"\n';
  expect((await settingsOf(config(text))).settings.kafka).toBeUndefined();
  const there = { brokers: [{ host: "localhost", port: 19092 }] };
  expect((await settingsOf({ ...config(text), mode: "prod" })).settings.kafka).toMatchObject(there);
  expect((await settingsOf(config(`load_infra = false\n${text}`))).settings.kafka).toMatchObject(there);
  const variable = { environment: { MOOSE_KAFKA_CONFIG__BROKER: "localhost:19092" } };
  expect((await settingsOf(variable)).settings.kafka).toMatchObject(there);
});

test("a login with a password and TLS with files arrive, the files as absolute paths", async () => {
  const { settings, diagnostics } = await settingsOf(
    config(`[kafka_config]
broker = "b:9093"
security_protocol = "sasl_ssl"
sasl_mechanism = "scram-sha-512"
sasl_username = "u"
sasl_password = "deep secret"
ssl_ca = "certs/ca.pem"
ssl_cert = "/abs/cert.pem"
ssl_key = "key.pem"`),
  );
  expect(diagnostics).toEqual([]);
  expect(settings.kafka).toMatchObject({
    login: { mechanism: "SCRAM-SHA-512", username: "u", password: "deep secret" },
    tls: { ca: `${settings.folder}/certs/ca.pem`, cert: "/abs/cert.pem", key: `${settings.folder}/key.pem` },
  });
  expect(settings.secrets).toContain("deep secret");
});

test("a password from a variable is a secret too", async () => {
  const { settings } = await settingsOf({
    environment: { MOOSE_REDPANDA_CONFIG__SASL_PASSWORD: "hush-hush" },
  });
  expect(settings.secrets).toContain("hush-hush");
});

test.each([
  ["a token", 'sasl_password = "t0ken"', { token: "t0ken" }],
  [
    "an address that gives tokens",
    'sasl_username = "id"\nsasl_password = "s"\nsasl_token_url = "https://idp/token"',
    { tokenUrl: "https://idp/token", clientId: "id", clientSecret: "s" },
  ],
])("OAUTHBEARER takes %s", async (_what, text, login) => {
  const head =
    '[kafka_config]\nbroker = "b"\nsecurity_protocol = "SASL_SSL"\nsasl_mechanism = "OAUTHBEARER"\n';
  const { settings, diagnostics } = await settingsOf(config(head + text));
  expect(diagnostics).toEqual([]);
  expect(settings.kafka?.login).toEqual({ mechanism: "OAUTHBEARER", ...login });
});

test("SASL without a mechanism is PLAIN", async () => {
  const text =
    '[kafka_config]\nbroker = "b"\nsecurity_protocol = "SASL_SSL"\nsasl_username = "u"\nsasl_password = "p"';
  expect((await settingsOf(config(text))).settings.kafka?.login).toMatchObject({ mechanism: "PLAIN" });
});

test.each([
  [
    'broker = "kafka://b:1"',
    'error moose.config.toml:2:1 config/kafka-broker: `kafka_config.broker` must be addresses as `host:9092`, comma separated, but is "kafka://b:1". | Leave out what stands before `//`.',
  ],
  [
    'broker = "b:0"',
    'error moose.config.toml:2:1 config/kafka-broker: `kafka_config.broker` must be addresses as `host:9092`, comma separated, but is "b:0".',
  ],
  [
    'broker = "b"\nsasl_username = "u"\nsasl_password = "p"',
    'error moose.config.toml:3:1 config/kafka-security: `kafka_config.sasl_username` is given, but the protocol asks for none. | Set `security_protocol = "SASL_SSL"`.',
  ],
  [
    'broker = "b"\nsecurity_protocol = "SASL_SSL"',
    "error moose.config.toml:3:1 config/kafka-security: `kafka_config.security_protocol` needs credentials. | Give `sasl_username` and `sasl_password`.",
  ],
  [
    'broker = "b"\nssl_ca = "ca.pem"',
    'error moose.config.toml:3:1 config/kafka-security: `kafka_config.ssl_ca` is given, but the protocol has no TLS. | Set `security_protocol` to "SSL" or "SASL_SSL".',
  ],
  [
    'broker = "b"\nsecurity_protocol = "SSL"\nssl_cert = "c.pem"',
    "error moose.config.toml:4:1 config/kafka-security: `kafka_config.ssl_cert` is given alone. | Give both `ssl_cert` and `ssl_key`.",
  ],
  [
    'broker = "b"\nsecurity_protocol = "TLS"',
    'error moose.config.toml:3:1 config/out-of-range: `kafka_config.security_protocol` knows only `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT`, `SASL_SSL`, but is "TLS".',
  ],
])("%j is told with what to do", async (text, line) => {
  const { diagnostics } = await settingsOf(config(`[kafka_config]\n${text}`));
  expect(lines(diagnostics)).toEqual([line]);
});
