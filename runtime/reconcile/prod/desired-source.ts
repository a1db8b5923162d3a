// What a server is to bring about: from the build of the project, or from its code where there is none.

import { existsSync } from "node:fs";
import { type Diagnostic, hasErrors } from "../../../src/diagnostic.js";
import type { InfraMap } from "../../../src/infra/inframap.js";
import { inframapHash } from "../../../src/infra/inframap-text.js";
import type { Settings } from "../../config/settings.js";
import { type BuildResult, buildFile, readBuild } from "../build.js";
import { missingVariables } from "../missing-variables.js";
import { loadDesired } from "../project.js";

export interface DesiredState {
  readonly map: InfraMap;
  /** Names what is declared. */
  readonly hash: string;
  /** Undefined where the code was read. */
  readonly builtAtMs: number | undefined;
}

export type DesiredResult =
  | { readonly desired: DesiredState; readonly warnings: readonly Diagnostic[] }
  | { readonly problems: readonly Diagnostic[] };

/** @param onNotice - told in a sentence why the code is read, and what the code prints */
export async function readDesired(
  settings: Settings,
  version: string,
  onNotice: (text: string) => void,
): Promise<DesiredResult> {
  const found = await readBuild(settings, version);
  if (found.kind === "read") {
    const { map, builtAtMs } = found.build;
    const missing = missingVariables(map, settings.environment);
    if (missing.length > 0) return { problems: missing };
    return { desired: { map, hash: inframapHash(map), builtAtMs }, warnings: [] };
  }
  const why = found.kind === "absent" ? `there is no ${buildFile}` : found.reason;
  if (!existsSync(settings.entryFile)) return { problems: [nothingToRead(why, found)] };
  onNotice(`${why}: the schema is read from the code, which takes longer; moose build writes it`);
  const { map, diagnostics } = await loadDesired(settings, (line) => onNotice(`| ${line}`));
  const problems = [...diagnostics, ...missingVariables(map, settings.environment)];
  if (hasErrors(problems)) return { problems };
  return { desired: { map, hash: inframapHash(map), builtAtMs: undefined }, warnings: diagnostics };
}

function nothingToRead(why: string, found: Exclude<BuildResult, { kind: "read" }>): Diagnostic {
  const hasSecrets = found.kind === "stale" && found.hasSecrets === true;
  return {
    code: "reconcile/no-schema",
    severity: "error",
    summary: `${why}, and the code is not here`,
    hint: hasSecrets
      ? 'take each secret from the environment of the server, mooseRuntimeEnv.get("VARIABLE") in the code, and run moose build again; or put the code into the image'
      : "run moose build when the image is made, or put the code into it",
  };
}
