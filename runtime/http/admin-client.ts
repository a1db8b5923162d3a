// Asks the admin routes of another moose, ours or the existing tool's, whose shapes they share.

import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";
import type { Discrepancies, IntegratedChanges } from "./admin-port.js";

export interface AdminClientOptions {
  /** `https://host:4000`, with the path prefix where there is one. */
  readonly url: string;
  readonly token: string;
  readonly signal?: AbortSignal | undefined;
  /** Longest time for an answer. Default: 60 s. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 60_000;
const maxAnswerBytes = 256 * 1024 * 1024;

/**
 * Every method throws a DiagnosticError where the server cannot be reached, refuses, or answers something else than
 * it should.
 *
 * @example
 * const client = new AdminClient({ url: "https://moose.example", token });
 * const changes = await client.planAgainst(writeInfraMap(desired, "local"));
 */
export class AdminClient {
  readonly #base: URL;
  readonly #options: AdminClientOptions;

  constructor(options: AdminClientOptions) {
    this.#base = baseOf(options.url);
    this.#options = options;
  }

  /** What is managed there, in the JSON of the existing tool. */
  async infraMap(): Promise<unknown> {
    return field(await this.#ask("admin/inframap"), "infra_map");
  }

  /** The changes from its database to this InfraMap. */
  async planAgainst(infraMap: unknown): Promise<unknown> {
    return field(await this.#ask("admin/plan", { infra_map: infraMap }), "changes");
  }

  async realityCheck(): Promise<Discrepancies> {
    const found = field(await this.#ask("admin/reality-check"), "discrepancies");
    const list = (name: string): readonly unknown[] => {
      const value = field(found, name);
      return Array.isArray(value) ? value : [];
    };
    return {
      unmappedTables: list("unmapped_tables"),
      missingTables: list("missing_tables").map(String),
      mismatchedTables: list("mismatched_tables"),
    };
  }

  /** @param tables - names */
  async integrateChanges(tables: readonly string[]): Promise<IntegratedChanges> {
    const answer = await this.#ask("admin/integrate-changes", { tables });
    const updated = field(answer, "updated_tables");
    return {
      message: String(field(answer, "message")),
      updatedTables: Array.isArray(updated) ? updated.map(String) : [],
    };
  }

  async #ask(path: string, body?: unknown): Promise<unknown> {
    const url = new URL(path, this.#base);
    const { token, signal, timeoutMs = defaultTimeoutMs } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await fetch(url, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          authorization: `Bearer ${token}`,
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // The token goes where the user says, and nowhere else.
        redirect: "error",
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      return read(url, answer, await limitedText(url, answer));
    } catch (error) {
      if (error instanceof DiagnosticError) throw error;
      if (signal?.aborted === true) throw error;
      throw unreachable(url, error);
    }
  }
}

function baseOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol) || base.username !== "") {
    throw failed({
      code: "http/bad-server-url",
      summary: "--url is no address of a moose server",
      hint: "write it as https://host:4000, without user or password",
    });
  }
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return base;
}

async function limitedText(url: URL, answer: Response): Promise<string> {
  let text = "";
  let bytes = 0;
  const decoder = new TextDecoder();
  for await (const part of answer.body ?? []) {
    bytes += part.byteLength;
    if (bytes > maxAnswerBytes) throw unlike(url, "the answer is too large");
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function read(url: URL, answer: Response, text: string): unknown {
  if (!answer.ok) throw refused(url, answer.status, text);
  try {
    return JSON.parse(text);
  } catch {
    throw unlike(url, "the answer is no JSON");
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value === "object" && value !== null && Object.hasOwn(value, name))
    return (value as Readonly<Record<string, unknown>>)[name];
  throw failed({
    code: "http/unlike-moose",
    summary: `the server's answer has no ${name}`,
    hint: "check that --url is the address of a moose server, with its path prefix",
  });
}

/** Ours answers with problems, the existing tool with plain text. */
function refused(url: URL, status: number, text: string): DiagnosticError {
  const detail = problemText(text) ?? text.slice(0, 500);
  const hints: Readonly<Record<number, string>> = {
    401: "give the token of the server with --token or MOOSE_ADMIN_TOKEN; `moose generate hash-token` makes one",
    403: "the token may only read; this takes one of authentication.admin_api_key",
    404: "check that --url is the address of a moose server, with its path prefix",
  };
  return failed({
    code: "http/refused-by-server",
    summary: `${url.origin}${url.pathname} answered ${status}`,
    detail,
    hint: hints[status],
  });
}

function problemText(text: string): string | undefined {
  try {
    const problem: unknown = JSON.parse(text);
    const [title, detail] = [field(problem, "title"), field(problem, "detail")];
    return `${title}\n${detail}`.trim();
  } catch {
    return undefined;
  }
}

function unreachable(url: URL, error: unknown): DiagnosticError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return failed({
    code: "http/no-server",
    summary: `the moose server at ${url.origin} cannot be reached`,
    detail: cause instanceof Error ? cause.message || cause.name : String(cause),
    hint: "check the address and that the server runs",
  });
}

function unlike(url: URL, what: string): DiagnosticError {
  return failed({
    code: "http/unlike-moose",
    summary: `${url.origin}${url.pathname}: ${what}`,
    hint: "check that --url is the address of a moose server, with its path prefix",
  });
}

function failed(problem: Omit<Diagnostic, "severity">): DiagnosticError {
  return new DiagnosticError([{ severity: "error", ...problem }]);
}
