// One server for each data folder: a file says who holds it, and is taken over when its writer is gone.

import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { isSame, startOf } from "./process-identity.js";

/** What the lock file says. */
export interface LockRecord {
  /** The process that supervises the server, and its start as `startOf` gives it. */
  readonly pid: number;
  readonly start: string;
  /** The server's own process, once it runs. */
  readonly engine: { readonly pid: number; readonly start: string } | undefined;
  /** Where it answers, once it does. */
  readonly url: string | undefined;
  readonly startedAt: string;
  readonly token: string;
}

export interface FolderLock {
  /** Notes the server's process and its address. */
  update(fields: Partial<Pick<LockRecord, "engine" | "url">>): void;
  release(): void;
}

/** The name of the lock file tells the kinds of servers apart. */
export type LockName = "embedded.lock" | "kafka.lock";

/** Each try removes one stale file, so more than a few mean that others fight for the folder too. */
const greatestTries = 5;

/** Takes the lock, or returns who holds it. Throws what the file system throws when the folder cannot be written. */
export function takeLock(folder: string, name: LockName): FolderLock | LockRecord {
  const file = path.join(folder, name);
  const token = randomUUID();
  const mine: LockRecord = {
    pid: process.pid,
    start: startOf(process.pid) ?? "unknown",
    engine: undefined,
    url: undefined,
    startedAt: new Date().toISOString(),
    token,
  };
  for (let attempt = 0; attempt < greatestTries; attempt++) {
    if (createWhole(file, mine)) return lockOn(file, mine);
    const holder = readRecord(file);
    if (holder !== undefined && isSame(holder.pid, holder.start)) return holder;
    removeStale(file, holder);
  }
  const holder = readRecord(file);
  if (holder !== undefined) return holder;
  throw new Error(`${file} cannot be taken: other processes keep replacing it.`);
}

/** Who holds the folder now, if anybody does. */
export function readHolder(folder: string, name: LockName): LockRecord | undefined {
  const holder = readRecord(path.join(folder, name));
  return holder !== undefined && isSame(holder.pid, holder.start) ? holder : undefined;
}

/** The server of a supervisor that died, if it is not gone yet. */
export function orphanOf(
  folder: string,
  name: LockName,
): { readonly pid: number; readonly start: string } | undefined {
  const record = readRecord(path.join(folder, name));
  if (record?.engine === undefined || isSame(record.pid, record.start)) return undefined;
  return isSame(record.engine.pid, record.engine.start) ? record.engine : undefined;
}

/** The file appears with its whole content or not at all; false when it exists already. */
function createWhole(file: string, record: LockRecord): boolean {
  const draft = `${file}.${record.token}`;
  fs.writeFileSync(draft, JSON.stringify(record));
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Moves the file aside first: if another process replaced it meanwhile, that one is put back. */
function removeStale(file: string, judged: LockRecord | undefined): void {
  const aside = `${file}.${randomUUID()}.stale`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return;
  }
  const moved = readRecord(aside);
  try {
    if (moved !== undefined && moved.token !== judged?.token) fs.linkSync(aside, file);
  } catch {
    // A third process holds it by now; the server's own lock on the data decides between them.
  }
  fs.rmSync(aside, { force: true });
}

function readRecord(file: string): LockRecord | undefined {
  try {
    const record = JSON.parse(fs.readFileSync(file, "utf8")) as Partial<LockRecord>;
    return typeof record.pid === "number" && typeof record.start === "string"
      ? (record as LockRecord)
      : undefined;
  } catch {
    return undefined;
  }
}

function lockOn(file: string, first: LockRecord): FolderLock {
  let record = first;
  const isMine = () => readRecord(file)?.token === first.token;
  return {
    update: (fields) => {
      if (!isMine()) return;
      record = { ...record, ...fields };
      const draft = `${file}.${first.token}`;
      fs.writeFileSync(draft, JSON.stringify(record));
      fs.renameSync(draft, file);
    },
    release: () => {
      if (isMine()) fs.rmSync(file, { force: true });
    },
  };
}
