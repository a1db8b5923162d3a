// ClickHouse's HTTP interface on loopback: from a request to an answer.

import http, { type IncomingMessage, type ServerResponse } from "node:http";
import { accepts, checkOrigin, type Login } from "./access.js";
import { Answer, type AnswerTo, type Summary } from "./answer.js";
import { boundaryOf, multipartParts, RequestBody } from "./body.js";
import type { Engine } from "./engine.js";
import { execute, insertBufferBytes, type Work } from "./execute.js";
import { Gate } from "./gate.js";
import type { SlotPool } from "./pipes.js";
import { parseRequest, type QueryRequest } from "./request.js";
import { ServerError } from "./server-error.js";
import { Sessions } from "./sessions.js";
import { isWord, tokens } from "./sql-tokens.js";
import { analyse, isReadOnly } from "./statement.js";

export interface FrontOptions {
  readonly engine: Engine;
  readonly slots: SlotPool;
  readonly login: Login;
  /** How many statements run at once. */
  readonly width: number;
}

const greatestQueue = 256;
const greatestStatementBytes = 16 * 1024 * 1024;
const greatestHeaderBytes = 2 * 1024 * 1024;
const keepAliveTimeoutMs = 30_000;
const killRetryMs = 200;
const killRetries = 100;

/** Stands for a request that could not be read. */
const unread: AnswerTo = { queryId: "", holdBackBytes: 0, responseEncoding: undefined };

/** The HTTP server; it is not listening yet. */
export class HttpFront {
  readonly server: http.Server;
  readonly #options: FrontOptions;
  readonly #gate: Gate;
  readonly #sessions: Sessions;
  readonly #running = new Map<string, Promise<unknown>>();

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#gate = new Gate(options.width, greatestQueue);
    this.#sessions = new Sessions(options.engine);
    this.server = http.createServer(
      {
        maxHeaderSize: greatestHeaderBytes,
        requestTimeout: 0,
        keepAliveTimeout: keepAliveTimeoutMs,
        noDelay: true,
      },
      (message, response) => void this.#handle(message, response),
    );
  }

  /** How many statements run or wait. */
  get busy(): number {
    return this.#running.size;
  }

  /** Settles when nothing runs any more, or after `deadlineMs`; says whether it is quiet. */
  async quiet(deadlineMs: number): Promise<boolean> {
    const all = Promise.allSettled([...this.#running.values()]).then(() => true);
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), deadlineMs).unref());
    return this.#running.size === 0 || Promise.race([all, late]);
  }

  closeSessions(): void {
    this.#sessions.closeAll();
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    message.on("error", () => undefined);
    response.on("error", () => undefined);
    const facts = this.#options.engine;
    const path = (message.url ?? "/").split("?")[0];
    if (path === "/ping" || path === "/replicas_status") return void response.end("Ok.\n");
    if (path !== "/") return void response.writeHead(404).end(`There is no handle ${path}\n`);
    let answer = new Answer(response, unread, facts);
    let body: RequestBody | undefined;
    try {
      checkOrigin(message);
      body = new RequestBody(message);
      const { request, rest } = await readRequest(message, body);
      answer = new Answer(response, request, facts);
      accepts(this.#options.login, request);
      if (message.method === "GET" && request.query === "" && rest.length === 0)
        return void response.end("Ok.\n");
      await this.#run(request, body, rest, answer, response);
    } catch (thrown) {
      const error =
        thrown instanceof ServerError ? thrown : new ServerError(1002, "UNKNOWN_EXCEPTION", String(thrown));
      await answer.fail(error);
      await body?.discard();
    }
  }

  async #run(
    request: QueryRequest,
    body: RequestBody,
    first: Buffer,
    answer: Answer,
    response: ServerResponse,
  ): Promise<void> {
    if (this.#running.has(request.queryId))
      throw new ServerError(
        216,
        "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING",
        `Query with id = ${request.queryId} is already running.`,
      );
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    const done = this.#runWork(request, body, first, answer, gone.signal);
    this.#running.set(request.queryId, done);
    gone.signal.addEventListener("abort", () => void this.#killUntil(request.queryId, done), { once: true });
    let summary: Summary;
    try {
      summary = await done;
    } finally {
      this.#running.delete(request.queryId);
    }
    // Only now: who has the end of an answer may use its session and its query id again.
    await answer.finish(summary);
  }

  async #runWork(
    request: QueryRequest,
    body: RequestBody,
    first: Buffer,
    answer: Answer,
    signal: AbortSignal,
  ): Promise<Summary> {
    const work = await readWork(request, body, first);
    const statement = work.statement;
    const guarded =
      request.readOnly && (request.session !== undefined || statement.kind.startsWith("insert"));
    if (guarded && !isReadOnly(statement))
      throw new ServerError(164, "READONLY", "default: Cannot execute query in readonly mode.");
    const urgent = statement.kind === "other" && statement.keyword === "KILL";
    if (!urgent) await this.#gate.enter(signal);
    try {
      const lease = await this.#sessions.lease(request);
      try {
        const run = { ...this.#options, connection: lease.connection, request, answer, body, signal };
        return await execute(run, work);
      } finally {
        await lease.release();
      }
    } finally {
      if (!urgent) this.#gate.leave();
    }
  }

  /** The client went away: kill its query, again and again, since it may not be registered yet. */
  async #killUntil(queryId: string, done: Promise<unknown>): Promise<void> {
    let running = true;
    const settled = done.then(
      () => undefined,
      () => undefined,
    );
    void settled.then(() => {
      running = false;
    });
    for (let attempt = 0; running && attempt < killRetries; attempt++) {
      await this.#options.engine.kill(queryId).catch(() => undefined);
      await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, killRetryMs).unref())]);
    }
  }
}

