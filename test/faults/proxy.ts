// An HTTP proxy before a server that treats chosen requests badly, and remembers what it did with each.

import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type Fault =
  /** The connection is reset; the server never hears of the request. */
  | { readonly kind: "reset-before" }
  /** The server has the request and works on; the client's connection is reset. */
  | { readonly kind: "reset-after" }
  /** The server has answered; the client gets the head and half of the body, then a reset. */
  | { readonly kind: "half-answer" }
  /** The request reaches the server only after `ms`, even if the client has gone by then. */
  | { readonly kind: "delay-request"; readonly ms: number }
  /** The server has answered; the client gets it after `ms`. */
  | { readonly kind: "delay-answer"; readonly ms: number }
  /** The proxy answers by itself and forwards nothing. */
  | { readonly kind: "status-before"; readonly status: number }
  /** The server has done its work; the proxy answers something else. */
  | { readonly kind: "status-after"; readonly status: number }
  /** The server has done its work; the client gets a 200 whose body ends in an exception. */
  | { readonly kind: "exception-after-200"; readonly marked: boolean };

/** One request that a client made. */
export interface Seen {
  readonly queryId: string;
  /** Undefined as long as nothing of it was forwarded, or the server has not answered yet. */
  readonly answer: Promise<ServerAnswer | undefined>;
}

export interface ServerAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export class FaultProxy {
  readonly seen: Seen[] = [];
  readonly #target: URL;
  readonly #faults = new Map<string, Fault[]>();
  readonly #sockets = new Set<Socket>();
  #server: http.Server;
  #port = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = this.#newServer();
  }

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await proxy.#listen();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The next requests with this query id meet these faults, one each; those after them meet none. */
  inject(queryId: string, ...faults: readonly Fault[]): void {
    this.#faults.set(queryId, [...faults]);
  }

  /** How often a client sent the statement. */
  sendsOf(queryId: string): number {
    return this.seen.filter((request) => request.queryId === queryId).length;
  }

  /** Cuts all connections and takes no new ones for a while. Settles when it listens again. */
  async refuse(ms: number): Promise<void> {
    await this.stop();
    await sleep(ms);
    this.#server = this.#newServer();
    await this.#listen();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  #newServer(): http.Server {
    const server = http.createServer((request, response) => void this.#handle(request, response));
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    return server;
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => undefined);
    const body = await bodyOf(request).catch(() => undefined);
    if (body === undefined) return;
    const queryId = new URL(request.url ?? "/", this.#target).searchParams.get("query_id") ?? "";
    const fault = this.#faults.get(queryId)?.shift();
    const forwards = fault?.kind !== "reset-before" && fault?.kind !== "status-before";
    const answer = forwards ? this.#forward(request, body, fault) : Promise.resolve(undefined);
    this.seen.push({ queryId, answer });
    await misbehave(fault, request.socket, response, answer);
  }

  async #forward(
    request: IncomingMessage,
    body: Buffer,
    fault: Fault | undefined,
  ): Promise<ServerAnswer | undefined> {
    if (fault?.kind === "delay-request") await sleep(fault.ms);
    return new Promise((resolve) => {
      const { method, url, headers } = request;
      const { hostname, port } = this.#target;
      const options = { hostname, port, path: url, method, headers: { ...headers, connection: "close" } };
      const onward = http.request(options, (reply) => {
        bodyOf(reply).then(
          (all) => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: all }),
          () => resolve(undefined),
        );
      });
      onward.on("error", () => resolve(undefined));
      onward.end(body);
    });
  }
}

async function misbehave(
  fault: Fault | undefined,
  socket: Socket,
  response: ServerResponse,
  coming: Promise<ServerAnswer | undefined>,
): Promise<void> {
  if (fault?.kind === "reset-before") return void socket.resetAndDestroy();
  if (fault?.kind === "status-before") return page(response, fault.status);
  if (fault?.kind === "reset-after") {
    // Long enough for the request to be with the server, short enough to break most of its work.
    await sleep(5);
    return void socket.resetAndDestroy();
  }
  const answer = await coming;
  if (answer === undefined) return void socket.resetAndDestroy();
  switch (fault?.kind) {
    case "half-answer":
      response.writeHead(answer.status, { ...headersOf(answer), "content-length": "100" });
      response.write("half");
      await sleep(5);
      return void socket.resetAndDestroy();
    case "status-after":
      return page(response, fault.status);
    case "exception-after-200":
      return exceptionInBody(response, fault.marked);
    case "delay-answer":
      await sleep(fault.ms);
      break;
  }
  response.writeHead(answer.status, headersOf(answer));
  response.end(answer.body);
}

function headersOf({ headers, body }: ServerAnswer): http.OutgoingHttpHeaders {
  const { connection, "transfer-encoding": _, "keep-alive": __, ...rest } = headers;
  return { ...rest, "content-length": String(body.length) };
}

function page(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "text/html" });
  response.end(`<html><head><title>${status}</title></head><body>the gate is closed</body></html>`);
}

const exception =
  "Code: 395. DB::Exception: Value passed to 'throwIf' function is non-zero. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO) (version 26.7.2.1)";
const tag = "a1b2c3d4e5f6a7b8";

/** As newer servers do it, with marks that a header announces, or as older ones did, by appending it. */
function exceptionInBody(response: ServerResponse, marked: boolean): void {
  response.writeHead(200, marked ? { "X-ClickHouse-Exception-Tag": tag } : {});
  response.write("1\n2\n");
  const length = exception.length + 1;
  response.end(
    marked
      ? `\r\n__exception__\r\n${tag}\r\n${exception}\n${length} ${tag}\r\n__exception__\r\n`
      : `${exception}\n`,
  );
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
