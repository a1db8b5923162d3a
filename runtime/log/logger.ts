// The log: JSON lines by pino, with secrets taken out of every text.

import { type DestinationStream, destination, type Level, type Logger, pino } from "pino";
import { hidden } from "./hidden.js";
import { redact } from "./redact.js";

export type { Logger } from "pino";

export interface LoggerOptions {
  /** Lowest level that is written. Default: `info`. */
  readonly level?: Level | "silent";
  /** Texts that must not appear; see {@link redact}. Default: none. */
  readonly secrets?: readonly string[];
  /** Where the lines go. Default: standard error, written at once. */
  readonly destination?: { write(line: string): void };
}

/**
 * A log. It writes in this process, without worker threads, so that the last lines before a crash are there too.
 *
 * @example
 * const log = createLogger({ level: "debug", secrets: settings.secrets });
 * log.info({ table: "local.events" }, "table created");
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = "info", secrets = [] } = options;
  const target = options.destination ?? destination({ fd: 2, sync: true });
  const known = Object.freeze([...secrets]);
  const clean: DestinationStream = { write: (line) => void target.write(redactLine(line, known)) };
  return pino({ level, base: { pid: process.pid } }, clean);
}

/**
 * A JSON line with each of its texts cleaned. The finished line is taken apart again because only so nothing
 * is missed: message, nested fields, errors with their causes, and the fields of child loggers.
 */
export function redactLine(line: string, secrets: readonly string[]): string {
  try {
    return `${JSON.stringify(redactValue(JSON.parse(line), secrets))}\n`;
  } catch {
    return redact(line, secrets);
  }
}

const secretField =
  /^(.*[_-])?(password|passwd|passphrase|pwd|secret|token|authorization|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)$|(Password|Secret|Token|ApiKey|AccessKey|PrivateKey)$/i;

function redactValue(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return redact(value, secrets);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, field]) => [
    redact(name, secrets),
    isSecretField(name, field) ? hidden : redactValue(field, secrets),
  ]);
  return Object.fromEntries(entries);
}

function isSecretField(name: string, field: unknown): boolean {
  return secretField.test(name) && (typeof field === "string" || typeof field === "number");
}
