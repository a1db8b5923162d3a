// The lock's requests as statements: claims are tables, beats are their rows, fences are empty databases.

import type { Claim, ClaimState, Reply, Request } from "../../src/apply/lease-state.js";
import {
  claimTable,
  claimTablePattern,
  claimTablePrefix,
  fenceDatabase,
  fencePattern,
  fencePrefix,
  projectQueryIdPrefix,
  queryIdPrefix,
} from "../../src/apply/lock-names.js";
import { quoteIdentifier, quoteString } from "../../src/sql/quote.js";
import { redact } from "../log/redact.js";
import { type ClickHouse, errorCode, errorText } from "./client.js";
import { shortLived } from "./state.js";

/** Who holds a lock, as shown to others. */
export interface LockOwner {
  /** Of the run, in the journal. */
  readonly id: string;
  /** The user, where it is known. */
  readonly who?: string | undefined;
  readonly host: string;
  readonly pid: number;
  /** `moose migrate`; secrets in it are hidden. */
  readonly command: string;
}

export interface LockHolder {
  readonly owner: LockOwner;
  readonly epoch: number;
  readonly state: ClaimState;
  /** By the server's clock, to a second. */
  readonly heldForMs: number;
  readonly silentForMs: number;
}

/** A claim, and whose it is. */
export interface ShownClaim {
  readonly claim: Claim;
  readonly holder: LockHolder;
}

const codes = { tableExists: 57, unknownDatabase: 81 } as const;

/** Claims older than this are dropped; the younger stay, so that no reading of the list can miss the newest. */
const keptClaims = 16;

const requestTimeoutMs = 4_000;

export interface LockPlace {
  readonly project: string;
  /** Where the state of the project is. */
  readonly database: string;
  readonly token: string;
  /** Whether databases may be made. */
  readonly isFenced: boolean;
  /** See `LockOptions`. */
  readonly ownersGoneBeforeMs?: number | undefined;
}

// Epochs are read with `substring` and `splitByChar`: the first `extract` over a column costs the server 16 MB for good.

/** Runs the requests of one try for the lock, over connections of its own. */
export class LockStore {
  readonly place: LockPlace;
  readonly #clickhouse: ClickHouse;
  readonly #owner: LockOwner;
  #beats: ClickHouse | undefined;
  /** The newest claim that was seen. */
  shown: ShownClaim | undefined;
  /** The same, of others alone. */
  ofOther: ShownClaim | undefined;
  /** How many statements of former owners were seen to run, when last looked. */
  running = 0;

  constructor(clickhouse: ClickHouse, place: LockPlace, owner: LockOwner) {
    this.#clickhouse = clickhouse.view({ requestTimeoutMs });
    this.#owner = owner;
    this.place = place;
  }

