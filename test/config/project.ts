// A project in a temporary folder, whose settings are read as a command would.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type Overrides, type ReadSettings, readSettings } from "../../runtime/config/settings.js";
import { type Diagnostic, formatPlace } from "../../src/diagnostic.js";

export interface ProjectOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly mode?: "dev" | "prod";
  readonly environment?: Readonly<Record<string, string>>;
  readonly overrides?: Overrides;
}

/** Writes the files, with an entry file unless `files` names one, and removes the folder after the test. */
export async function makeProject(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "moose-config-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({
    "app/index.ts": "",
    "package.json": '{"name":"shop"}',
    ...files,
  })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

export async function settingsOf(options: ProjectOptions = {}): Promise<ReadSettings> {
  const { files, mode = "dev", environment = {}, overrides = {} } = options;
  return readSettings({ folder: await makeProject(files), mode, environment, overrides });
}

/** `severity place code: summary | hint`, one line a diagnostic. */
export function lines(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ severity, place, code, summary, hint }) =>
    [
      severity,
      ...(place ? [formatPlace(place)] : []),
      `${code}: ${summary}`,
      ...(hint ? [`| ${hint}`] : []),
    ].join(" "),
  );
}
