// The limits of the server, each said explicitly: what one client, or all of them, can take of it.

export interface Limits {
  /** Requests of one address in a minute, before any token is looked at; health routes do not count. */
  readonly requestsPerMinute: number;
  /** Invalid tokens of one address in a minute. */
  readonly invalidTokensPerMinute: number;
  /** Open connections, all addresses together. */
  readonly connections: number;
  /** Requests on one connection. */
  readonly requestsPerConnection: number;
  /** Longest time for the headers of a request to arrive. */
  readonly headersTimeoutMs: number;
  /** Longest time for a whole request to arrive. */
  readonly requestTimeoutMs: number;
  /** A connection on which nothing moves for so long is closed; event streams send a sign of life before. */
  readonly idleTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Longest time for an answer to begin. */
  readonly handlerTimeoutMs: number;
  readonly headerBytes: number;
  /** Bodies of the routes that take no InfraMap. */
  readonly smallBodyBytes: number;
  /** Open event streams. */
  readonly eventClients: number;
  /** A client gets no more than one event in this time, the newest. */
  readonly eventIntervalMs: number;
  readonly eventHeartbeatMs: number;
}

export const defaultLimits: Limits = {
  requestsPerMinute: 6_000,
  invalidTokensPerMinute: 10,
  connections: 4_000,
  requestsPerConnection: 1_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  idleTimeoutMs: 15_000,
  keepAliveTimeoutMs: 5_000,
  handlerTimeoutMs: 30_000,
  headerBytes: 16 * 1024,
  smallBodyBytes: 64 * 1024,
  eventClients: 64,
  eventIntervalMs: 200,
  eventHeartbeatMs: 10_000,
};
