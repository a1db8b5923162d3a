// The status report as JSON without secrets, written once for each report, however many ask for it.

import { createHash } from "node:crypto";
import type { ServerStatus } from "../../src/status/server-status.js";
import { redact } from "../log/redact.js";

export interface StatusText {
  readonly json: string;
  /** Strong validator, quotes included. */
  readonly etag: string;
}

/** Texts that are kept with what they became; more is begun anew. */
const maxCleaned = 20_000;

export class StatusTexts {
  readonly #secrets: readonly string[];
  readonly #texts = new WeakMap<ServerStatus, StatusText>();
  /** Most texts of a report, statements above all, were in the one before. */
  readonly #cleaned = new Map<string, string>();

  constructor(secrets: readonly string[]) {
    this.#secrets = Object.freeze([...secrets]);
  }

  of(status: ServerStatus): StatusText {
    const known = this.#texts.get(status);
    if (known !== undefined) return known;
    const json = JSON.stringify(status, (_, value: unknown) =>
      typeof value === "string" ? this.#clean(value) : value,
    );
    const etag = `"${createHash("sha256").update(json).digest("base64url").slice(0, 22)}"`;
    const text = { json, etag };
    this.#texts.set(status, text);
    return text;
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