  /** @throws what the server says, or the connection; the caller decides what that means */
  async handle(request: Request): Promise<Reply> {
    switch (request.kind) {
      case "look":
        this.shown = await readClaim(this.#clickhouse, this.place.database, this.place);
        if (this.shown?.claim.token !== this.place.token) this.ofOther = this.shown;
        return { kind: "looked", claim: this.shown?.claim };
      case "claim":
        return this.#claim(request.epoch);
      case "raise":
        return this.#raise(request.epoch);
      case "lower":
        return this.#lower(request.below);
      case "drain":
        return this.#drain(request.below);
      case "beat":
        return this.#beat(request.epoch, request.seq);
      case "letGo":
        return this.#letGo(request.epoch, request.seq, request.state);
    }
  }

  fence(epoch: number): string {
    return fenceDatabase(this.place.project, epoch, this.place.token);
  }

  async close(): Promise<void> {
    await Promise.all([this.#clickhouse.close(), this.#beats?.close()]);
  }

  #table(epoch: number): string {
    return `${quoteIdentifier(this.place.database)}.${quoteIdentifier(claimTable(epoch))}`;
  }

  async #claim(epoch: number): Promise<Reply> {
    const owner = { ...this.#owner, command: redact(this.#owner.command), token: this.place.token };
    try {
      await this.#clickhouse.command(
        `CREATE TABLE ${this.#table(epoch)}
           (epoch UInt64, seq UInt64, state LowCardinality(String), at DateTime64(3) DEFAULT now64(3))
         ENGINE = ReplacingMergeTree(seq) ORDER BY epoch SETTINGS ${shortLived} COMMENT ${quoteString(JSON.stringify(owner))}`,
      );
      return { kind: "done" };
    } catch (error) {
      if (errorCode(error) === codes.tableExists) return { kind: "taken" };
      throw error;
    }
  }

  async #raise(epoch: number): Promise<Reply> {
    const fence = this.fence(epoch);
    if (this.place.isFenced)
      await this.#clickhouse.command(`CREATE DATABASE ${quoteIdentifier(fence)} ENGINE = Atomic`);
    await this.#beats?.close();
    this.#beats = this.#clickhouse.view({
      requestTimeoutMs,
      queryIdPrefix: queryIdPrefix(this.place.project, epoch),
      ...(this.place.isFenced && { database: fence }),
    });
    return { kind: "done" };
  }

  async #lower(below: number): Promise<Reply> {
    await Promise.all([this.#dropFences(below), this.#dropOldClaims(below - keptClaims)]);
    return { kind: "done" };
  }

  async #dropFences(below: number): Promise<void> {
    const { project } = this.place;
    const fences = await this.#clickhouse.rows<{ name: string }>(
      "SELECT name FROM system.databases WHERE match(name, {pattern:String}) AND toUInt64OrZero(splitByChar('_', substring(name, {length:UInt32} + 1))[1]) < {below:UInt64}",
      { pattern: fencePattern(project), length: fencePrefix(project).length, below },
    );
    for (const { name } of fences)
      await this.#clickhouse.command(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`);
  }

  async #dropOldClaims(below: number): Promise<void> {
    if (below <= 0) return;
    const { database } = this.place;
    const claims = await this.#clickhouse.rows<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = {database:String} AND match(name, {pattern:String}) AND toUInt64OrZero(substring(name, {length:UInt32} + 1)) < {below:UInt64}",
      { database, pattern: claimTablePattern, length: claimTablePrefix.length, below },
    );
    for (const { name } of claims)
      await this.#clickhouse.command(
        `DROP TABLE IF EXISTS ${quoteIdentifier(database)}.${quoteIdentifier(name)}`,
      );
  }

  async #drain(below: number): Promise<Reply> {
    const prefix = projectQueryIdPrefix(this.place.project);
    const where = `startsWith(query_id, ${quoteString(prefix)}) AND toUInt64OrZero(splitByChar('-', substring(query_id, ${prefix.length + 1}))[1]) < ${below}`;
    const found = await this.#clickhouse.rows<{ running: number }>(
      `SELECT toUInt32(count()) AS running FROM system.processes WHERE ${where}`,
    );
    this.running = found[0]?.running ?? 0;
    if (this.running > 0) await this.#clickhouse.command(`KILL QUERY WHERE ${where} ASYNC`);
    return { kind: "drained", running: this.running };
  }

  async #beat(epoch: number, seq: number): Promise<Reply> {
    if (this.#beats === undefined) return { kind: "unknown" };
    try {
      await this.#beats.command(insertBeat(this.#table(epoch), epoch), { params: { seq, state: "held" } });
    } catch (error) {
      if (this.place.isFenced && errorCode(error) === codes.unknownDatabase) return { kind: "refused" };
      throw error;
    }
    // Without a fence the server says nothing, so look who is the newest.
    if (this.place.isFenced) return { kind: "done" };
    const newest = await readClaim(this.#clickhouse, this.place.database, this.place);
    return newest?.claim.token === this.place.token ? { kind: "done" } : { kind: "refused" };
  }

  async #letGo(epoch: number, seq: number, state: ClaimState): Promise<Reply> {
    await this.#clickhouse.command(insertBeat(this.#table(epoch), epoch), { params: { seq, state } });
    if (this.place.isFenced)
      await this.#clickhouse.command(`DROP DATABASE IF EXISTS ${quoteIdentifier(this.fence(epoch))}`);
    return { kind: "done" };
  }
}

function insertBeat(table: string, epoch: number): string {
  return `INSERT INTO ${table} (epoch, seq, state) SELECT ${epoch}, {seq:UInt64}, {state:String}`;
}

