// A message of a topic as JSON text, with every digit that it has.

import type { NativeMessage } from "../kafka/records/native-client.js";

export interface MessageTextOptions {
  /** With key, headers, partition, offset and time. */
  readonly details: boolean;
  /** Over several lines. */
  readonly prettify: boolean;
}

export function messageText(message: NativeMessage, { details, prettify }: MessageTextOptions): string {
  const value = bytesText(message.value);
  const text = details ? detailedText(message, value) : value;
  return prettify ? laidOut(text) : text;
}

function detailedText({ partition, offset, timestamp, key, headers = [] }: NativeMessage, value: string) {
  const time = timestamp === undefined || timestamp < 0 ? null : new Date(timestamp).toISOString();
  const headerTexts = headers.flatMap((header) =>
    Object.entries(header).map(([name, one]) => `[${JSON.stringify(name)},${JSON.stringify(plain(one))}]`),
  );
  const known = JSON.stringify({ partition, offset, timestamp: time, key: plain(key ?? null) });
  return `${known.slice(0, -1)},"headers":[${headerTexts.join(",")}],"value":${value}}`;
}

/** As text, where it is UTF-8. */
function plain(bytes: Buffer | string | null): unknown {
  if (bytes === null || typeof bytes === "string") return bytes;
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : { base64: bytes.toString("base64") };
}

/** The number of a schema stands before the JSON where a schema registry is in use: a zero byte and four of the id. */
const schemaPrefixBytes = 5;

/** JSON stays as it was written, so that no digit of a great number is lost; other text becomes a JSON string. */
function bytesText(bytes: Buffer | null): string {
  if (bytes === null) return "null";
  const own = plain(bytes[0] === 0 ? bytes.subarray(schemaPrefixBytes) : bytes);
  if (typeof own === "string" && isJson(own)) return own.replace(/\s*[\r\n]\s*/g, " ").trim();
  return JSON.stringify(plain(bytes));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Strings, punctuation, and everything else, without the space between. */
const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Valid JSON over several lines, its values untouched. */
function laidOut(json: string): string {
  let depth = 0;
  let text = "";
  const line = (): string => `\n${"  ".repeat(depth)}`;
  const tokens = json.match(token) ?? [];
  for (const [index, one] of tokens.entries()) {
    const before = tokens[index - 1];
    const isOpened = before === "{" || before === "[";
    if (one === "}" || one === "]") {
      depth -= 1;
      text += isOpened ? one : line() + one;
    } else {
      if (isOpened || before === ",") text += line();
      text += one === ":" ? ": " : one;
      if (one === "{" || one === "[") depth += 1;
    }
  }
  return text;
}
