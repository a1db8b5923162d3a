// The status report as JSON without secrets, written once for each report, however many ask for it.

import { createHash } from "node:crypto";
import type { ServerStatus } from "../../src/status/server-status.js";
import { redact } from "../log/redact.js";

export interface StatusText {
  readonly json: string;
  /** The same in UTF-8, ready to be sent. */
  readonly bytes: Buffer;
  /** Strong validator, quotes included. */
  readonly etag: string;
}

/** Texts that are kept with what they became; more is begun anew. */
const maxCleaned = 20_000;

export class StatusTexts {
  readonly #secrets: readonly string[];
  readonly #texts = new WeakMap<ServerStatus, StatusText>();
  /** Of two reports that follow each other nearly all operations and resources are the same objects. */
  readonly #parts = new WeakMap<object, string>();
  /** Most texts of what has changed, statements above all, were there before. */
  readonly #cleaned = new Map<string, string>();

  constructor(secrets: readonly string[]) {
    this.#secrets = Object.freeze([...secrets]);
  }

  of(status: ServerStatus): StatusText {
    const known = this.#texts.get(status);
    if (known !== undefined) return known;
    const json = this.#write(status);
    const bytes = Buffer.from(json);
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
    const text = { json, bytes, etag };
    this.#texts.set(status, text);
    return text;
  }

  #write({ plan, resources, ...rest }: ServerStatus): string {
    const members = [this.#json(rest).slice(1, -1), `"resources":${this.#list(resources)}`];
    if (plan !== undefined) {
      const { operations, ...head } = plan;
      members.push(`"plan":{${this.#json(head).slice(1, -1)},"operations":${this.#list(operations)}}`);
    }
    return `{${members.join(",")}}`;
  }

  #list(items: readonly object[]): string {
    return `[${items.map((item) => this.#part(item)).join(",")}]`;
  }

  #part(item: object): string {
    const known = this.#parts.get(item);
    if (known !== undefined) return known;
    const json = this.#json(item);
    this.#parts.set(item, json);
    return json;
  }

  #json(value: object): string {
    return JSON.stringify(value, (_, one: unknown) => (typeof one === "string" ? this.#clean(one) : one));
  }

  #clean(text: string): string {
    const known = this.#cleaned.get(text);
    if (known !== undefined) return known;
    if (this.#cleaned.size >= maxCleaned) this.#cleaned.clear();
    const clean = redact(text, this.#secrets);
    this.#cleaned.set(text, clean);
    return clean;
  }
}
