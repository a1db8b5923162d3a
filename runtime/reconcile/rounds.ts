// Runs one round at a time: a wake during a round leads to exactly one more after it.

export class Rounds {
  readonly #run: () => Promise<void>;
  #current: Promise<void> | undefined;
  #again = false;
  #closed = false;

  /** @param run - one round; it must not throw for what users or servers can cause */
  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /** Asks for a round. However often it is called while one runs, one more follows. */
  wake(): void {
    if (this.#closed) return;
    this.#again = true;
    this.#current ??= this.#loop();
  }

  get isRunning(): boolean {
    return this.#current !== undefined;
  }

  /** Resolves when no round is under way. */
  async settled(): Promise<void> {
    await this.#current;
  }

  /** No further round begins; resolves when the one under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#current;
  }

  async #loop(): Promise<void> {
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        await this.#run();
      }
    } finally {
      this.#current = undefined;
    }
  }
}
