// Names things by their content.

import { createHash } from "node:crypto";

/**
 * SHA-256 in lower-case hex.
 *
 * @param digits - how many of the 64 digits, from the first on
 */
export function sha256(content: string | Uint8Array, digits = 64): string {
  return createHash("sha256").update(content).digest("hex").slice(0, digits);
}
