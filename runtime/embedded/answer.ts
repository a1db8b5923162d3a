// Writes one answer: holds the beginning of a result back, then streams it; errors are told before or inside the body.

import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import zlib from "node:zlib";
import { contentTypeOf } from "./formats.js";
import type { QueryRequest } from "./request.js";
import { exceptionBlock, type ServerError } from "./server-error.js";

/** What an answer needs to know of its request. */
export type AnswerTo = Pick<QueryRequest, "queryId" | "holdBackBytes" | "responseEncoding">;

/** What is known of the server, for the headers. */
export interface ServerFacts {
  readonly version: string;
  readonly timezone: string;
}

/** The counters that are known; what is not known is left out. Numbers travel as text, as ClickHouse writes them. */
export type Summary = Readonly<Record<string, string>>;

/** A client that takes nothing for so long is given up. */
const sendTimeoutMs = 60_000;
const compressionLevel = 3;

export class Answer {
  readonly #response: ServerResponse;
  readonly #request: AnswerTo;
  readonly #facts: ServerFacts;
  readonly #tag = randomBytes(8).toString("hex");
  #format = "TabSeparated";
  #held: Buffer[] = [];
  #heldBytes = 0;
  #packer: zlib.Gzip | zlib.Deflate | zlib.BrotliCompress | undefined;
  #begun = false;

  constructor(response: ServerResponse, request: AnswerTo, facts: ServerFacts) {
    this.#response = response;
    this.#request = request;
    this.#facts = facts;
  }

  setFormat(format: string): void {
    this.#format = format;
  }

  /** Takes a piece of the result; settles at the pace of the client. The piece is not kept after that. */
  async write(chunk: Buffer): Promise<void> {
    if (!this.#begun && this.#heldBytes + chunk.length <= this.#request.holdBackBytes) {
      this.#held.push(Buffer.from(chunk));
      this.#heldBytes += chunk.length;
      return;
    }
    await this.#begin(undefined);
    await this.#send(chunk);
  }

  /** Ends a good answer. The summary reaches the client when the result was small enough to be held back until now. */
  async finish(summary: Summary): Promise<void> {
    await this.#begin(summary);
    await this.#end();
  }

  /** Ends with an error: with its status when nothing was sent yet, else inside the body, which is then cut off. */
  async fail(error: ServerError): Promise<void> {
    if (this.#response.destroyed) return;
    if (!this.#begun) {
      this.#held = [];
      this.#commonHeaders();
      this.#response.setHeader("Content-Type", "text/plain; charset=UTF-8");
      this.#response.setHeader("X-ClickHouse-Exception-Code", String(error.code));
      if (error.httpStatus === 401) this.#response.setHeader("WWW-Authenticate", 'Basic realm="ClickHouse"');
      this.#response.writeHead(error.httpStatus);
      this.#response.end(`${error.body(this.#facts.version)}\n`);
      return;
    }
    await this.#send(exceptionBlock(error, this.#facts.version, this.#tag)).catch(() => undefined);
    await this.#flushPacker();
    // No closing chunk: a client that does not know the block still sees that the answer is incomplete.
    this.#response.socket?.end();
  }

  #commonHeaders(): void {
    const set = (name: string, value: string) => this.#response.setHeader(name, value);
    set("X-ClickHouse-Server-Display-Name", "moose-embedded");
    set("X-ClickHouse-Query-Id", this.#request.queryId.replace(/[^\x20-\x7e]/g, "?"));
    set("X-ClickHouse-Timezone", this.#facts.timezone);
    set("X-ClickHouse-Exception-Tag", this.#tag);
  }

  async #begin(summary: Summary | undefined): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    this.#commonHeaders();
    this.#response.setHeader("Content-Type", contentTypeOf(this.#format));
    this.#response.setHeader("X-ClickHouse-Format", this.#format);
    if (summary !== undefined) this.#response.setHeader("X-ClickHouse-Summary", JSON.stringify(summary));
    this.#startPacker();
    this.#response.writeHead(200);
    for (const chunk of this.#held) await this.#send(chunk);
    this.#held = [];
  }

  #startPacker(): void {
    const encoding = this.#request.responseEncoding;
    if (encoding === undefined) return;
    this.#response.setHeader("Content-Encoding", encoding);
    if (encoding === "gzip") this.#packer = zlib.createGzip({ level: compressionLevel });
    else if (encoding === "deflate") this.#packer = zlib.createDeflate({ level: compressionLevel });
    else
      this.#packer = zlib.createBrotliCompress({
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: compressionLevel },
      });
    this.#packer.on("error", () => this.#response.destroy());
    this.#packer.pipe(this.#response, { end: true });
  }

  #send(chunk: Uint8Array): Promise<void> {
    const target = this.#packer ?? this.#response;
    return new Promise((resolve, reject) => {
      if (this.#response.destroyed) return reject(new Error("the client went away"));
      const gone = () => reject(new Error("the client went away"));
      const late = setTimeout(() => this.#response.destroy(), sendTimeoutMs);
      this.#response.once("close", gone);
      target.write(chunk, (error) => {
        clearTimeout(late);
        this.#response.off("close", gone);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  #flushPacker(): Promise<void> {
    const packer = this.#packer;
    if (packer === undefined) return Promise.resolve();
    packer.unpipe(this.#response);
    packer.on("data", (piece: Buffer) => this.#response.write(piece));
    return new Promise((resolve) => {
      packer.flush(() => resolve());
    });
  }

  #end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#response.destroyed) return resolve();
      this.#response.once("close", resolve);
      this.#response.once("finish", resolve);
      (this.#packer ?? this.#response).end();
    });
  }
}