interface ClaimRow {
  readonly name: string;
  readonly comment: string;
  readonly heldForMs: string;
  /** Unix time in milliseconds, of whole seconds. */
  readonly madeAtMs: string;
}

interface BeatRow {
  readonly seq: string;
  readonly state: string;
  readonly silentForMs: string;
  readonly beatAtMs: string;
}

/**
 * The newest claim; undefined when there never was one.
 *
 * @param reader - its own claims are known by their token, and their beats are not read
 */
export async function readClaim(
  clickhouse: ClickHouse,
  database: string,
  reader: Partial<Pick<LockPlace, "token" | "ownersGoneBeforeMs">> = {},
): Promise<ShownClaim | undefined> {
  const claims = await clickhouse.rows<ClaimRow>(
    `SELECT name, comment,
       dateDiff('millisecond', metadata_modification_time, now64(3)) AS heldForMs,
       toUnixTimestamp(metadata_modification_time) * 1000 AS madeAtMs
     FROM system.tables WHERE database = {database:String} AND match(name, {pattern:String})
     ORDER BY toUInt64OrZero(substring(name, {length:UInt32} + 1)) DESC LIMIT 1`,
    { database, pattern: claimTablePattern, length: claimTablePrefix.length },
  );
  const row = claims[0];
  if (row === undefined) return undefined;
  const epoch = Number(row.name.slice(claimTablePrefix.length));
  const { ownersGoneBeforeMs = 0 } = reader;
  if (readOwner(row.comment).token === reader.token)
    return shownClaim({ epoch, row, beat: undefined, ownersGoneBeforeMs });
  const beats = await clickhouse.rows<BeatRow>(
    `SELECT seq, state, dateDiff('millisecond', at, now64(3)) AS silentForMs, toUnixTimestamp64Milli(at) AS beatAtMs
     FROM ${quoteIdentifier(database)}.${quoteIdentifier(claimTable(epoch))} ORDER BY seq DESC LIMIT 1`,
  );
  return shownClaim({ epoch, row, beat: beats[0], ownersGoneBeforeMs });
}

interface StoredClaim {
  readonly epoch: number;
  readonly row: ClaimRow;
  readonly beat: BeatRow | undefined;
  readonly ownersGoneBeforeMs: number;
}

function shownClaim({ epoch, row, beat, ownersGoneBeforeMs }: StoredClaim): ShownClaim {
  const heldForMs = Number(row.heldForMs);
  // The time of making is known to a second, cut off: it looks older than it is.
  const ageMs = beat === undefined ? heldForMs - 1_000 : Number(beat.silentForMs);
  const aliveAtMs = beat === undefined ? Number(row.madeAtMs) + 1_000 : Number(beat.beatAtMs);
  const state = stateNamed(beat?.state ?? "held");
  const { token, owner } = readOwner(row.comment);
  return {
    claim: {
      epoch,
      token,
      seq: Number(beat?.seq ?? 0),
      state,
      ageMs,
      isGone: aliveAtMs < ownersGoneBeforeMs,
    },
    holder: { owner, epoch, state, heldForMs, silentForMs: ageMs },
  };
}

function stateNamed(name: string): ClaimState {
  return name === "released" || name === "unsettled" ? name : "held";
}

/** What the comment of a claim says; it was written by a moose, but perhaps not by one of this version. */
function readOwner(comment: string): { readonly token: string; readonly owner: LockOwner } {
  let read: Readonly<Record<string, unknown>> = {};
  try {
    const value: unknown = JSON.parse(comment);
    if (typeof value === "object" && value !== null) read = value as Readonly<Record<string, unknown>>;
  } catch {
    // Somebody else's table, or another form: then it is held by an unknown process.
  }
  const text = (key: string) => (typeof read[key] === "string" ? read[key] : "unknown");
  return {
    token: text("token"),
    owner: {
      id: text("id"),
      ...(typeof read.who === "string" && { who: read.who }),
      host: text("host"),
      pid: typeof read.pid === "number" ? read.pid : 0,
      command: text("command"),
    },
  };
}

/** Whether an error is the server's refusal of a statement whose fence is down. */
export function isFenceDown(error: unknown, fence: string): boolean {
  return errorCode(error) === codes.unknownDatabase && errorText(error).includes(fence);
}
