// Commands of the built moose that run once, in a throwaway project.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { Project } from "../dev/project.js";

const builtMain = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  /** Standard output and error. */
  readonly text: string;
}

export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  text = "";

  constructor(folder: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [builtMain, ...args, "--project", folder], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.text += chunk;
      });
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code) => resolve({ code, text: this.text }));
    });
  }
}

/** A project of its own for a test. */
export function projectOf(files: Readonly<Record<string, string>>): Project {
  const project = new Project(files);
  onTestFinished(() => project.remove());
  return project;
}

export function moose(project: Project, ...args: readonly string[]): Promise<Ended> {
  return new Command(project.folder, args).ended;
}
