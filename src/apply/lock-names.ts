// The names that the lock of a project uses on the server, and how to read them back.

/** A table in the database of the project's state; who makes it has the epoch, and its rows are the beats. */
export function claimTable(epoch: number): string {
  return `${claimTablePrefix}${epoch}`;
}

/** What the name of a claim begins with; then comes the epoch. */
export const claimTablePrefix = "lock_";

/** As a regular expression of ClickHouse. */
export const claimTablePattern = "^lock_[0-9]+$";

/** An empty database, named by every request of the owner; nothing else makes one of this name, ever. */
export function fenceDatabase(project: string, epoch: number, token: string): string {
  return `${fencePrefix(project)}${epoch}_${token.replaceAll("-", "")}`;
}

/** Matches the fences of `project`. */
export function fencePattern(project: string): string {
  return `^${fencePrefix(project)}[0-9]+_[0-9a-f]+$`;
}

/** What the name of a fence begins with; then come the epoch, `_` and the token. */
export function fencePrefix(project: string): string {
  return `_moose_${project}_fence_`;
}

/** Begins the query ids of a project's owners: `moose-<project>-`, then the epoch. */
export function projectQueryIdPrefix(project: string): string {
  return `moose-${project}-`;
}

export function queryIdPrefix(project: string, epoch: number): string {
  return `${projectQueryIdPrefix(project)}${epoch}-`;
}
