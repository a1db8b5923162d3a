// The page of moose dev: loaded when there is something to see, kept as long as its settings stay the same.

import { setTimeout as sleep } from "node:timers/promises";
import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";
import type { Settings } from "../config/settings.js";
import type { OnDevEvent } from "../reconcile/dev-event.js";
import type { DevPage } from "../reconcile/dev-page.js";
import type { DevState } from "../reconcile/dev-state.js";
import type { DevServer } from "./dev-server.js";

/** Loading takes a while, in which a save or a signal that comes right after the start would have to wait. */
const afterStartMs = 500;

export class HttpDevPage implements DevPage {
  readonly #onEvent: OnDevEvent;
  /** One step after the other: a server ends before the next one takes its port. */
  #work = Promise.resolve();
  #server: DevServer | undefined;
  #shownFor = "";
  readonly #closing = new AbortController();

  constructor(onEvent: OnDevEvent) {
    this.#onEvent = onEvent;
  }

  show(settings: Settings, state: DevState): void {
    const { http, tokenHashes, secrets } = settings;
    const key = JSON.stringify({ http, tokenHashes, secrets });
    if (this.#closing.signal.aborted || key === this.#shownFor) return;
    this.#shownFor = key;
    this.#work = this.#work.then(() => this.#replace(settings, state));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#work;
    await this.#server?.close();
  }

  /** Without the page moose dev goes on. */
  async #replace(settings: Settings, state: DevState): Promise<void> {
    const { signal } = this.#closing;
    try {
      await sleep(afterStartMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#server?.close();
      this.#server = undefined;
      const { startDevServer } = await import("./dev-server.js");
      if (signal.aborted) return;
      this.#server = await startDevServer(settings, state);
      const url = `${this.#server.url}${settings.http.pathPrefix}/admin`;
      this.#onEvent({ event: "page", url });
    } catch (error) {
      if (error instanceof DiagnosticError)
        return this.#onEvent({
          event: "problems",
          kept: false,
          diagnostics: error.diagnostics.map(asWarning),
        });
      const why = error instanceof Error ? error.message : String(error);
      this.#onEvent({ event: "notice", text: `there is no status page: ${why}` });
    }
  }
}

function asWarning({ summary, ...rest }: Diagnostic): Diagnostic {
  return { ...rest, severity: "warning", summary: `there is no status page: ${summary}` };
}
