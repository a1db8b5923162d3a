// Lets a bounded number of statements run at once; a bounded number more wait their turn.

import { ServerError } from "./server-error.js";

export class Gate {
  readonly #width: number;
  readonly #greatestQueue: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(width: number, greatestQueue: number) {
    this.#width = width;
    this.#greatestQueue = greatestQueue;
  }

  /** Waits for a place. Throws code 202 when too many wait already. Each `enter` needs one `leave`. */
  async enter(signal: AbortSignal): Promise<void> {
    if (this.#running < this.#width) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= this.#greatestQueue)
      throw new ServerError(
        202,
        "TOO_MANY_SIMULTANEOUS_QUERIES",
        `Too many simultaneous queries: ${this.#running} run and ${this.#waiting.length} wait.`,
      );
    await this.#turn(signal);
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        const at = this.#waiting.indexOf(start);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(new ServerError(394, "QUERY_WAS_CANCELLED", "Query was cancelled."));
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.push(start);
    });
  }

  /** Passes the place on to who waits longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
