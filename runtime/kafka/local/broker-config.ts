// The configuration of a local broker: one node that is its own controller, on loopback, with few threads.

import { join } from "node:path";

export interface BrokerPorts {
  /** Of the plain listener that every client on this machine may use. */
  readonly plain: number;
  /** Of the controller, which only the broker itself talks to. */
  readonly controller: number;
}

/** A listener besides the plain one, for what asks for a password or speaks TLS. */
export interface Listener {
  /** In capitals, e.g. `SECURE`. */
  readonly name: string;
  readonly protocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  readonly port: number;
}

/** The text of `server.properties`; `more` wins over what is said here. */
export function brokerConfig(
  folder: string,
  ports: BrokerPorts,
  listeners: readonly Listener[],
  more: Readonly<Record<string, string>>,
): string {
  const config = brokerProperties(host, dataFolder(folder), ports, listeners, more);
  return `${Object.entries(config)
    .map(([key, value]) => `${key}=${escaped(value)}`)
    .join("\n")}\n`;
}

/**
 * The settings of the broker by name.
 *
 * @param address - that it listens on
 * @param data - folder of its messages
 */
export function brokerProperties(
  address: string,
  data: string,
  ports: BrokerPorts,
  listeners: readonly Listener[],
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const all: readonly Listener[] = [
    { name: "PLAINTEXT", protocol: "PLAINTEXT", port: ports.plain },
    ...listeners,
  ];
  const addresses = all.map(({ name, port }) => `${name}://${address}:${port}`);
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@${address}:${ports.controller}`,
    listeners: [...addresses, `CONTROLLER://${address}:${ports.controller}`].join(","),
    "advertised.listeners": addresses.join(","),
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": [
      ...all.map(({ name, protocol }) => `${name}:${protocol}`),
      "CONTROLLER:PLAINTEXT",
    ].join(","),
    "inter.broker.listener.name": "PLAINTEXT",
    "log.dirs": data,
    "auto.create.topics.enable": "false",
    ...oneNode,
    ...small,
    ...more,
  };
}

const host = "127.0.0.1";

export function dataFolder(folder: string): string {
  return join(folder, "data");
}

/** What asks for several brokers by default. */
const oneNode = {
  "default.replication.factor": "1",
  "offsets.topic.replication.factor": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1",
} as const;

/** Fewer threads, partitions and buffers than a server in production has; and consumers do not wait for others. */
const small = {
  "num.network.threads": "2",
  "num.io.threads": "2",
  "background.threads": "2",
  "offsets.topic.num.partitions": "1",
  "transaction.state.log.num.partitions": "1",
  "share.coordinator.state.topic.num.partitions": "1",
  "group.initial.rebalance.delay.ms": "0",
  // How long the controller takes a broker that was killed for alive, and its successor for a double.
  "broker.session.timeout.ms": "3000",
  "broker.heartbeat.interval.ms": "500",
  "log.cleaner.dedupe.buffer.size": String(4 * 1024 * 1024),
} as const;

/** In a properties file a backslash begins an escape and a line break ends the value. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
