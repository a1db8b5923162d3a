// moose migrate in a project with a chain: applies the files that the database has not seen, or records them.

import { existsSync } from "node:fs";
import type { Colors } from "picocolors/types.js";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { FoldedChain } from "../../src/format/chain.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { Normaliser } from "../clickhouse/normalise.js";
import { baselineChain } from "../reconcile/chain-baseline.js";
import { migrateChain } from "../reconcile/chain-migrate.js";
import type { ChainResult } from "../reconcile/chain-options.js";
import { behindCode, planChain } from "../reconcile/chain-plan.js";
import { loadExactly, type ReachedKafka, reachKafka, reachServer } from "../reconcile/project.js";
import { readFolded } from "./generate-chain.js";
import { type MigrateFlags, optionsOf } from "./migrate-flags.js";
import { type MigrateView, migrateView, operationCount } from "./migrate-view.js";
import type { OneShot } from "./one-shot.js";

export async function runChain(shot: OneShot, flags: MigrateFlags): Promise<number> {
  const chain = await readFolded(shot);
  if (chain === undefined) return 1;
  if (chain.files.length === 0) {
    shot.problems([noFiles]);
    return 1;
  }
  const server = await reachServer(shot.settings, shot.stop);
  const kafka = await reachKafka(shot.settings);
  try {
    if (flags.baseline === undefined) {
      const problems = await codeProblems(shot, server.clickhouse, chain);
      shot.problems(problems);
      if (hasErrors(problems)) return 1;
    }
    return await execute(shot, flags, { clickhouse: server.clickhouse, kafka }, chain);
  } finally {
    await Promise.all([server.close(), kafka.close()]);
  }
}

/** Where code is present the whole chain has to lead to what it says. */
async function codeProblems(
  { settings, colors, say }: OneShot,
  clickhouse: ClickHouse,
  chain: FoldedChain,
): Promise<readonly Diagnostic[]> {
  if (!existsSync(settings.entryFile)) return [];
  const code = await loadExactly(settings, (line) => say(colors.dim(`| ${line}`)));
  if (hasErrors(code.diagnostics)) return code.diagnostics;
  const ignored = settings.migration.ignoreOperations;
  return behindCode(await planChain(chain.map, code.map, new Normaliser(clickhouse, undefined), { ignored }));
}

async function execute(
  shot: OneShot,
  flags: MigrateFlags,
  { clickhouse, kafka }: { readonly clickhouse: ClickHouse; readonly kafka: ReachedKafka },
  { links }: FoldedChain,
): Promise<number> {
  let view: MigrateView = migrateView(shot, 0);
  const options = {
    ...optionsOf(shot, flags),
    ...{ links, kafka },
    onEvent: (event: Parameters<MigrateView["onEvent"]>[0]) => view.onEvent(event),
    onFile: (file: { readonly id: string; readonly operations: readonly unknown[] }) => {
      view.end();
      shot.say(file.id);
      view = migrateView(shot, file.operations.length);
    },
  };
  const id = flags.baseline;
  const result = await (id === undefined
    ? migrateChain(clickhouse, options)
    : baselineChain(clickhouse, { ...options, id })
  ).finally(() => view.end());
  for (const line of resultLines(result, shot.colors, id !== undefined)) shot.say(line);
  if ("diagnostics" in result) shot.problems(result.diagnostics);
  if (shot.isJson) shot.json(result);
  return result.state === "applied" || result.state === "already-applied" ? 0 : 1;
}

function resultLines(result: ChainResult, colors: Colors, isBaseline: boolean): readonly string[] {
  switch (result.state) {
    case "applied": {
      const done = isBaseline ? "recorded as applied" : "applied";
      return [colors.green(`${migrationCount(result.files.length)} ${done}`)];
    }
    case "already-applied":
      return ["already applied: this database has seen every migration"];
    case "refused":
      return [colors.red("nothing was changed")];
    case "unfinished": {
      const done = result.operations.filter(({ state }) => state === "applied" || state === "done-before");
      return [
        colors.red(
          `unfinished: ${migrationCount(result.files.length)} applied, and ${operationCount(done.length)} of the next`,
        ),
      ];
    }
  }
}

function migrationCount(n: number): string {
  return `${n} ${n === 1 ? "migration" : "migrations"}`;
}

const noFiles: Diagnostic = {
  code: "cli/no-migrations",
  severity: "error",
  summary: "there are no migrations below migrations/",
  hint: "moose generate migration --save writes the first one",
};
