// The lock's requests as statements for a cluster: claims and beats are keys of one KeeperMap, which all hosts share.
//
// An insert of a key that exists fails in strict mode, on whichever host: that is the claim. Nothing is ever updated,
// since updates of a KeeperMap are not atomic. There is no fence: a database made on one host says nothing on another.
// Hence each statement is preceded by a look at the newest epoch, and what is late by more than a few seconds gets by.

import { qualifiedName, quoteString } from "../sql/quote.js";
import type { ClaimState } from "./lease-state.js";
import { projectQueryIdPrefix } from "./lock-names.js";

export interface KeeperLock {
  readonly project: string;
  readonly database: string;
  /** The cluster whose hosts are asked for running statements. */
  readonly cluster: string;
}

/** In the statement itself: over HTTP there is no session that would keep them. */
const strictInsert =
  "SETTINGS keeper_map_strict_mode = 1, insert_keeper_max_retries = 0, async_insert = 0, wait_for_async_insert = 1";

const digits = 12;

/** Once for a project; running it again does no harm. */
export function createKeeperTable(lock: KeeperLock): string {
  return `CREATE TABLE IF NOT EXISTS ${tableOf(lock)} (key String, owner String, state String, at DateTime64(3) DEFAULT now64(3)) ENGINE = KeeperMap(${quoteString(`/moose/${lock.project}`)}) PRIMARY KEY key`;
}

/** Succeeds for one process; for all others 999 or another refusal, after which {@link lookAtClaim} tells whose it is. */
export function claimInKeeper(lock: KeeperLock, epoch: number, owner: string): string {
  return insert(lock, claimKey(epoch), owner, "held");
}

/** The newest claim: key, owner, age in ms by the server's clock. Keys sort as their epochs do. */
export function lookAtClaim(lock: KeeperLock): string {
  return newest(lock, claimPrefix);
}

/** The newest beat of an epoch, the last of which says how its owner went. */
export function lookAtBeat(lock: KeeperLock, epoch: number): string {
  return newest(lock, beatPrefix(epoch));
}

export function beatInKeeper(
  lock: KeeperLock,
  epoch: number,
  beat: { readonly seq: number; readonly owner: string; readonly state: ClaimState },
): string {
  return insert(lock, `${beatPrefix(epoch)}${padded(beat.seq)}`, beat.owner, beat.state);
}

/** Before each statement of an owner: 1 while its epoch is the newest. */
export function isNewestInKeeper(lock: KeeperLock, epoch: number): string {
  return `SELECT max(key) = ${quoteString(claimKey(epoch))} AS isNewest FROM ${tableOf(lock)} WHERE startsWith(key, ${quoteString(claimPrefix)})`;
}

/** What earlier owners still run, on all hosts, and what waits to be run on them. */
export function countRunningInCluster(lock: KeeperLock, below: number): string {
  const prefix = projectQueryIdPrefix(lock.project);
  return [
    "SELECT",
    `(SELECT count() FROM clusterAllReplicas(${quoteString(lock.cluster)}, system.processes) WHERE ${ofEarlier("initial_query_id", prefix, below)})`,
    `+ (SELECT count() FROM system.distributed_ddl_queue WHERE status != 'Finished' AND ${ofEarlier("settings['log_comment']", prefix, below)})`,
    "AS running",
  ].join(" ");
}

export function killInCluster(lock: KeeperLock, below: number): string {
  const prefix = projectQueryIdPrefix(lock.project);
  return `KILL QUERY ON CLUSTER ${quoteString(lock.cluster)} WHERE ${ofEarlier("initial_query_id", prefix, below)} ASYNC`;
}

/** Drops what is older than the last few epochs; only the owner does this. Deleting twice does no harm. */
export function forgetOldClaims(lock: KeeperLock, epoch: number): string | undefined {
  const kept = epoch - keptClaims;
  if (kept <= 0) return undefined;
  return `DELETE FROM ${tableOf(lock)} WHERE key < ${quoteString(claimKey(kept))} AND startsWith(key, ${quoteString(claimPrefix)}) OR key < ${quoteString(beatPrefix(kept))} AND startsWith(key, 'beat/')`;
}

const keptClaims = 16;

/** Beats of this epoch that newer ones have made useless. */
export function forgetOldBeats(lock: KeeperLock, epoch: number, seq: number): string {
  const prefix = beatPrefix(epoch);
  return `DELETE FROM ${tableOf(lock)} WHERE startsWith(key, ${quoteString(prefix)}) AND key < ${quoteString(prefix + padded(seq))}`;
}

const claimPrefix = "epoch/";

function claimKey(epoch: number): string {
  return `${claimPrefix}${padded(epoch)}`;
}

function beatPrefix(epoch: number): string {
  return `beat/${padded(epoch)}/`;
}

/** @throws RangeError for a number that would no longer sort as a text */
function padded(number: number): string {
  const text = String(number);
  if (!Number.isSafeInteger(number) || number < 0 || text.length > digits)
    throw new RangeError(`${number} is no epoch or beat`);
  return text.padStart(digits, "0");
}

function insert(lock: KeeperLock, key: string, owner: string, state: ClaimState): string {
  return `INSERT INTO ${tableOf(lock)} (key, owner, state) ${strictInsert} VALUES (${[key, owner, state].map(quoteString).join(", ")})`;
}

function newest(lock: KeeperLock, prefix: string): string {
  return `SELECT key, owner, state, dateDiff('millisecond', at, now64(3)) AS ageMs FROM ${tableOf(lock)} WHERE startsWith(key, ${quoteString(prefix)}) ORDER BY key DESC LIMIT 1`;
}

function ofEarlier(column: string, prefix: string, below: number): string {
  return `startsWith(${column}, ${quoteString(prefix)}) AND toUInt64OrZero(extract(substring(${column}, ${prefix.length + 1}), '^([0-9]+)-')) < ${below}`;
}

function tableOf(lock: KeeperLock): string {
  return qualifiedName({ database: lock.database, name: "lock" });
}
