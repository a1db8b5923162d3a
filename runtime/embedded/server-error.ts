// An error in the shape of ClickHouse's HTTP interface: code, name, text, and the status that goes with it.

const statusByCode: ReadonlyMap<number, number> = new Map([
  [194, 401],
  ...[192, 193, 497, 512, 516].map((code) => [code, 403] as const),
  ...[6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123].map((code) => [code, 400] as const),
  ...[167, 168, 223, 321, 376, 427, 441, 675, 676].map((code) => [code, 400] as const),
  ...[46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511].map((code) => [code, 404] as const),
  [159, 408],
  [381, 411],
  [229, 413],
  [779, 415],
  [48, 501],
  ...[76, 209, 439].map((code) => [code, 503] as const),
]);

/** An error that is answered as ClickHouse answers it. */
export class ServerError extends Error {
  readonly code: number;
  /** The name in capitals, e.g. `UNKNOWN_TABLE`. */
  readonly errorName: string;
  constructor(code: number, errorName: string, message: string) {
    super(message);
    this.name = "ServerError";
    this.code = code;
    this.errorName = errorName;
  }

  get httpStatus(): number {
    return statusByCode.get(this.code) ?? 500;
  }

  /** The body of the answer: `Code: 60. DB::Exception: .. (UNKNOWN_TABLE) (version 26.7.2.1)`. */
  body(version: string): string {
    return `Code: ${this.code}. DB::Exception: ${this.message} (${this.errorName}) (version ${version} (embedded))`;
  }
}

const shape =
  /Code: (\d+)\. DB::Exception: ([\s\S]*?)\s*\(([A-Z][A-Z0-9_]{2,})\)\s*(?:\(version[^\n]*\))?\s*$/;

/** Turns what the engine threw into a `ServerError`; `hidden` is text of ours to leave out of the message. */
export function fromEngine(thrown: unknown, hidden: readonly string[] = []): ServerError {
  if (thrown instanceof ServerError) return thrown;
  let text = thrown instanceof Error ? thrown.message : String(thrown);
  for (const piece of hidden) text = text.replaceAll(piece, "");
  const match = shape.exec(text);
  if (match === null) return new ServerError(1002, "UNKNOWN_EXCEPTION", text.trim());
  return new ServerError(Number(match[1]), match[3] as string, match[2] as string);
}

/** The block that marks an exception inside a body that has already begun; see the client's own reader of it. */
export function exceptionBlock(error: ServerError, version: string, tag: string): Buffer {
  const message = error.body(version);
  const length = Buffer.byteLength(message) + 1;
  return Buffer.from(
    `\r\n__exception__\r\n${tag}\r\n${message}\n${length} ${tag}\r\n__exception__\r\n`,
    "utf8",
  );
}
