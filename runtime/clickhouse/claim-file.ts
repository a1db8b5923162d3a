// What is about to be added to tables, noted beside the data of the embedded ClickHouse until ClickHouse itself has it: a
// file takes a fraction of a millisecond, an INSERT as long as the ALTER that waits for it.

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type ObjectRecord, partLists } from "./object-record.js";

export class ClaimFile {
  readonly #path: string;

  /** @param path - absolute; its folder exists, and one process at a time works with it */
  constructor(path: string) {
    this.#path = path;
  }

  /** The records that were noted last; none where the file is missing or not whole. */
  read(): readonly ObjectRecord[] {
    try {
      const records: unknown = JSON.parse(readFileSync(this.#path, "utf8"));
      return Array.isArray(records) ? records.filter(isRecord) : [];
    } catch {
      return [];
    }
  }

  /**
   * Notes these instead of those of before; survives a kill at any moment. A power failure can take it with it: what was
   * added then counts as somebody else's, and is kept.
   *
   * @returns false where the file cannot be written
   */
  write(records: readonly ObjectRecord[]): boolean {
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(records), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
      return true;
    } catch {
      return false;
    }
  }

  /** ClickHouse has them. Where the file cannot be removed, the next process reads from it what is so already. */
  clear(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {}
  }
}

function isRecord(value: unknown): value is ObjectRecord {
  if (typeof value !== "object" || value === null) return false;
  const record = value as Partial<Record<keyof ObjectRecord, unknown>>;
  return (
    [record.address, record.database, record.uuid, record.cluster].every(isText) &&
    Object.values(LifeCycle).some((lifeCycle) => lifeCycle === record.lifeCycle) &&
    record.owned === true &&
    partLists.map((list) => record[list]).every((names) => Array.isArray(names) && names.every(isText))
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
