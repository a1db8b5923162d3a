// Starts an embedded ClickHouse in a temporary folder for a test, and speaks plain HTTP to it.

import { randomUUID } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import {
  type EmbeddedClickHouse,
  type EmbeddedOptions,
  startEmbedded,
} from "../../runtime/embedded/embedded.js";
import type { EmbeddedEvent } from "../../runtime/embedded/embedded-event.js";

export interface TestServer {
  readonly server: EmbeddedClickHouse;
  readonly url: string;
  readonly folder: string;
  readonly events: readonly EmbeddedEvent[];
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), "moose-embedded-test-"));
}

export async function startTestServer(options: Partial<EmbeddedOptions> = {}): Promise<TestServer> {
  const folder = options.folder ?? temporaryFolder();
  const events: EmbeddedEvent[] = [];
  const server = await startEmbedded({ folder, port: 0, ...options, onEvent: (event) => events.push(event) });
  const remove = async () => {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  return { server, url: server.url, folder, events, remove };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The answer broke off before its end. */
  readonly cut: boolean;
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** One request as curl makes it: a POST with the body, or what is asked for. */
export function raw(url: string, request: RawRequest): Promise<RawAnswer> {
  const query = new URLSearchParams(request.params).toString();
  const target = `${url}${request.path ?? "/"}${query === "" ? "" : `?${query}`}`;
  return new Promise((resolve, reject) => {
    const sent = http.request(target, { method: request.method ?? "POST", headers: request.headers ?? {} });
    sent.once("error", reject);
    sent.once("response", (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("error", () => undefined);
      answer.once("close", () => {
        const body = Buffer.concat(pieces);
        const { statusCode: status = 0, headers } = answer;
        resolve({ status, headers, body, text: body.toString("utf8"), cut: !answer.complete });
      });
    });
    sent.end(request.body ?? "");
  });
}

/** The text that a statement answers; throws the server's text when it fails. */
export async function ask(
  url: string,
  sql: string,
  params: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await raw(url, { body: sql, params });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.text.trimEnd();
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until `check` holds. */
export async function until(check: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await check())) {
    if (performance.now() > endMs) throw new Error(`It did not come true within ${deadlineMs} ms.`);
    await pause(20);
  }
}

export function uniqueName(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
}
