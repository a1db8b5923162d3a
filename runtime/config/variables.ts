// Environment variables that moose knows besides those that set a key of moose.config.toml.

export interface Variable {
  /** A name that ends in `*` stands for all names that begin so. */
  readonly name: string;
  readonly used: boolean;
  /** One line. */
  readonly meaning: string;
  /** Its value is kept out of logs. */
  readonly secret?: boolean;
}

export const knownVariables: readonly Variable[] = [
  {
    name: "MOOSE_ADMIN_TOKEN",
    used: true,
    secret: true,
    meaning: "Token with which commands reach the admin routes of a running moose.",
  },
  {
    name: "MOOSE_KAFKA_FOLDER",
    used: true,
    meaning: "Folder in which the jars of the local Kafka are kept, instead of the user's cache.",
  },
  { name: "MOOSE_ACCEPT_ALL", used: false, meaning: "Answers all questions with yes." },
  { name: "MOOSE_ACCEPT_DESTRUCTIVE", used: false, meaning: "Answers questions about lost data with yes." },
  { name: "MOOSE_ACCEPT_RENAME", used: false, meaning: "Answers questions about renames with yes." },
  { name: "MOOSE_AUTO_APPROVE_MIGRATIONS", used: false, meaning: "A switch of older versions." },
  {
    name: "MOOSE_INGEST_API_KEY",
    used: false,
    secret: true,
    meaning: "Hash of the token for ingest routes.",
  },
  {
    name: "MOOSE_CONSUMPTION_API_KEY",
    used: false,
    secret: true,
    meaning: "Hash of the token for query routes.",
  },
  {
    name: "MOOSE_REMOTE_CLICKHOUSE_URL",
    used: false,
    secret: true,
    meaning: "Address of the remote ClickHouse to copy from.",
  },
  {
    name: "MOOSE_CLIENT_ONLY",
    used: false,
    meaning: "Set where the library is only used to reach the tables.",
  },
  {
    name: "MOOSE_SKIP_CONTAINER_SHUTDOWN",
    used: false,
    meaning: "A switch for containers; moose starts none.",
  },
  { name: "MOOSE_CONNECTION_POOL_WARMUP", used: false, meaning: "A switch of older versions." },
  { name: "MOOSE_DEV__*", used: false, meaning: "Settings of the development server of older versions." },
  { name: "MOOSE_LOGGER__*", used: false, meaning: "Other settings of the log of older versions." },
  { name: "MOOSE_TELEMETRY__*", used: false, meaning: "Settings of telemetry; moose sends none." },
  { name: "MOOSE_METRIC__*", used: false, meaning: "Settings of the metrics of older versions." },
];

export function isKnownVariable(name: string): boolean {
  return knownVariables.some((variable) =>
    variable.name.endsWith("*") ? name.startsWith(variable.name.slice(0, -1)) : variable.name === name,
  );
}
