// Starts migrating processes. Their code is bundled once, for they are many and have to start fast.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serialize } from "node:v8";
import { build, type Plugin } from "esbuild";
import type { Ending, Job, Moment, Told } from "./job.js";

export interface Migrating {
  readonly child: ChildProcess;
  /** Undefined when it was killed before its end. */
  readonly ended: Promise<Ending | undefined>;
  /** What it told of moments, in order. */
  readonly moments: { readonly moment: Moment; readonly operation: number }[];
  /** Settles when the process is gone. */
  kill(): Promise<void>;
}

const kafkaClient = new URL("../../node_modules/@platformatic/kafka/dist/index.js", import.meta.url).href;

/** It reads a file that lies beside its code. */
const kafkaOutside: Plugin = {
  name: "kafka outside",
  setup: (bundler) =>
    bundler.onResolve({ filter: /^@platformatic\/kafka$/ }, () => ({ path: kafkaClient, external: true })),
};

export class Processes {
  readonly #folder: string;
  readonly #children = new Set<ChildProcess>();
  #count = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Processes> {
    const folder = mkdtempSync(join(tmpdir(), "moose-migrating-"));
    await build({
      entryPoints: [fileURLToPath(new URL("migrating-process.ts", import.meta.url))],
      outfile: join(folder, "migrating.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      plugins: [kafkaOutside],
      banner: {
        js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
      },
    });
    return new Processes(folder);
  }

  start(job: Job): Migrating {
    const file = join(this.#folder, `job-${this.#count++}`);
    writeFileSync(file, serialize(job));
    const child = spawn(process.execPath, [join(this.#folder, "migrating.mjs"), file], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.add(child);
    const output = { out: "", error: "" };
    child.stdout.on("data", (piece) => {
      output.out += piece;
    });
    child.stderr.on("data", (piece) => {
      output.error += piece;
    });
    const moments: Migrating["moments"] = [];
    const ended = new Promise<Ending | undefined>((resolve, reject) => {
      child.once("close", (code, signal) => {
        this.#children.delete(child);
        let ending: Ending | undefined;
        for (const told of toldIn(output.out)) {
          if ("state" in told) ending = told;
          else moments.push(told);
        }
        if (signal === "SIGKILL") resolve(undefined);
        else if (ending === undefined || output.error !== "") reject(new Error(`${code}: ${output.error}`));
        else resolve(ending);
      });
    });
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await ended.catch(() => undefined);
    };
    return { child, ended, moments, kill };
  }

  run(job: Job): Promise<Ending | undefined> {
    return this.start(job).ended;
  }

  async close(): Promise<void> {
    const left = [...this.#children];
    await Promise.all(
      left.map((child) => {
        const gone = new Promise((resolve) => child.once("close", resolve));
        child.kill("SIGKILL");
        return gone;
      }),
    );
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A last line that was cut off by a kill is left out. */
function toldIn(output: string): readonly Told[] {
  return output
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Told);
}
