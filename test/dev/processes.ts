// Asks the system which processes there are: to see from outside that a command leaves none behind.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { isSame, startOf } from "../../runtime/process/process-identity.js";
import { until } from "./wait.js";

/** A process with its start, so that a later one with the same id is not taken for it. */
export interface KnownProcess {
  readonly pid: number;
  readonly start: string;
  readonly command: string;
}

/** All processes that descend from `pid`, itself not among them. */
export function descendants(pid: number): readonly KnownProcess[] {
  const parents = readParents();
  const found = [pid];
  for (let index = 0; index < found.length; index++) {
    for (const [child, parent] of parents) if (parent === found[index]) found.push(child);
  }
  return found.slice(1).flatMap(known);
}

export function known(pid: number): readonly KnownProcess[] {
  const start = startOf(pid);
  return start === undefined || start === "zombie" ? [] : [{ pid, start, command: commandOf(pid) }];
}

export function isAlive(process: KnownProcess): boolean {
  return isSame(process.pid, process.start);
}

/** Waits until all are gone; fails with those that are left. */
export async function gone(processes: readonly KnownProcess[], deadlineMs: number): Promise<void> {
  await until(
    () => !processes.some(isAlive),
    deadlineMs,
    () => `these processes are left: ${JSON.stringify(processes.filter(isAlive), undefined, 2)}`,
  );
}

function readParents(): ReadonlyMap<number, number> {
  if (!fs.existsSync("/proc/self/stat")) return parentsFromPs();
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(pids.flatMap((pid) => parentFromProc(Number(pid))));
}

function parentFromProc(pid: number): readonly (readonly [number, number])[] {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return [[pid, Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1])]];
  } catch {
    return [];
  }
}

function parentsFromPs(): ReadonlyMap<number, number> {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
      return [pid, parent] as const;
    }),
  );
}

function commandOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
