// The keys of Kafka, which stand under [kafka_config] or, as Moose has always called it, [redpanda_config].

const protocols = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] as const;
const mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] as const;

/** The keys of one of the two sections, which mean the same. */
function keysIn<S extends "kafka_config" | "redpanda_config">(section: S) {
  const text = { type: "text", default: undefined, used: true } as const;
  return [
    {
      ...text,
      path: `${section}.broker`,
      meaning: "Kafka brokers to begin with, comma separated, `host:9092`.",
    },
    {
      path: `${section}.replication_factor`,
      type: "count",
      default: undefined,
      used: true,
      meaning: "Copies of each partition of new topics; without it the brokers decide.",
    },
    { ...text, path: `${section}.namespace`, meaning: "Prefix of all topic names, before a dot." },
    {
      ...text,
      path: `${section}.security_protocol`,
      choices: protocols,
      meaning: "How brokers are spoken to.",
    },
    { ...text, path: `${section}.sasl_mechanism`, choices: mechanisms, meaning: "How the user is proved." },
    {
      ...text,
      path: `${section}.sasl_username`,
      meaning: "User for SASL, or the client id for OAUTHBEARER.",
    },
    {
      ...text,
      path: `${section}.sasl_password`,
      secret: true,
      meaning: "Password for SASL; for OAUTHBEARER the client secret, or without `sasl_token_url` the token.",
    },
    {
      ...text,
      path: `${section}.sasl_token_url`,
      meaning: "Address that gives OAUTHBEARER tokens for client id and secret.",
    },
    {
      ...text,
      path: `${section}.ssl_ca`,
      meaning: "File of the authority that signed the brokers' certificates.",
    },
    { ...text, path: `${section}.ssl_cert`, meaning: "File of the client's certificate, for mutual TLS." },
    { ...text, path: `${section}.ssl_key`, meaning: "File of the key of the client's certificate." },
    { ...text, path: `${section}.schema_registry_url`, meaning: "Address of the schema registry." },
    {
      path: `${section}.message_timeout_ms`,
      type: "count",
      default: 1000,
      used: true,
      meaning: "Longest time to send a message, in milliseconds.",
    },
  ] as const;
}

export const keysOfKafka = [...keysIn("kafka_config"), ...keysIn("redpanda_config")] as const;
