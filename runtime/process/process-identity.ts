// Tells a process apart from a later one with the same id, by the time at which it started.

import { execFileSync } from "node:child_process";
import fs from "node:fs";

/** A process id with its start, in whatever unit the platform gives; undefined when there is no such process. */
export function startOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  return fromProc(pid) ?? fromPs(pid) ?? "unknown";
}

/** Whether `pid` is still the process whose start was noted as `start`. */
export function isSame(pid: number, start: string): boolean {
  return startOf(pid) === start;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Field 22 of Linux's stat; the name before it is in brackets and may hold anything. A zombie counts as gone. */
function fromProc(pid: number): string | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "zombie" : fields[19];
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): string | undefined {
  try {
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      timeout: 2_000,
    });
    return text.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The resident memory of a process in bytes; undefined when it cannot be told. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return fromPsResident(pid);
  }
}

function fromPsResident(pid: number): number | undefined {
  try {
    const text = execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8", timeout: 2_000 });
    return Number(text.trim()) * 1024 || undefined;
  } catch {
    return undefined;
  }
}
