// What moose remembers in ClickHouse: which tables are its own, and the lifecycle that was last applied to each.

import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";
import type { Address } from "../../src/infra/address.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { isSqlResourceAddress } from "../../src/infra/sql-resource.js";
import { topicOfAddress } from "../../src/infra/topic.js";
import { quoteIdentifier } from "../../src/sql/quote.js";
import type { ClaimFile } from "./claim-file.js";
import { type ClickHouse, errorCode, errorText } from "./client.js";
import { isSame, type ObjectRecord, withPartsOf } from "./object-record.js";

type RecordRow = Omit<ObjectRecord, "lifeCycle"> & { readonly lifecycle: string };

/** What is remembered, to be read. */
export interface StateRecords {
  get(address: Address): ObjectRecord | undefined;
  /** Databases of the tables that are ours: they are looked at even when the code no longer names them. */
  readonly databases: readonly string[];
  /** The topics that are ours; what they hold is said in `reconcile/topics`. */
  readonly topics: readonly ObjectRecord[];
  /** The SQL resources that were set up; what they hold is said in `sql-resource-records`. */
  readonly sqlResources: readonly ObjectRecord[];
}

/** The records of a project as they are, without making or changing anything; none where there is no state yet. */
export async function readState(clickhouse: ClickHouse, project: string): Promise<StateRecords> {
  const database = await findStateDatabase(clickhouse, project);
  const rows = await clickhouse
    .rows<RecordRow>(`SELECT ${recordColumns} FROM ${quoteIdentifier(database)}.objects FINAL`)
    .catch((error: unknown) => {
      if (nothingThere.includes(errorCode(error) ?? -1)) return [];
      throw error;
    });
  return recordsOf(rows.map(recordOf));
}

function recordsOf(records: readonly ObjectRecord[]): StateRecords {
  const byAddress = new Map(records.map((record) => [record.address, record]));
  return {
    get: (address) => byAddress.get(address),
    databases: databasesOf(records),
    topics: topicsOf(records),
    sqlResources: sqlResourcesOf(records),
  };
}

function databasesOf(records: Iterable<ObjectRecord>): readonly string[] {
  const tables = [...records].filter(({ owned, address }) => owned && !isOfOtherKind(address));
  return [...new Set(tables.map((record) => record.database))];
}

/** Neither a table nor a view. */
function isOfOtherKind(address: Address): boolean {
  return topicOfAddress(address) !== undefined || isSqlResourceAddress(address);
}

function sqlResourcesOf(records: Iterable<ObjectRecord>): readonly ObjectRecord[] {
  return [...records].filter(({ owned, address }) => owned && isSqlResourceAddress(address));
}

function topicsOf(records: Iterable<ObjectRecord>): readonly ObjectRecord[] {
  return [...records].filter(({ owned, address }) => owned && topicOfAddress(address) !== undefined);
}

function recordOf({ lifecycle, ...rest }: RecordRow): ObjectRecord {
  return { ...rest, lifeCycle: lifeCycleNamed(lifecycle) };
}

/** Where the state of a project is kept. */
export interface StatePlace {
  /** Where the state is, once the lock on it is held; found by its name without. */
  readonly database?: string | undefined;
  /** Where claims may wait for ClickHouse. */
  readonly claimFile?: ClaimFile | undefined;
}

/** Reads and writes the small database of a project. */
export class State implements StateRecords {
  readonly database: string;
  readonly #clickhouse: ClickHouse;
  readonly #claimFile: ClaimFile | undefined;
  readonly #records: Map<Address, ObjectRecord>;
  /** What ClickHouse has of records that are only noted in the file so far. */
  readonly #stored = new Map<Address, ObjectRecord | undefined>();

  private constructor(
    clickhouse: ClickHouse,
    database: string,
    records: readonly ObjectRecord[],
    claimFile: ClaimFile | undefined,
  ) {
    this.#clickhouse = clickhouse;
    this.database = database;
    this.#records = new Map(records.map((record) => [record.address, record]));
    this.#claimFile = claimFile;
  }

