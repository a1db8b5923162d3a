// Decides which Kafka the project works on, and how it is reached.

import { resolve } from "node:path";
import type { Diagnostic } from "../../src/diagnostic.js";
import type { Chosen, ChosenValues } from "./chosen-values.js";
import { nameOf, placeOf, ranks } from "./given.js";
import { type UsedPath, usedKeys, type ValueOf } from "./keys.js";

export interface KafkaBroker {
  readonly host: string;
  readonly port: number;
}

/** How the user is proved to a broker. */
export type KafkaLogin =
  | {
      readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: "OAUTHBEARER"; readonly token: string }
  /** A token is asked for at `tokenUrl`, with client id and secret, as often as one is needed. */
  | {
      readonly mechanism: "OAUTHBEARER";
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: string;
    };

/** Absolute paths of PEM files; without an authority, those of the system count. */
export interface KafkaTls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** A Kafka and how it is reached. */
export interface KafkaSettings {
  /** At least one; the others of the cluster are found by asking. */
  readonly brokers: readonly KafkaBroker[];
  readonly login: KafkaLogin | undefined;
  /** Undefined for connections without TLS. */
  readonly tls: KafkaTls | undefined;
  readonly schemaRegistryUrl: string | undefined;
  /** Longest time to send a message, in milliseconds. */
  readonly messageTimeoutMs: number;
}

/** What goes for all topics of a project, wherever its Kafka is. */
export interface TopicSettings {
  /** Prefix of all topic names, without the dot behind it; empty for none. */
  readonly namespace: string;
  /** Copies of each partition of new topics; undefined leaves it to the brokers. */
  readonly replicationFactor: number | undefined;
}

/** A Kafka that asks for nothing, the local one for instance. `broker` is `host:port`. */
export function plainKafka(broker: string): KafkaSettings {
  const parsed = parseBroker(broker);
  if (parsed === undefined) throw new TypeError(`${broker} is no address of a broker`);
  return {
    ...{ brokers: [parsed], login: undefined, tls: undefined },
    ...{ schemaRegistryUrl: undefined, messageTimeoutMs: 1000 },
  };
}

/** The addresses of `a:9092,b:9092`; undefined where one is none. */
export function readBrokers(text: string): readonly KafkaBroker[] | undefined {
  const texts = text.split(",").flatMap((one) => one.trim() || []);
  const brokers = texts.flatMap((one) => parseBroker(one) ?? []);
  return brokers.length === texts.length && brokers.length > 0 ? brokers : undefined;
}

export interface DecidedKafka {
  readonly settings: KafkaSettings | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** With problems, `settings` is a stand-in that must not be used. */
export function decideKafka(values: ChosenValues, folder: string, mode: "dev" | "prod"): DecidedKafka {
  const given = chosenKafka(values);
  const { broker } = given;
  if (broker.value === undefined || (mode === "dev" && isLocalOfNewProject(values, broker)))
    return { settings: undefined, diagnostics: [] };
  const brokers = readBrokers(broker.value);
  const problems = [...(brokers === undefined ? [badBroker(broker)] : []), ...securityProblems(given)];
  const protocol = given.protocol.value ?? "PLAINTEXT";
  const settings: KafkaSettings = {
    brokers: brokers ?? [],
    login: protocol.startsWith("SASL") ? loginOf(given) : undefined,
    tls: protocol.endsWith("SSL") ? tlsOf(given, folder) : undefined,
    schemaRegistryUrl: given.registry.value,
    messageTimeoutMs: given.messageTimeoutMs.value,
  };
  return { settings, diagnostics: problems };
}

export function decideTopics(values: ChosenValues): TopicSettings {
  const { namespace, replicationFactor } = chosenKafka(values);
  return { namespace: namespace.value ?? "", replicationFactor: replicationFactor.value || undefined };
}

type Given = ReturnType<typeof chosenKafka>;

function chosenKafka(values: ChosenValues) {
  return {
    broker: either(values, "kafka_config.broker", "redpanda_config.broker"),
    replicationFactor: either(
      values,
      "kafka_config.replication_factor",
      "redpanda_config.replication_factor",
    ),
    namespace: either(values, "kafka_config.namespace", "redpanda_config.namespace"),
    protocol: either(values, "kafka_config.security_protocol", "redpanda_config.security_protocol"),
    mechanism: either(values, "kafka_config.sasl_mechanism", "redpanda_config.sasl_mechanism"),
    username: either(values, "kafka_config.sasl_username", "redpanda_config.sasl_username"),
    password: either(values, "kafka_config.sasl_password", "redpanda_config.sasl_password"),
    tokenUrl: either(values, "kafka_config.sasl_token_url", "redpanda_config.sasl_token_url"),
    ca: either(values, "kafka_config.ssl_ca", "redpanda_config.ssl_ca"),
    cert: either(values, "kafka_config.ssl_cert", "redpanda_config.ssl_cert"),
    key: either(values, "kafka_config.ssl_key", "redpanda_config.ssl_key"),
    registry: either(values, "kafka_config.schema_registry_url", "redpanda_config.schema_registry_url"),
    messageTimeoutMs: either(values, "kafka_config.message_timeout_ms", "redpanda_config.message_timeout_ms"),
  };
}

interface Picked<T> extends Chosen<T> {
  readonly path: UsedPath;
}

/** The one of higher precedence; of equal ones, that under [kafka_config]. */
function either<A extends UsedPath, B extends UsedPath>(
  values: ChosenValues,
  one: A,
  other: B,
): Picked<ValueOf<A> | ValueOf<B>> {
  const [first, second] = [values.chosen(one), values.chosen(other)];
  return first.rank >= second.rank ? { ...first, path: one } : { ...second, path: other };
}

/** New projects come with this broker in their file, which has always meant the one that `moose dev` starts. */
function isLocalOfNewProject(values: ChosenValues, broker: Chosen<string | undefined>): boolean {
  return (
    broker.rank === ranks.config &&
    ["localhost:19092", "127.0.0.1:19092"].includes(broker.value?.trim() ?? "") &&
    values.get("load_infra")
  );
}

const defaultPort = 9092;
const greatestPort = 65_535;

/** `host:9092`, `host`, `[::1]:9092`. */
function parseBroker(text: string): KafkaBroker | undefined {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3] ?? defaultPort);
  return host === undefined || port < 1 || port > greatestPort ? undefined : { host, port };
}

