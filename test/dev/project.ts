// A throwaway project on disk.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export type Files = Readonly<Record<string, string>>;

/** Any free port for the embedded ClickHouse, so that projects do not meet. */
export const anyPort = "[clickhouse_config]\nhost_port = 0\n";

export class Project {
  readonly folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "moose-dev-")));

  /** @param files - texts by path; without `moose.config.toml` the project gets one with a free port */
  constructor(files: Files) {
    this.save({ "moose.config.toml": anyPort, ...files });
  }

  path(file: string): string {
    return path.join(this.folder, file);
  }

  /** Writes files as an editor does that opens and overwrites them. */
  save(files: Files): void {
    for (const [file, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(this.path(file)), { recursive: true });
      fs.writeFileSync(this.path(file), text);
    }
  }

  delete(...files: readonly string[]): void {
    for (const file of files) fs.rmSync(this.path(file), { recursive: true });
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
