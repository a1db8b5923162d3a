// A real `moose prod` process on a throwaway project, reached over HTTP as operators reach it.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerStatus } from "../../src/status/server-status.js";

const builtMain = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

export class ProdFolder {
  readonly folder = mkdtempSync(join(tmpdir(), "moose-prod-process-"));
  readonly token = randomBytes(32).toString("hex");
  /** What the environment of the servers has besides. */
  variables: Readonly<Record<string, string>> = {};
  readonly #running: ProdProcess[] = [];

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Starts `moose prod` and gives it when it listens. */
  async start(clickhouseUrl: string, ...args: readonly string[]): Promise<ProdProcess> {
    const hash = createHash("sha256").update(this.token).digest("hex");
    const process = new ProdProcess(this, hash, clickhouseUrl, args);
    this.#running.push(process);
    await process.listening;
    return process;
  }

  async remove(): Promise<void> {
    for (const one of this.#running) one.child.kill("SIGKILL");
    await Promise.all(this.#running.map((one) => one.ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class ProdProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly listening: Promise<void>;
  readonly #token: string;
  output = "";
  url = "";

  constructor(
    { folder, token, variables }: ProdFolder,
    hash: string,
    clickhouseUrl: string,
    args: readonly string[],
  ) {
    this.#token = token;
    this.child = spawn(process.execPath, [builtMain, "prod", "--project", folder, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...variables,
        PATH: process.env.PATH,
        MOOSE_CLICKHOUSE_CONFIG__URL: clickhouseUrl,
        MOOSE_HTTP_SERVER_CONFIG__HOST: "127.0.0.1",
        MOOSE_HTTP_SERVER_CONFIG__PORT: "0",
        MOOSE_HTTP_SERVER_CONFIG__MANAGEMENT_PORT: "0",
        MOOSE_AUTHENTICATION__ADMIN_API_KEY: hash,
      },
    });
    this.ended = new Promise((resolve) => this.child.on("close", (code) => resolve(code)));
    this.listening = new Promise((resolve, reject) => {
      this.child.on("close", () => reject(new Error(`ended before it listened: ${this.output}`)));
      for (const stream of [this.child.stdout, this.child.stderr])
        stream?.setEncoding("utf8").on("data", (chunk: string) => {
          this.output += chunk;
          const found = /"event":"listening","url":"([^"]+)"/.exec(this.output)?.[1];
          if (found !== undefined && this.url === "") {
            this.url = found;
            resolve();
          }
        });
    });
    this.listening.catch(() => undefined);
  }

  async get(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    return this.#ask(path, "GET");
  }

  async post(path: string, body: unknown = {}): Promise<{ readonly status: number; readonly body: unknown }> {
    return this.#ask(path, "POST", JSON.stringify(body));
  }

  /** The status, once it is so. */
  async until(isSo: (status: ServerStatus) => boolean, withinMs = 25_000): Promise<ServerStatus> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const body = (await this.get("/admin/status")).body as ServerStatus;
      if (isSo(body)) return body;
      if (performance.now() > endMs) throw new Error(`still ${JSON.stringify(body).slice(0, 2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #ask(path: string, method: string, body?: string) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        // A connection that is kept may be closed by the server just when it is used again.
        connection: "close",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
