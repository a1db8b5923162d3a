// The server of moose dev: opened once, and kept over changes of settings that do not concern it.

import type { Settings } from "../config/settings.js";
import type { EmbeddedEvent } from "../embedded/embedded-event.js";
import type { OnDevEvent } from "./dev-event.js";
import { openServer, type Server } from "./server.js";

/** The same server through another client: the statements of the next session have these values. */
function withVariables({ environment }: Settings): (server: Server) => Server {
  return (server) => {
    const clickhouse = server.clickhouse.view({ variables: environment });
    const close = (): Promise<void> => clickhouse.close().then(() => server.close());
    return { ...server, clickhouse, close };
  };
}

export class ServerHost {
  readonly #onEvent: OnDevEvent;
  readonly #impatience: Promise<void>;
  #opening: Promise<Server> | undefined;
  #target = "";
  #variables = "";
  /** Called when the embedded engine is back. */
  onRestart: () => void = () => {};

  constructor(onEvent: OnDevEvent, impatience: Promise<void>) {
    this.#onEvent = onEvent;
    this.#impatience = impatience;
  }

  /** Whether a server was asked for since the start of the process. */
  get isOpen(): boolean {
    return this.#target !== "";
  }

  /** One server at a time: the one before is closed first. */
  open(settings: Settings): Promise<Server> {
    const target = JSON.stringify({ ...settings.clickhouse, database: undefined });
    const variables = JSON.stringify(settings.environment);
    if (this.#opening !== undefined && this.#target === target) {
      if (this.#variables !== variables) this.#opening = this.#opening.then(withVariables(settings));
      this.#variables = variables;
      return this.#opening;
    }
    const closed = this.close();
    this.#target = target;
    this.#variables = variables;
    const opening = closed.then(() => openServer(settings, (event) => this.#engineEvent(event)));
    this.#opening = opening;
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    return opening;
  }

  /** A server that is only just being opened is waited for, but not for ever: it may be one that does not answer. */
  async close(): Promise<void> {
    const opened = this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    const closed = opened?.then((server) => server?.close());
    const isSettled = await Promise.race([opened?.then(() => true), this.#impatience]);
    if (isSettled === true) await closed;
  }

  #engineEvent(event: EmbeddedEvent): void {
    switch (event.kind) {
      case "crashed":
        return this.#onEvent({
          event: "notice",
          text: `the embedded ClickHouse ended (${event.how}); it starts again in ${event.restartInMs} ms`,
        });
      case "restarted":
        this.#onEvent({ event: "notice", text: "the embedded ClickHouse is back" });
        return this.onRestart();
      case "gave-up":
        return this.#onEvent({
          event: "notice",
          text: `the embedded ClickHouse ended ${event.restarts} times and is not started again: ${event.detail}`,
        });
      case "started":
      case "stderr":
      case "stopped":
    }
  }
}
