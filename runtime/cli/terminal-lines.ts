// Lines on a terminal, with a spinner or a line below them that is written over; elsewhere only the lines.

import yoctoSpinner from "yocto-spinner";

/** To the start of the line, and nothing on it. */
const erase = "\r\u001b[2K";

export class TerminalLines {
  readonly #write: (text: string) => void;
  readonly #spinner: ReturnType<typeof yoctoSpinner> | undefined;
  #standing = "";

  constructor(stream: NodeJS.WriteStream, write: (text: string) => void) {
    this.#write = write;
    this.#spinner = stream.isTTY === true ? yoctoSpinner({ stream }) : undefined;
  }

  /** Ends the spinner. */
  print(lines: readonly string[]): void {
    const wasSpinning = this.#spinner?.isSpinning ?? false;
    this.#spinner?.stop();
    const [before, behind] = this.#standing === "" ? ["", ""] : [wasSpinning ? "" : erase, this.#standing];
    this.#write(`${before}${lines.map((line) => `${line}\n`).join("")}${behind}`);
  }

  spin(text: string): void {
    if (this.#spinner === undefined) return;
    if (this.#standing !== "" && !this.#spinner.isSpinning) this.#write(erase);
    this.#spinner.start(text);
  }

  /** Shows the line instead of the one before; it fits into the width of the terminal. */
  stand(line: string): void {
    if (this.#spinner === undefined) return this.print([line]);
    const shown = this.#standing;
    this.#standing = line;
    if (!this.#spinner.isSpinning) this.#write(`${shown === "" ? "" : erase}${line}`);
  }

  /** The last lines, with nothing below them. */
  end(lines: readonly string[]): void {
    this.#spinner?.stop();
    this.#write(`${this.#standing === "" ? "" : "\n"}${lines.map((line) => `${line}\n`).join("")}`);
    this.#standing = "";
  }
}