function badBroker(broker: Picked<string | undefined>): Diagnostic {
  return {
    code: "config/kafka-broker",
    severity: "error",
    summary: `${shownName(broker)} must be addresses as \`host:9092\`, comma separated, but is ${JSON.stringify(broker.value)}.`,
    place: broker.origin && placeOf(broker.origin),
    hint: broker.value?.includes("://") ? "Leave out what stands before `//`." : undefined,
  };
}

function shownName({ path, origin }: Picked<unknown>): string {
  const key = usedKeys.find((one) => one.path === path);
  return key === undefined || origin === undefined ? `\`${path}\`` : nameOf({ key, origin });
}

/** A password is never sent because of a guess: who gives one says how the brokers are spoken to. */
function securityProblems(given: Given): readonly Diagnostic[] {
  const problem = (at: Picked<unknown>, what: string, hint: string): Diagnostic => ({
    code: "config/kafka-security",
    severity: "error",
    summary: `${shownName(at)} ${what}.`,
    place: at.origin && placeOf(at.origin),
    hint,
  });
  const { protocol, username, password, cert, key, ca } = given;
  const isSasl = protocol.value?.startsWith("SASL") ?? false;
  const isTls = protocol.value?.endsWith("SSL") ?? false;
  const credential = [username, password, given.mechanism].find(({ value }) => value !== undefined);
  const file = [ca, cert, key].find(({ value }) => value !== undefined);
  return [
    ...(credential !== undefined && !isSasl
      ? [
          problem(
            credential,
            "is given, but the protocol asks for none",
            'Set `security_protocol = "SASL_SSL"`.',
          ),
        ]
      : []),
    ...(file !== undefined && !isTls
      ? [
          problem(
            file,
            "is given, but the protocol has no TLS",
            'Set `security_protocol` to "SSL" or "SASL_SSL".',
          ),
        ]
      : []),
    ...((cert.value === undefined) !== (key.value === undefined)
      ? [
          problem(
            cert.value === undefined ? key : cert,
            "is given alone",
            "Give both `ssl_cert` and `ssl_key`.",
          ),
        ]
      : []),
    ...(isSasl && loginOf(given) === undefined
      ? [problem(protocol, "needs credentials", `Give ${wantedCredentials(given)}.`)]
      : []),
  ];
}

function wantedCredentials({ mechanism, tokenUrl }: Given): string {
  if (mechanism.value !== "OAUTHBEARER") return "`sasl_username` and `sasl_password`";
  return tokenUrl.value === undefined
    ? "the token as `sasl_password`, or `sasl_token_url` with client id and secret"
    : "the client id as `sasl_username` and the client secret as `sasl_password`";
}

function loginOf({ mechanism, username, password, tokenUrl }: Given): KafkaLogin | undefined {
  const [user, secret] = [username.value, password.value];
  if (mechanism.value !== "OAUTHBEARER") {
    if (user === undefined || secret === undefined) return undefined;
    return { mechanism: mechanism.value ?? "PLAIN", username: user, password: secret };
  }
  if (secret === undefined) return undefined;
  if (tokenUrl.value === undefined) return { mechanism: "OAUTHBEARER", token: secret };
  if (user === undefined) return undefined;
  return { mechanism: "OAUTHBEARER", tokenUrl: tokenUrl.value, clientId: user, clientSecret: secret };
}

function tlsOf({ ca, cert, key }: Given, folder: string): KafkaTls {
  const absolute = (file: string | undefined) => (file === undefined ? undefined : resolve(folder, file));
  return { ca: absolute(ca.value), cert: absolute(cert.value), key: absolute(key.value) };
}
