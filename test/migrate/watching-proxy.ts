// A proxy before the engine for one migrating process: it knows each request, counts what the server did, and can stop
// the world at any of them.

import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One request, as far as a migration is concerned. */
export interface Watched {
  readonly queryId: string;
  readonly text: string;
  /** Of the migration's own statements: operation, step and attempt. */
  readonly step: { readonly operation: number; readonly step: number; readonly attempt: number } | undefined;
  /** What it writes into the journal: `intent 3`, `done 3`, `run-ended -1`. */
  readonly entries: readonly string[];
  /** It writes down which objects are to be moose's. */
  readonly isClaim: boolean;
}

/** What is done with a request: nothing but forwarding it, unless a test says otherwise. */
export interface Gate {
  /** Before the server hears of it. `false`: it never does. */
  arrived(request: Watched): Promise<boolean> | boolean;
  /** After the server's answer, before the client has it. `false`: the client never gets it. */
  served(request: Watched): Promise<boolean> | boolean;
}

const openGate: Gate = { arrived: () => true, served: () => true };

export class WatchingProxy {
  gate: Gate = openGate;
  /** Statements of the migration that the server carried out, by their text: how often. */
  readonly executed = new Map<string, number>();
  readonly #target: URL;
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = http.createServer((request, response) => void this.#handle(request, response));
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(target: string): Promise<WatchingProxy> {
    const proxy = new WatchingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => undefined);
    const body = await bodyOf(request).catch(() => undefined);
    if (body === undefined) return;
    const watched = watchedOf(new URL(request.url ?? "/", this.#target), body.toString());
    if (!(await this.gate.arrived(watched))) return void request.socket.destroy();
    const answer = await this.#forward(request, body).catch(() => undefined);
    if (answer === undefined) return void request.socket.destroy();
    if (watched.step !== undefined && answer.isGood)
      this.executed.set(watched.text, (this.executed.get(watched.text) ?? 0) + 1);
    if (!(await this.gate.served(watched))) return void request.socket.destroy();
    const { connection, "transfer-encoding": _, "keep-alive": __, ...headers } = answer.headers;
    response.writeHead(answer.status, { ...headers, "content-length": String(answer.body.length) });
    response.end(answer.body);
  }

  #forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<ServerAnswer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#target;
      const onward = http.request(
        { hostname, port, path: url, method, headers, agent: this.#agent },
        (reply) => {
          bodyOf(reply).then((all) => {
            const isGood =
              reply.statusCode === 200 && reply.headers["x-clickhouse-exception-code"] === undefined;
            resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: all, isGood });
          }, reject);
        },
      );
      onward.on("error", reject);
      onward.end(body);
    });
  }

  readonly #agent = new http.Agent({ keepAlive: false });
}

interface ServerAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly isGood: boolean;
}

function watchedOf(url: URL, body: string): Watched {
  const queryId = url.searchParams.get("query_id") ?? "";
  const query = url.searchParams.get("query") ?? "";
  const [, operation, step, attempt] = /-(\d+)-(\d+)-(\d+)-[0-9a-f]{8}$/.exec(queryId) ?? [];
  return {
    queryId,
    text: query === "" ? body : `${query}\n${body}`,
    step:
      operation === undefined
        ? undefined
        : { operation: Number(operation), step: Number(step), attempt: Number(attempt) },
    entries: /^INSERT INTO `?_moose_\w+`?\.journal\b/.test(query) ? entriesOf(body) : [],
    isClaim: /^INSERT INTO `?_moose_\w+`?\.objects\b/.test(query),
  };
}

function entriesOf(body: string): readonly string[] {
  return body
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { kind, operation } = JSON.parse(line) as { kind: string; operation: number };
      return `${kind} ${operation}`;
    });
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
