// Drives `moose dev` from outside: starts it, waits for its JSON lines, reads the memory of its processes.

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

const running = new Set();

/** Ends what a failed run left. */
export function stopAll() {
  return Promise.all([...running].map((moose) => moose.stop()));
}

export class MooseDev {
  #child;
  #waiting = [];

  constructor(folder) {
    this.startMs = performance.now();
    this.#child = spawn(process.execPath, [main, "dev", "--project", folder, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    running.add(this);
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      const event = JSON.parse(line);
      if (event.event === "problems" || event.event === "notice") process.stderr.write(`${line}\n`);
      this.#waiting = this.#waiting.filter((waiter) => !waiter(event));
    });
  }

  /** The next event of this name, with the time of its arrival. */
  next(name, timeoutMs = 60_000) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${name} event within ${timeoutMs} ms`)), timeoutMs);
      this.#waiting.push((event) => {
        if (event.event !== name) return false;
        clearTimeout(timer);
        resolve({ ...event, atMs: performance.now() });
        return true;
      });
    });
  }

  /** Resident memory in MB by process: moose, the engine, user code, the compiler's helper. */
  memory() {
    const pids = [this.#child.pid, ...descendants(this.#child.pid)];
    const named = pids.map((pid) => [role(pid, this.#child.pid), residentMb(pid)]);
    return Object.fromEntries(named.filter(([, mb]) => mb > 0));
  }

  stop() {
    running.delete(this);
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    return ended;
  }
}

function descendants(pid) {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === String(pid))
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function parentOf(pid) {
  return read(`/proc/${pid}/status`).match(/^PPid:\s+(\d+)/m)?.[1];
}

function residentMb(pid) {
  return Number(read(`/proc/${pid}/status`).match(/^VmRSS:\s+(\d+)/m)?.[1] ?? 0) / 1024;
}

function role(pid, mooseId) {
  if (pid === mooseId) return "moose dev";
  const command = read(`/proc/${pid}/cmdline`);
  if (command.includes("engine-process")) return "ClickHouse engine";
  return command.includes("esbuild") ? "esbuild" : "user code";
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
