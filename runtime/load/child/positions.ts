// From a position in compiled code to the user's own line and column, in every stack trace of this process.

import { SourceMap } from "node:module";
import { type LineColumn, originalPosition, type SourceText } from "../source-text.js";

export interface Place extends LineColumn {
  /** Absolute path. */
  readonly path: string;
}

/** How to get back from one piece of compiled code. */
interface Origin {
  readonly map: string;
  /** The user's text behind a source that the map names; `undefined` for one that nothing was inserted into. */
  textOf(source: string): SourceText | undefined;
  /** Parsed when a stack first needs it. */
  parsed?: SourceMap;
}

const stackFrames = 100;

export class Positions {
  readonly #origins = new Map<string, Origin>();

  /** @param compiled - name of the compiled code as stacks show it: a path, or the URL of a bundle */
  remember(compiled: string, map: string, textOf: (source: string) => SourceText | undefined): void {
    this.#origins.set(compiled, { map, textOf });
  }

  forget(compiled: string): void {
    this.#origins.delete(compiled);
  }

  /** `undefined` when the code was not compiled here. */
  find(compiled: string, position: LineColumn): Place | undefined {
    const origin = this.#origins.get(compiled);
    if (!origin) return undefined;
    origin.parsed ??= new SourceMap(JSON.parse(origin.map));
    const entry = origin.parsed.findEntry(position.line - 1, position.column - 1);
    if (!("originalSource" in entry) || entry.originalSource === undefined) return undefined;
    const inserted = { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    const source = origin.textOf(entry.originalSource);
    const path = source?.path ?? entry.originalSource;
    return { path, ...(source ? originalPosition(source.text, source.insertions, inserted) : inserted) };
  }

  /** Makes `error.stack` show the user's positions, also where user code prints it. */
  install(): void {
    // Between two frames of user code lie half a dozen of Node's loader.
    Error.stackTraceLimit = stackFrames;
    Error.prepareStackTrace = (error, frames) => {
      const lines = frames.map((frame) => `\n    at ${this.#describe(frame)}`);
      return headOf(error) + lines.join("");
    };
  }

  #describe(frame: NodeJS.CallSite): string {
    const shown = String(frame);
    const file = frame.getFileName();
    const line = frame.getLineNumber();
    const column = frame.getColumnNumber();
    if (!file || !line || !column) return shown;
    const place = this.find(file, { line, column });
    if (!place) return shown;
    return shown.replace(`${file}:${line}:${column}`, () => `${place.path}:${place.line}:${place.column}`);
  }
}

function headOf(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}