async function readRequest(message: IncomingMessage, body: RequestBody) {
  const boundary = boundaryOf(message);
  if (boundary === undefined) return { request: parseRequest(message, new Map()), rest: Buffer.alloc(0) };
  const all = await body.upTo(greatestStatementBytes);
  return { request: parseRequest(message, multipartParts(all, boundary)), rest: Buffer.alloc(0) };
}

/** Finds the statement: in the URL, in the body, or begun in the one and continued in the other. */
async function readWork(request: QueryRequest, body: RequestBody, first: Buffer): Promise<Work> {
  const fromUrl = Buffer.from(request.query, "utf8");
  if (fromUrl.length > 0) {
    const insert = insertWork(fromUrl);
    if (insert !== undefined) return insert;
  }
  const start = fromUrl.length > 0 ? Buffer.concat([fromUrl, Buffer.from("\n")]) : first;
  const head = await body.upTo(insertBufferBytes, start);
  const insert = insertWork(head);
  if (insert !== undefined) return insert;
  const whole = await body.upTo(greatestStatementBytes, head);
  if (!body.ended && whole.length > greatestStatementBytes)
    throw new ServerError(
      229,
      "QUERY_IS_TOO_LARGE",
      `The statement is larger than ${greatestStatementBytes} bytes.`,
    );
  const sql = whole.toString("utf8");
  return { statement: analyse(sql), sql, data: Buffer.alloc(0) };
}

/** An INSERT with data, which may be binary: only the bytes before it are read as text. */
function insertWork(head: Buffer): Work | undefined {
  const bytes = head.toString("latin1");
  const firstToken = tokens(bytes).next().value;
  if (!firstToken || !isWord(firstToken, "INSERT")) return undefined;
  const statement = analyse(bytes);
  if (statement.kind !== "insert-data") return undefined;
  const into = head.subarray(0, statement.intoEnd).toString("utf8");
  const before = head.subarray(0, statement.clauseAt).toString("utf8");
  const data = head.subarray(Math.min(statement.dataAt, head.length));
  return { statement: { ...statement, intoEnd: into.length, clauseAt: before.length }, sql: into, data };
}
