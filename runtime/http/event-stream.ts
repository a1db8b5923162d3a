// Server-sent events: each new status to everyone who listens, with a bound on listeners and on what waits for each.

import { Readable } from "node:stream";
import type { ServerStatus } from "../../src/status/server-status.js";
import type { AdminPort } from "./admin-port.js";
import type { Limits } from "./limits.js";
import type { StatusTexts } from "./status-text.js";

/** All open event streams. */
export class EventStreams {
  readonly #port: AdminPort;
  readonly #texts: StatusTexts;
  readonly #limits: Limits;
  readonly #streams = new Set<StatusStream>();
  #unsubscribe: (() => void) | undefined;
  #isClosed = false;

  constructor(port: AdminPort, texts: StatusTexts, limits: Limits) {
    this.#port = port;
    this.#texts = texts;
    this.#limits = limits;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** A stream that begins with the status as it is; undefined when there are too many, or the server closes. */
  open(): Readable | undefined {
    if (this.#isClosed || this.#streams.size >= this.#limits.eventClients) return undefined;
    const stream = new StatusStream(this.#texts, this.#limits);
    this.#streams.add(stream);
    stream.once("close", () => this.#forget(stream));
    this.#unsubscribe ??= this.#port.subscribe((status) => {
      for (const one of this.#streams) one.offer(status);
    });
    stream.offer(this.#port.status());
    return stream;
  }

  /** Ends all streams, so that the server can close. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.end();
  }

  #forget(stream: StatusStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}

/** One listener. At most one status waits for it, the newest: a slow reader misses those between. */
class StatusStream extends Readable {
  readonly #texts: StatusTexts;
  readonly #intervalMs: number;
  readonly #heartbeat: NodeJS.Timeout;
  #waiting: ServerStatus | undefined;
  #isWanted = false;
  #pause: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(texts: StatusTexts, { eventIntervalMs, eventHeartbeatMs }: Limits) {
    super({ highWaterMark: 1 });
    this.#texts = texts;
    this.#intervalMs = eventIntervalMs;
    this.#heartbeat = setInterval(() => this.#beat(), eventHeartbeatMs);
    this.#heartbeat.unref();
  }

  offer(status: ServerStatus): void {
    this.#waiting = status;
    this.#flush();
  }

  end(): void {
    if (!this.destroyed && !this.readableEnded) this.push(null);
  }

  override _read(): void {
    this.#isWanted = true;
    this.#flush();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#pause);
    callback(error);
  }

  #flush(): void {
    if (!this.#isWanted || this.#waiting === undefined || this.#pause !== undefined || this.destroyed) return;
    const { json } = this.#texts.of(this.#waiting);
    this.#waiting = undefined;
    this.#isWanted = false;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#flush();
    }, this.#intervalMs);
    this.#pause.unref();
    this.#count += 1;
    this.push(`id: ${this.#count}\nevent: status\ndata: ${json}\n\n`);
  }

  /** Only where the reader keeps up: the others are closed for being idle. */
  #beat(): void {
    if (!this.#isWanted || this.destroyed) return;
    this.#isWanted = false;
    this.push(": still here\n\n");
  }
}
