// The native client that moves records: the part of it that is used, with its types, and what to do where it is missing.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DiagnosticError } from "../../../src/diagnostic.js";

/** Properties as librdkafka names them. */
export type Properties = Readonly<Record<string, string | number | boolean | TokenRequest>>;

/** Gives a token for OAUTHBEARER; `lifetime` is its end, in milliseconds since 1970. */
export type TokenRequest = () => Promise<{
  readonly tokenValue: string;
  readonly lifetime: number;
  readonly principal: string;
}>;

/** An error of librdkafka; those of its own are below 0. */
export interface NativeError extends Error {
  readonly code: number;
}

export interface NativeMessage {
  /** Null for a message that only says that its key is gone. */
  readonly value: Buffer | null;
  readonly key?: Buffer | string | null;
  readonly partition: number;
  readonly offset: number;
  /** In milliseconds since 1970; below 0 where there is none. */
  readonly timestamp?: number;
  /** One object a header, in their order. */
  readonly headers?: readonly Readonly<Record<string, Buffer | string>>[];
}

type Answer<T> = (error: NativeError | null | undefined, value: T) => void;

/** A consumer; its callbacks come from threads of its own. */
export interface NativeConsumer {
  connect(request: { readonly topic: string; readonly timeout: number }, done: Answer<unknown>): void;
  assign(
    partitions: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[],
  ): void;
  unassign(): void;
  setDefaultConsumeTimeout(timeoutMs: number): void;
  /** Gives up to so many messages, fewer when the time is over. */
  consume(greatest: number, done: Answer<readonly NativeMessage[]>): void;
  disconnect(done: () => void): void;
  /** When all of a partition was read. */
  on(event: "partition.eof", listener: (end: { readonly partition: number }) => void): void;
  /** What went wrong with a broker; it tries again by itself. */
  on(event: "event.log", listener: (entry: { readonly fac: string; readonly message: string }) => void): void;
  /** `event.error` says less, `error` that a token cannot be had. */
  on(event: "event.error" | "error", listener: (error: NativeError) => void): void;
}

/** The types of the package itself are not there where it is not installed. */
export interface NativeClient {
  readonly librdkafkaVersion: string;
  /** Compressions and logins that it was built with: `zstd`, `sasl_scram`. */
  readonly features: readonly string[];
  readonly KafkaConsumer: new (properties: Properties, topicProperties: Properties) => NativeConsumer;
}

const packageName = "@confluentinc/kafka-javascript";

/**
 * Loads the client. It is an optional package, because a binary of it is fetched from GitHub or built when it is
 * installed, and all but the records goes on without.
 *
 * @param fromFolder - where the package is looked up from
 * @throws DiagnosticError with `kafka/no-client` where it is not installed, or not built for this Node
 */
export function loadNativeClient(fromFolder: string = dirname(fileURLToPath(import.meta.url))): NativeClient {
  const require = createRequire(join(fromFolder, "noop.js"));
  try {
    return require(packageName) as NativeClient;
  } catch (thrown) {
    const detail = thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : String(thrown);
    throw new DiagnosticError([noClient(isInstalled(require), detail)]);
  }
}

function isInstalled(require: NodeJS.Require): boolean {
  try {
    require.resolve(`${packageName}/package.json`);
    return true;
  } catch {
    return false;
  }
}

/** npm leaves an optional package out without a word when it cannot be built; and newer ones do not build it unasked. */
function noClient(installed: boolean, detail: string) {
  const build = `\`CKJS_LINKING=dynamic npm ${installed ? `rebuild ${packageName}` : "install"}\``;
  const libraries = "(Debian: g++ make python3 libssl-dev zlib1g-dev libzstd-dev)";
  const allow = installed ? `allow it under "allowScripts" in package.json, and ` : "";
  return {
    code: "kafka/no-client",
    severity: "error",
    summary: `Messages cannot be read: ${packageName} is not ${installed ? "built for this Node" : "installed"}.`,
    detail,
    hint: `To build it where GitHub cannot be reached, ${allow}run ${build} ${libraries}.`,
  } as const;
}
