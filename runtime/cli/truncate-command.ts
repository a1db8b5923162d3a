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
import { type LastRows, lastRows, withoutLastRows } from "./last-rows.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";

interface TruncateFlags extends ProjectFlags {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly rows?: string;
}

/** What is deleted of a table, and how. */
interface Deletion {
  readonly table: Table;
  /** `all rows of local.hits` */
  readonly what: string;
  readonly done: string;
  /** Undefined where there is nothing to delete. */
  readonly statement: string | undefined;
}

export function truncateCommand(): Command {
  return withProjectOptions(new Command("truncate"))
    .description(
      "Delete the rows of tables. Asks first; tables that are protected or managed elsewhere are refused.",
    )
    .argument("[tables...]", "names of tables, or database.name")
    .option("--all", "all tables that the code declares and moose may change")
    .option("--rows <n>", "only the last n rows of each, by its sorting key")
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
    const rows = flags.rows === undefined ? undefined : Number(flags.rows);
    const problems = [
      ...(rows === undefined || (Number.isSafeInteger(rows) && rows > 0) ? [] : [badRows(flags.rows ?? "")]),
      ...(rows === undefined ? [] : named.flatMap((one) => (one && withoutLastRows(one)) ?? [])),
      ...(named.length === 0 ? [nothingNamed] : []),
      ...named.flatMap((one, index) => refusal(one, names[index] ?? "", lifeCycleOf)),
    ];
    shot.problems(problems);
    if (problems.length > 0) return 1;
    const tables = named.flatMap((table) => table ?? []);
    const deletions =
      rows === undefined
        ? tables.map(wholeTable)
        : (await Promise.all(tables.map((table) => lastRows(clickhouse, table, rows)))).map(ofLastRows);
    return await deleted(shot, deletions, flags, (sql) => clickhouse.command(sql));
  } finally {
    await server.close();
  }
}

function wholeTable(table: Table): Deletion {
  return {
    table,
    what: `all rows of ${addressOf(table)}`,
    done: `${addressOf(table)} is empty`,
    statement: `TRUNCATE TABLE ${qualifiedName(table)}`,
  };
}

function ofLastRows({ table, count, statement }: LastRows): Deletion {
  const rows = count === 1 ? "1 row" : `${count} rows`;
  const [what, done] = [
    `the last ${rows} of ${addressOf(table)}`,
    `${addressOf(table)} has lost its last ${rows}`,
  ];
  return { table, what, done: count === 0 ? `${addressOf(table)} is empty` : done, statement };
}

async function deleted(
  shot: OneShot,
  deletions: readonly Deletion[],
  { yes }: TruncateFlags,
  run: (sql: string) => Promise<void>,
): Promise<number> {
  const list = deletions.map(({ what }) => what).join(", ");
  if (yes !== true) {
    if (!shot.isInteractive) {
      shot.problems([unconfirmed(list)]);
      return 1;
    }
    if (!(await askYes(`${capital(list)} will be gone. Delete them?`, shot.stop))) {
      shot.say("nothing was deleted");
      return 0;
    }
  }
  for (const { statement, done } of deletions) {
    if (statement !== undefined) await run(statement);
    shot.say(done);
  }
  if (shot.isJson) shot.json({ truncated: deletions.map(({ table }) => addressOf(table)) });
  return 0;
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function badRows(given: string): Diagnostic {
  return {
    code: "cli/bad-flag",
    severity: "error",
    summary: `--rows takes a number from 1 up, not ${given.slice(0, 40)}`,
  };
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
    summary: `${list} would be gone`,
    hint: "say so with --yes",
  };
}
