// Tokens of the admin routes: how they are made, stored as hashes, and checked in constant time.

import { createHash, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

/** What a token allows: `approve` includes `read`. */
export type Right = "read" | "approve";

/** Hashes in hex: 40 digits in the format of the existing tool, 64 for the SHA-256 of a plain token. */
export interface TokenHashes {
  /** Of tokens that may read and approve; two at a time let one be replaced without a gap. */
  readonly admin: readonly string[];
  /** Of tokens that may only read. */
  readonly read: readonly string[];
}

/** What is known of the sender of a valid token. */
export interface Grant {
  readonly right: Right;
  /** Names the token without telling it: the first digits of its hash. */
  readonly name: string;
}

export interface MadeToken {
  /** For the one who asks: sent as `Authorization: Bearer <token>`. Shown once, stored nowhere. */
  readonly token: string;
  /** For the configuration of the server. */
  readonly hash: string;
}

const iterations = 1000;
const compatibleHashBytes = 20;
const compatibleHalfBytes = 16;
const plainTokenBytes = 32;

/**
 * A token in the format of the existing tool, `<token>.<salt>`, and its hash.
 *
 * @example
 * makeToken().hash // "445fd4696cfc5c49e28995c4aba05de44303a112"
 */
export function makeToken(): MadeToken {
  const [secret, salt] = [randomBytes(compatibleHalfBytes), randomBytes(compatibleHalfBytes)];
  const token = `${secret.toString("hex")}.${salt.toString("hex")}`;
  return { token, hash: compatibleHash(token)?.toString("hex") ?? "" };
}

/** A plain token of 32 random bytes and its SHA-256. */
export function makePlainToken(): MadeToken {
  const token = randomBytes(plainTokenBytes).toString("base64url");
  return { token, hash: sha256(token).toString("hex") };
}

interface Known extends Grant {
  readonly digest: Buffer;
}

/** Checks tokens against configured hashes. */
export class TokenCheck {
  readonly #known: readonly Known[];
  /** By the SHA-256 of the token. Only valid tokens are kept, so there are no more than hashes. */
  readonly #seen = new Map<string, Grant>();

  constructor({ admin, read }: TokenHashes) {
    this.#known = [
      ...admin.map((hash) => knownOf(hash, "approve")),
      ...read.map((hash) => knownOf(hash, "read")),
    ];
  }

  /** True where no token would be valid. */
  get isClosed(): boolean {
    return this.#known.length === 0;
  }

  /** What the token allows; undefined for one that is not valid. */
  check(token: string): Grant | undefined {
    if (token.length > maxTokenLength) return undefined;
    const plain = sha256(token);
    const key = plain.toString("hex");
    const seen = this.#seen.get(key);
    if (seen !== undefined) return seen;
    const found = this.#find(token, plain);
    if (found === undefined) return undefined;
    const grant = { right: found.right, name: found.name };
    this.#seen.set(key, grant);
    return grant;
  }

  /** Every hash is compared, whether an earlier one fitted or not. */
  #find(token: string, plain: Buffer): Known | undefined {
    const isAskedFor = this.#known.some(({ digest }) => digest.length === compatibleHashBytes);
    const compatible = isAskedFor ? compatibleHash(token) : undefined;
    let found: Known | undefined;
    for (const known of this.#known) {
      const digest = known.digest.length === compatibleHashBytes ? compatible : plain;
      if (digest !== undefined && timingSafeEqual(digest, known.digest)) found ??= known;
    }
    return found;
  }
}

const maxTokenLength = 256;
const nameDigits = 8;

/** @throws when the text is no hash; the settings are checked before, so that is a bug */
function knownOf(hash: string, right: Right): Known {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(hash)) throw new Error("a token's hash has 40 or 64 hex digits");
  return {
    right,
    name: `token ${hash.slice(0, nameDigits).toLowerCase()}`,
    digest: Buffer.from(hash, "hex"),
  };
}

function sha256(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** Both halves go in as the text that they are, not as bytes. */
function compatibleHash(token: string): Buffer | undefined {
  const [secret, salt, ...more] = token.split(".");
  if (!secret || !salt || more.length > 0) return undefined;
  return pbkdf2Sync(secret, salt, iterations, compatibleHashBytes, "sha256");
}
