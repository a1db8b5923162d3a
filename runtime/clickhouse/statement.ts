// Runs one statement over HTTP and, where it fails, keeps apart what is known: nothing sent, answered, or lost.

import {
  type ClickHouseClient,
  ClickHouseError,
  EXCEPTION_TAG_HEADER_NAME,
  type ExecParams,
  parseError,
} from "@clickhouse/client";
import type { Failure } from "../../src/apply/outcome.js";

/** A statement that was not confirmed, and how. */
export class StatementError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.text, options);
    this.name = "StatementError";
    this.failure = failure;
  }
}

/** What an answer brought; `broken` when it was cut off. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The end of the body: the server's error, if there is one. What a statement returns is of no interest. */
  readonly tail: string;
  readonly broken: Error | undefined;
}

/**
 * @param timeoutMs - from the request to the end of the answer; the client's own time-out applies as well
 * @throws StatementError
 */
export async function runStatement(
  client: ClickHouseClient,
  statement: ExecParams,
  timeoutMs: number | undefined,
): Promise<void> {
  const late = new AbortController();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => late.abort(), timeoutMs);
  try {
    const failure = await attempt(client, statement, late.signal);
    if (failure !== undefined) throw new StatementError(failure);
  } catch (error) {
    if (error instanceof StatementError) throw error;
    const text = late.signal.aborted ? `no answer within ${timeoutMs} ms` : messageOf(error);
    throw new StatementError({ kind: isConnectError(error) ? "connect" : "lost", text }, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function attempt(
  client: ClickHouseClient,
  statement: ExecParams,
  late: AbortSignal,
): Promise<Failure | undefined> {
  // The client's `command` drops the status of an error and the body of a success; `exec` hands over both.
  const { stream, response_headers, http_status_code } = await client.exec({
    ...statement,
    abort_signal: late,
    ignore_error_response: true,
  });
  const { tail, broken } = await readTail(stream, late);
  const failure = failureOf({ status: http_status_code ?? 0, headers: response_headers ?? {}, tail, broken });
  if (failure === undefined && broken !== undefined) throw broken;
  return failure;
}

/** An exception is at most 16 KiB long; this holds it with its marks. */
const longestTailBytes = 64 * 1024;

/** Reads the body to its end, or to where it breaks. */
function readTail(
  stream: NodeJS.ReadableStream & { destroy(): void },
  late: AbortSignal,
): Promise<Pick<Answer, "tail" | "broken">> {
  return new Promise((resolve) => {
    let tail = Buffer.alloc(0);
    let isEnded = false;
    const finish = (broken: Error | undefined) => {
      isEnded = true;
      late.removeEventListener("abort", giveUp);
      resolve({ tail: tail.toString("utf8"), broken });
    };
    const giveUp = () => {
      finish(new Error("the answer did not end in time"));
      stream.destroy();
    };
    stream.on("data", (piece: Buffer) => {
      tail = Buffer.concat([tail, piece]).subarray(-longestTailBytes);
    });
    stream.on("end", () => finish(undefined));
    stream.on("error", finish);
    // A closed stream that did not end was cut off.
    stream.on("close", () => {
      if (!isEnded) finish(new Error("the answer was cut off"));
    });
    late.addEventListener("abort", giveUp, { once: true });
    if (late.aborted) giveUp();
  });
}

function failureOf(answer: Answer): Failure | undefined {
  const { status, headers, tail } = answer;
  const code = Number(headers["x-clickhouse-exception-code"]);
  if (code > 0) return { kind: "server", code, httpStatus: status, text: serverText(tail) };
  if (status === 200) return insideBody(tail, headers[EXCEPTION_TAG_HEADER_NAME] !== undefined);
  // Not all of ClickHouse's answers carry the code in a header; none of a proxy's begins so.
  const begin = /^Code: (\d+)/.exec(tail);
  if (begin !== null)
    return { kind: "server", code: Number(begin[1]), httpStatus: status, text: serverText(tail) };
  return { kind: "http", status, text: `HTTP ${status}${briefly(tail)}` };
}

/** Servers that mark an exception in a body announce the mark in a header; older ones only append it. */
const markedException = /__exception__\r?\n[\s\S]*?(Code: (\d+)\. DB::Exception: [\s\S]*)/;
const appendedException = /(?:^|\n)(Code: (\d+)\. DB::Exception: [\s\S]*\(version [^\n]*\))\s*$/;

function insideBody(tail: string, marks: boolean): Failure | undefined {
  const found = markedException.exec(tail) ?? (marks ? null : appendedException.exec(tail));
  if (found === null) return undefined;
  return { kind: "server", code: Number(found[2]), httpStatus: 200, text: serverText(found[1] ?? "") };
}

/** The sentence of the server's error, as the client gives it for queries. */
function serverText(body: string): string {
  return messageOf(parseError(body))
    .replace(/\s*\(version [^)]*\)/g, "")
    .trim();
}

/** The beginning of a proxy's page, without its tags. */
function briefly(body: string): string {
  const text = body
    .replace(/<[^>]{0,500}>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 200);
  return text === "" ? "" : `: ${text}`;
}

/** No connection was made, so nothing was sent. A reset on a kept-alive connection is not among these. */
function isConnectError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isConnectError);
  const syscall = error instanceof Error && "syscall" in error ? error.syscall : undefined;
  return syscall === "connect" || syscall === "getaddrinfo";
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return messageOf(error.errors[0]);
  if (error instanceof ClickHouseError || error instanceof Error) return error.message;
  return String(error);
}

/** How a request failed, also one that was sent by other means than a statement's. */
export function failureOfError(error: unknown): Failure {
  if (error instanceof StatementError) return error.failure;
  const text = messageOf(error);
  if (error instanceof ClickHouseError)
    return { kind: "server", code: Number(error.code), httpStatus: 500, text };
  return { kind: isConnectError(error) ? "connect" : "lost", text };
}
