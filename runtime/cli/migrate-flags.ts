// The flags of moose migrate, and what becomes of them.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { MigrateOptions } from "../reconcile/migrate-options.js";
import { userName } from "../reconcile/run.js";
import type { OneShot, ProjectFlags } from "./one-shot.js";
import { mooseVersion } from "./version.js";

export interface MigrateFlags extends ProjectFlags {
  readonly lockTimeout: number;
  readonly statementTimeout: number;
  readonly repair?: boolean;
  readonly markApplied?: boolean;
  readonly markNotApplied?: boolean;
  readonly validate?: boolean;
  readonly baseline?: string;
}

export function optionsOf(
  { settings, stop }: OneShot,
  flags: MigrateFlags,
): Omit<MigrateOptions, "source" | "onEvent"> {
  const mark =
    flags.markApplied === true ? "applied" : flags.markNotApplied === true ? "not-applied" : undefined;
  return {
    project: settings.project,
    database: settings.clickhouse.database,
    owner: { id: randomUUID(), host: hostname(), pid: process.pid, command: "moose migrate" },
    who: whoRuns(),
    toolVersion: mooseVersion(),
    lockTimeoutMs: flags.lockTimeout * 1_000,
    statementDeadlineMs: flags.statementTimeout * 1_000,
    repair: flags.repair === true,
    mark,
    stop,
  };
}

/** What CI says of who began the job, else the user of the system. */
function whoRuns(): string {
  const { GITHUB_ACTOR, GITLAB_USER_LOGIN, BUILD_USER_ID } = process.env;
  return GITHUB_ACTOR ?? GITLAB_USER_LOGIN ?? BUILD_USER_ID ?? userName();
}
