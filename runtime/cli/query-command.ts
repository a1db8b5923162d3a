// moose query and moose peek: rows of the project's database, one JSON object a line.

import { readFile, writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { versionedName } from "../../src/declare/columns.js";
import { hasErrors } from "../../src/diagnostic.js";
import { qualifiedName, quoteString } from "../../src/sql/quote.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { loadDesired, reachServer } from "../reconcile/project.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";
import type { PeekStreamFlags } from "./peek-stream.js";

interface QueryFlags extends ProjectFlags {
  readonly file?: string;
  readonly limit: number;
  readonly formatQuery?: string;
  readonly prettify?: boolean;
}

interface PeekFlags extends ProjectFlags, PeekStreamFlags {
  readonly table?: boolean;
  readonly stream?: boolean;
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("It is a whole number from 0 up.");
}

export function queryCommand(): Command {
  return withProjectOptions(new Command("query"))
    .description("Run a query on the project's database; it is read from standard input where none is given.")
    .argument("[sql]", "the query")
    .option("-f, --file <file>", "read the query from a file")
    .option("-l, --limit <n>", "print at most so many rows", count, 10_000)
    .option(
      "-c, --format-query <language>",
      "print the query as a literal of typescript or python, and do not run it",
    )
    .option("-p, --prettify", "with --format-query: lay it out over several lines")
    .action((sql: string | undefined, flags: QueryFlags) =>
      runOnce(flags, { needsCode: false, onlyLooks: true, printsResult: true }, async (shot) => {
        const text = (await queryText(sql, flags.file)).trim().replace(/;$/, "");
        if (text === "") return fail(shot, "cli/no-query", "there is no query", 'moose query "SELECT 1"');
        return withServer(shot, (clickhouse) =>
          flags.formatQuery === undefined
            ? printRows(shot, clickhouse, text, flags.limit)
            : printLiteral(shot, clickhouse, text, flags),
        );
      }),
    );
}

export function peekCommand(): Command {
  return withProjectOptions(new Command("peek"))
    .description("Print some rows of a table or view, or the last messages of a stream.")
    .argument("<name>", "the table, view or stream, as the code calls it")
    .option("-l, --limit <n>", "how many rows or messages", count, 5)
    .option("-f, --file <file>", "write them to a file")
    .option("-t, --table", "of a table; the default")
    .option("-s, --stream", "of a stream, or of any topic by its name; no consumer group is joined")
    .option("-d, --details", "with --stream: key, headers, partition, offset and time too")
    .option("-p, --prettify", "with --stream: lay messages out over several lines")
    .action((name: string, flags: PeekFlags) =>
      runOnce(
        flags,
        { needsCode: true, needsServer: flags.stream !== true, onlyLooks: true, printsResult: true },
        async (shot) =>
          flags.stream === true
            ? (await import("./peek-stream.js")).peekStream(shot, name, flags)
            : peek(shot, name, flags),
      ),
    );
}

async function queryText(sql: string | undefined, file: string | undefined): Promise<string> {
  if (sql !== undefined) return sql;
  if (file !== undefined) return readFile(file, "utf8");
  if (process.stdin.isTTY === true) return "";
  let text = "";
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

async function withServer(shot: OneShot, work: (clickhouse: ClickHouse) => Promise<number>): Promise<number> {
  const server = await reachServer(shot.settings, shot.stop);
  const { database } = shot.settings.clickhouse;
  const clickhouse = server.clickhouse.view({ database });
  try {
    return await work(clickhouse);
  } finally {
    await clickhouse.close();
    await server.close();
  }
}

async function printRows(
  shot: OneShot,
  clickhouse: ClickHouse,
  query: string,
  limit: number,
): Promise<number> {
  const isRead = /^\s*(\(|select\b|with\b|from\b|show\b|desc|explain\b|exists\b)/i.test(query);
  if (!isRead) {
    await clickhouse.command(query);
    shot.say("done");
    return 0;
  }
  const rows = await clickhouse.rows<unknown>(query);
  shot.print(
    rows
      .slice(0, limit)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(""),
  );
  if (rows.length > limit) shot.say(shot.colors.dim(`the first ${limit} of ${rows.length} rows`));
  return 0;
}

async function printLiteral(
  shot: OneShot,
  clickhouse: ClickHouse,
  query: string,
  { formatQuery: language = "", prettify = false }: QueryFlags,
): Promise<number> {
  const isPython = /^py(thon)?$/i.test(language);
  if (!isPython && !/^(ts|typescript)$/i.test(language))
    return fail(
      shot,
      "cli/unknown-language",
      `${language} is no language of literals`,
      "write typescript or python",
    );
  const call = prettify ? "formatQueryOrNull" : "formatQuerySingleLineOrNull";
  const [row] = await clickhouse.rows<{ text: string | null }>(
    `SELECT ${call}(${quoteString(query)}) AS text`,
  );
  if (row?.text == null) return fail(shot, "cli/no-query", "ClickHouse cannot read the query", undefined);
  shot.print(
    isPython ? `r"""\n${row.text}\n"""\n` : `sql\`\n${row.text.replace(/[\\`]|\$\{/g, "\\$&")}\n\`\n`,
  );
  return 0;
}

async function peek(shot: OneShot, name: string, flags: PeekFlags): Promise<number> {
  const code = await loadDesired(shot.settings, (line) => shot.say(shot.colors.dim(`| ${line}`)));
  shot.problems(code.diagnostics);
  if (hasErrors(code.diagnostics)) return 1;
  const object = code.objects?.find(
    (one) => one.name === name || versionedName(one.name, one.version) === name,
  );
  const wanted = object === undefined ? name : versionedName(object.name, object.version);
  const found = [...code.map.tables.values(), ...code.map.views.values()].find((one) => one.name === wanted);
  const of = found ?? { database: shot.settings.clickhouse.database, name };
  return withServer(shot, async (clickhouse) => {
    const rows = await clickhouse.rows<unknown>(`SELECT * FROM ${qualifiedName(of)} LIMIT ${flags.limit}`);
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    if (flags.file === undefined) shot.print(text);
    else await writeFile(flags.file, text);
    shot.say(
      shot.colors.dim(`${rows.length} ${rows.length === 1 ? "row" : "rows"} of ${of.database}.${of.name}`),
    );
    return 0;
  });
}

function fail(shot: OneShot, code: string, summary: string, hint: string | undefined): number {
  shot.problems([{ code, severity: "error", summary, hint }]);
  return 1;
}
