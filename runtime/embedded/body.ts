// The body of a request: unpacked, read at the pace of who uses it, and with a bound on what is held in memory.

import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import zlib from "node:zlib";
import { ServerError } from "./server-error.js";

/** A body that can be read in part first, and the rest later. */
export class RequestBody {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #message: IncomingMessage;
  #ended = false;

  constructor(message: IncomingMessage) {
    this.#message = message;
    this.#pieces = unpacked(message).iterator({ destroyOnReturn: false });
  }

  /** Whether all of the body has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next piece, or undefined at the end. */
  async next(): Promise<Buffer | undefined> {
    if (this.#ended) return undefined;
    try {
      const step = await this.#pieces.next();
      if (!step.done) return step.value;
    } catch (error) {
      throw this.#asServerError(error);
    }
    this.#ended = true;
    return undefined;
  }

  /** Reads until more than `limitBytes` are there, or the body has ended. */
  async upTo(limitBytes: number, before: Buffer = Buffer.alloc(0)): Promise<Buffer> {
    const pieces = before.length > 0 ? [before] : [];
    let length = before.length;
    while (length <= limitBytes) {
      const piece = await this.next();
      if (piece === undefined) break;
      pieces.push(piece);
      length += piece.length;
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  /** Lets the rest of the body pass unread, so that the client gets to read its answer. */
  async discard(): Promise<void> {
    await this.#pieces.return?.().catch(() => undefined);
    this.#message.unpipe();
    this.#message.resume();
  }

  #asServerError(error: unknown): ServerError {
    const text = error instanceof Error ? error.message : String(error);
    if (this.#message.complete)
      return new ServerError(354, "ZLIB_INFLATE_FAILED", `inflate failed: ${text}.`);
    return new ServerError(210, "NETWORK_ERROR", "The client went away before its request was complete.");
  }
}

function unpacked(message: IncomingMessage): Readable {
  const encoding = (message.headers["content-encoding"] ?? "identity").toLowerCase().trim();
  if (encoding === "identity" || encoding === "") return message;
  const unpack = unpackerOf(encoding);
  message.once("error", (error) => unpack.destroy(error));
  message.once("close", () => {
    if (!message.complete) unpack.destroy(new Error("aborted"));
  });
  return message.pipe(unpack);
}

function unpackerOf(encoding: string): zlib.Gunzip {
  if (encoding === "gzip" || encoding === "x-gzip") return zlib.createGunzip();
  if (encoding === "deflate") return zlib.createInflate();
  if (encoding === "br") return zlib.createBrotliDecompress();
  throw new ServerError(48, "NOT_IMPLEMENTED", `Unknown HTTP content encoding: ${encoding}.`);
}

/** The named parts of a `multipart/form-data` body: the query and its parameters, as clients send them when long. */
export function multipartParts(body: Buffer, boundary: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const piece of body.toString("latin1").split(`--${boundary}`).slice(1)) {
    const at = piece.indexOf("\r\n\r\n");
    const name = /name="([^"]*)"/.exec(piece.slice(0, Math.max(at, 0)))?.[1];
    if (at < 0 || name === undefined) continue;
    parts.set(name, Buffer.from(piece.slice(at + 4).replace(/\r\n$/, ""), "latin1").toString("utf8"));
  }
  return parts;
}

export function boundaryOf(message: IncomingMessage): string | undefined {
  const type = message.headers["content-type"] ?? "";
  const match = /^multipart\/form-data\s*;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
  return match?.[1] ?? match?.[2];
}
