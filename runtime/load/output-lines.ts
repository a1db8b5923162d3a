// Cuts the output of user code into lines, of which only so many are passed on.

const maximumCharacters = 4000;
const maximumLinesPerSecond = 200;

/** One stream of one process. Feed it with chunks; `onLine` gets whole lines. */
export class OutputLines {
  readonly #onLine: (line: string) => void;
  readonly #nowMs: () => number;
  #rest = "";
  #second = 0;
  #lines = 0;
  #dropped = 0;

  constructor(onLine: (line: string) => void, nowMs: () => number) {
    this.#onLine = onLine;
    this.#nowMs = nowMs;
  }

  push(chunk: string): void {
    const lines = (this.#rest + chunk).split(/\r?\n/);
    const rest = lines.pop() ?? "";
    for (const line of lines) this.#emit(line);
    this.#rest = rest.slice(0, maximumCharacters);
  }

  /** The stream has ended: what is left is a line too. */
  end(): void {
    if (this.#rest !== "") this.#emit(this.#rest);
    this.#rest = "";
    this.#reportDropped();
  }

  #emit(line: string): void {
    const second = Math.floor(this.#nowMs() / 1000);
    if (second !== this.#second) {
      this.#reportDropped();
      this.#second = second;
      this.#lines = 0;
    }
    this.#lines += 1;
    if (this.#lines > maximumLinesPerSecond) this.#dropped += 1;
    else this.#onLine(line.length > maximumCharacters ? `${line.slice(0, maximumCharacters)}…` : line);
  }

  #reportDropped(): void {
    if (this.#dropped > 0) this.#onLine(`… ${this.#dropped} more lines were not shown`);
    this.#dropped = 0;
  }
}
