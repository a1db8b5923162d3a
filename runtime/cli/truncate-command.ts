// moose truncate: takes all rows out of tables, when somebody has said so.

import { Command } from "commander";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import { addressOf, tableAddress } from "../../src/infra/address.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";
import { qualifiedName } from "../../src/sql/quote.js";
import { inspect } from "../clickhouse/inspect.js";
import { readState } from "../clickhouse/state.js";
import { loadDesired, reachServer } from "../reconcile/project.js";
import { askYes } from "./ask.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";

interface TruncateFlags extends ProjectFlags {
  readonly all?: boolean;
  readonly yes?: boolean;
}

export function truncateCommand(): Command {
  return withProjectOptions(new Command("truncate"))
    .description(
      "Delete all rows of tables. Asks first; tables that are protected or managed elsewhere are refused.",
    )
    .argument("[tables...]", "names of tables, or database.name")
    .option("--all", "all tables that the code declares and moose may change")
    .option("--yes", "do not ask")
    .action((tables: readonly string[], flags: TruncateFlags) =>
      runOnce(flags, { needsCode: true, onlyLooks: false }, (shot) => truncate(shot, tables, flags)),
    );
}

async function truncate(shot: OneShot, names: readonly string[], flags: TruncateFlags): Promise<number> {
  const { settings, colors } = shot;
  const loading = loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  const [code, server] = await Promise.all([loading, reachServer(settings, shot.stop)]);
  try {
    shot.problems(code.diagnostics);
    if (hasErrors(code.diagnostics)) return 1;
    const { clickhouse } = server;
    const { database } = settings.clickhouse;
    const declared = code.map.tables;
    const databases = [...new Set([database, ...[...declared.values()].map((table) => table.database)])];
    const live = (await inspect(clickhouse, { databases })).map(({ table }) => table);
    const state = await readState(clickhouse, settings.project);
    const lifeCycleOf = (table: Table) =>
      declared.get(addressOf(table))?.lifeCycle ??
      state.get(addressOf(table))?.lifeCycle ??
      LifeCycle.EXTERNALLY_MANAGED;
    const named =
      flags.all === true
        ? live.filter(
            (table) => declared.has(addressOf(table)) && lifeCycleOf(table) === LifeCycle.FULLY_MANAGED,
          )
        : names.map((name) => findTable(live, name, database));
    const problems = [
      ...(named.length === 0 ? [nothingNamed] : []),
      ...named.flatMap((one, index) => refusal(one, names[index] ?? "", lifeCycleOf)),
    ];
    shot.problems(problems);
    if (problems.length > 0) return 1;
    const tables = named.flatMap((table) => table ?? []);
    return await emptied(shot, tables, flags, (sql) => clickhouse.command(sql));
  } finally {
    await server.close();
  }
}

async function emptied(
  shot: OneShot,
  tables: readonly Table[],
  { yes }: TruncateFlags,
  run: (sql: string) => Promise<void>,
): Promise<number> {
  const list = tables.map(addressOf).join(", ");
  if (yes !== true) {
    if (!shot.isInteractive) {
      shot.problems([unconfirmed(list)]);
      return 1;
    }
    if (!(await askYes(`All rows of ${list} will be gone. Delete them?`, shot.stop))) {
      shot.say("nothing was deleted");
      return 0;
    }
  }
  for (const table of tables) {
    await run(`TRUNCATE TABLE ${qualifiedName(table)}`);
    shot.say(`${addressOf(table)} is empty`);
  }
  if (shot.isJson) shot.json({ truncated: tables.map(addressOf) });
  return 0;
}

function findTable(live: readonly Table[], name: string, database: string): Table | undefined {
  const addresses = [name, tableAddress(database, name)];
  return live.find(
    (table) => addresses.includes(addressOf(table)) || `${table.database}.${table.name}` === name,
  );
}

function refusal(
  table: Table | undefined,
  name: string,
  lifeCycleOf: (table: Table) => LifeCycle,
): readonly Diagnostic[] {
  if (table === undefined)
    return [{ code: "cli/no-table", severity: "error", summary: `there is no table ${name}` }];
  const lifeCycle = lifeCycleOf(table);
  if (lifeCycle === LifeCycle.FULLY_MANAGED) return [];
  return [
    {
      code: "cli/protected-table",
      severity: "error",
      summary: `${addressOf(table)} is ${lifeCycle}, and its rows are not deleted`,
      hint: "declare it as LifeCycle.FULLY_MANAGED, or truncate it in ClickHouse yourself",
    },
  ];
}

const nothingNamed: Diagnostic = {
  code: "cli/no-table",
  severity: "error",
  summary: "no table is named",
  hint: "name tables, or say --all",
};

function unconfirmed(list: string): Diagnostic {
  return {
    code: "cli/unconfirmed-destruction",
    severity: "error",
    summary: `all rows of ${list} would be gone`,
    hint: "say so with --yes",
  };
}
