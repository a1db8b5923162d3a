// The status report as JSON without secrets, written once for each report, however many ask for it.

import { createHash } from "node:crypto";
import type { ServerStatus } from "../../src/status/server-status.js";
import { redactLine } from "../log/logger.js";

export interface StatusText {
  readonly json: string;
  /** Strong validator, quotes included. */
  readonly etag: string;
}

export class StatusTexts {
  readonly #secrets: readonly string[];
  readonly #texts = new WeakMap<ServerStatus, StatusText>();

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  of(status: ServerStatus): StatusText {
    const known = this.#texts.get(status);
    if (known !== undefined) return known;
    const json = redactLine(JSON.stringify(status), this.#secrets).trimEnd();
    const etag = `"${createHash("sha256").update(json).digest("base64url").slice(0, 22)}"`;
    const text = { json, etag };
    this.#texts.set(status, text);
    return text;
  }
}