  /**
   * Opens the state of `project`, makes it where there is none, and clears what a killed run left in it.
   *
   * @throws DiagnosticError `clickhouse/cannot-keep-state` when the user lacks the rights
   * @param project - letters, digits and underscores
   */
  static async open(clickhouse: ClickHouse, project: string, place: StatePlace = {}): Promise<State> {
    const { database = await findStateDatabase(clickhouse, project), claimFile } = place;
    try {
      if (place.database === undefined)
        await clickhouse.command(
          `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)} ENGINE = Atomic`,
        );
      return await State.#openIn(clickhouse, database, claimFile);
    } catch (error) {
      if (errorCode(error) !== accessDenied) throw error;
      throw new DiagnosticError([cannotKeepState(clickhouse, database, error)]);
    }
  }

  static async #openIn(
    clickhouse: ClickHouse,
    database: string,
    claimFile: ClaimFile | undefined,
  ): Promise<State> {
    const [records] = await Promise.all([
      State.#readObjects(clickhouse, database),
      dropScratch(clickhouse, database),
    ]);
    const state = new State(clickhouse, database, records.map(recordOf), claimFile);
    await state.#takeUpClaims();
    return state;
  }

  /** What a killed run noted, of tables that are still ours. */
  async #takeUpClaims(): Promise<void> {
    const noted = this.#claimFile?.read() ?? [];
    if (noted.length === 0) return;
    const ours = new Set([...this.#records.values()].filter(({ owned }) => owned).map(({ uuid }) => uuid));
    await this.put(
      noted
        .filter(({ uuid }) => ours.has(uuid))
        .map((claim) => {
          const stored = this.#records.get(claim.address);
          const isOfSame = stored?.owned === true && stored.uuid === claim.uuid;
          return isOfSame ? withPartsOf(stored, claim) : claim;
        }),
    );
    this.#claimFile?.clear();
  }

  static async #readObjects(clickhouse: ClickHouse, database: string): Promise<readonly RecordRow[]> {
    const quoted = quoteIdentifier(database);
    await clickhouse.command(
      `CREATE TABLE IF NOT EXISTS ${quoted}.objects
         (address String, database String, uuid String, lifecycle LowCardinality(String), columns Array(String), indexes Array(String), projections Array(String), constraints Array(String), cluster String, owned Bool, at DateTime64(6) DEFAULT now64(6))
       ENGINE = ReplacingMergeTree(at) ORDER BY address SETTINGS ${shortLived}`,
    );
    return readRecords(clickhouse, `${quoted}.objects`);
  }

  get(address: Address): ObjectRecord | undefined {
    return this.#records.get(address);
  }

  get databases(): readonly string[] {
    return databasesOf(this.#records.values());
  }

  /** Addresses of every table and view that is ours. */
  get owned(): readonly Address[] {
    return [...this.#records.values()]
      .filter(({ owned, address }) => owned && !isOfOtherKind(address))
      .map(({ address }) => address);
  }

  get topics(): readonly ObjectRecord[] {
    return topicsOf(this.#records.values());
  }

  get sqlResources(): readonly ObjectRecord[] {
    return sqlResourcesOf(this.#records.values());
  }

  /**
   * Says before something is done what will be ours. Where there is a file for it, ClickHouse is told with the next
   * {@link put} of these records, or when the state is opened again.
   */
  async claim(records: readonly ObjectRecord[]): Promise<void> {
    const changed = records.filter((record) => !isSame(record, this.#records.get(record.address)));
    if (changed.length === 0) return;
    const waiting = [...this.#stored.keys()].flatMap((address) => this.#records.get(address) ?? []);
    const noted = new Map([...waiting, ...changed].map((record) => [record.address, record]));
    if (this.#claimFile?.write([...noted.values()]) !== true) return this.put(records);
    for (const record of changed) {
      if (!this.#stored.has(record.address))
        this.#stored.set(record.address, this.#records.get(record.address));
      this.#records.set(record.address, record);
    }
  }

  /** Writes what differs from what ClickHouse has; nothing is sent when nothing does. */
  async put(records: readonly ObjectRecord[]): Promise<void> {
    const changed = records.filter((record) => !isSame(record, this.#storedAt(record.address)));
    const wasNoted = this.#stored.size > 0;
    if (changed.length > 0)
      await this.#clickhouse.insert(
        `${quoteIdentifier(this.database)}.objects`,
        changed.map(({ lifeCycle, ...rest }) => ({ ...rest, lifecycle: lifeCycle })),
      );
    for (const record of records) {
      this.#records.set(record.address, record);
      this.#stored.delete(record.address);
    }
    if (wasNoted && this.#stored.size === 0) this.#claimFile?.clear();
  }

  #storedAt(address: Address): ObjectRecord | undefined {
    return this.#stored.has(address) ? this.#stored.get(address) : this.#records.get(address);
  }
}

/**
 * For tables of many small inserts: the parts that were merged away would stay in the server's memory for eight minutes.
 * They stay for the case that power fails before what was merged is on disk, which is therefore made sure of.
 */
export const shortLived =
  "old_parts_lifetime = 1, cleanup_delay_period = 1, max_cleanup_delay_period = 1, min_rows_to_fsync_after_merge = 1";

/** A state that was made before indexes or constraints were remembered gets the columns for them first. */
async function readRecords(clickhouse: ClickHouse, objects: string): Promise<readonly RecordRow[]> {
  const query = `SELECT ${recordColumns} FROM ${objects} FINAL`;
  try {
    return await clickhouse.rows<RecordRow>(query);
  } catch (error) {
    if (errorCode(error) !== unknownIdentifier) throw error;
    await clickhouse.command(
      `ALTER TABLE ${objects} ADD COLUMN IF NOT EXISTS indexes Array(String) AFTER columns, ADD COLUMN IF NOT EXISTS projections Array(String) AFTER indexes, ADD COLUMN IF NOT EXISTS constraints Array(String) AFTER projections, ADD COLUMN IF NOT EXISTS cluster String AFTER constraints`,
    );
    return clickhouse.rows<RecordRow>(query);
  }
}

const recordColumns =
  "address, database, uuid, lifecycle, columns, indexes, projections, constraints, cluster, owned";

const accessDenied = 497;
const unknownIdentifier = 47;
/** No such database, no such table; and no right to read them, which one who may only read need not have. */
const nothingThere: readonly number[] = [81, 60, accessDenied];

function cannotKeepState(clickhouse: ClickHouse, database: string, error: unknown): Diagnostic {
  return {
    code: "clickhouse/cannot-keep-state",
    severity: "error",
    summary: `the ClickHouse user may not use the database ${database} at ${clickhouse.url}, where moose remembers what it made`,
    detail: errorText(error),
    hint: `GRANT CREATE DATABASE, CREATE TABLE, DROP TABLE, SELECT, INSERT ON ${quoteIdentifier(database)}.* TO this user`,
  };
}

const scratchPrefix = "scratch_";

/** A name for a table that is made to be read back and dropped; one that a killed run left is dropped on the next start. */
export function scratchName(suffix: string): string {
  return `${scratchPrefix}${suffix}`;
}

/** The database in which moose keeps what it remembers of `project`, made or not. */
export async function findStateDatabase(clickhouse: ClickHouse, project: string): Promise<string> {
  const prefix = `_moose_${project}_e`;
  const found = await clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.databases WHERE match(name, {pattern:String}) ORDER BY toUInt64OrZero(substring(name, {length:UInt32} + 1)) DESC LIMIT 1",
    { pattern: `^${prefix}\\d+$`, length: prefix.length },
  );
  return found[0]?.name ?? `${prefix}1`;
}

async function dropScratch(clickhouse: ClickHouse, database: string): Promise<void> {
  const left = await clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, {prefix:String})",
    { database, prefix: scratchPrefix },
  );
  for (const { name } of left) {
    await clickhouse.command(
      `DROP TABLE IF EXISTS ${quoteIdentifier(database)}.${quoteIdentifier(name)} SYNC`,
    );
  }
}

function lifeCycleNamed(name: string): LifeCycle {
  // An unknown name can only come from a newer moose: the one that touches nothing is the safe reading.
  return Object.values(LifeCycle).find((lifeCycle) => lifeCycle === name) ?? LifeCycle.EXTERNALLY_MANAGED;
}
