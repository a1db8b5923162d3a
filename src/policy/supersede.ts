// Whether a newer deployment has brought the database to its own schema: then an older one leaves it alone.

import type { Verdict } from "./verdict.js";

/** A schema that was brought into the database. */
export interface Deployment {
  /** Fingerprint of what the code declares. */
  readonly hash: string;
  /** When its image was built, in Unix milliseconds; undefined where the schema was read from the code. */
  readonly builtAtMs: number | undefined;
  /** When the database came to match it, in Unix milliseconds by the server's clock. */
  readonly atMs: number;
}

export interface OwnDeployment extends Omit<Deployment, "atMs"> {
  /** When this process started, in Unix milliseconds by the server's clock. */
  readonly startedMs: number;
}

/**
 * The deployment that came after this one, if there is one. The time of the build decides where both have it. Without it
 * a schema that was there before the present one is an older one, and so is that of a process that was there before.
 *
 * @param applied - oldest first
 */
export function supersededBy(own: OwnDeployment, applied: readonly Deployment[]): Deployment | undefined {
  const latest = applied.at(-1);
  if (latest === undefined || latest.hash === own.hash) return undefined;
  const isNewer =
    latest.builtAtMs !== undefined && own.builtAtMs !== undefined
      ? latest.builtAtMs > own.builtAtMs
      : latest.atMs > own.startedMs || applied.some(({ hash }) => hash === own.hash);
  return isNewer ? latest : undefined;
}

/** The operations of a superseded deployment: they show what differs, and none of them is done. */
export function heldBack<T>(
  operations: readonly { readonly operation: T; readonly verdict: Verdict }[],
  by: Deployment,
): readonly { readonly operation: T; readonly verdict: Verdict }[] {
  const since = new Date(by.atMs).toISOString();
  return operations.map(({ operation }) => ({
    operation,
    verdict: {
      decision: "blocked",
      code: "superseded",
      reason: `another deployment has changed the schema since (${since}), and an older one does not take that back`,
      unblock: "stop this deployment; or, to go back to it on purpose, approve the plan as a whole",
    },
  }));
}
