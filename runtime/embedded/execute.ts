// Runs one statement on a connection: streams rows out, data in, and reports what was read or written.

import type { Answer, Summary } from "./answer.js";
import type { RequestBody } from "./body.js";
import type { Connection, InsertOutcome, QueryOutcome } from "./chdb-addon.js";
import type { Engine } from "./engine.js";
import { readPipe, type Slot, type SlotPool, writeData, writePipe } from "./pipes.js";
import { killStatement, showClientQueryIds } from "./process-list.js";
import type { QueryRequest } from "./request.js";
import { literal, preamble } from "./script.js";
import { fromEngine, ServerError } from "./server-error.js";
import type { Statement } from "./statement.js";

/** Data up to this size goes to the engine in one piece; more of it goes through a pipe. */
export const insertBufferBytes = 4 * 1024 * 1024;

export interface Execution {
  readonly engine: Engine;
  readonly slots: SlotPool;
  readonly connection: Connection;
  readonly request: QueryRequest;
  readonly answer: Answer;
  readonly body: RequestBody;
  readonly signal: AbortSignal;
}

/** The statement with its own text; `data` is what of an INSERT's data is already there. */
export interface Work {
  readonly statement: Statement;
  readonly sql: string;
  readonly data: Buffer;
}

/** Runs the work and returns what the summary says. Throws what went wrong as a `ServerError`. */
export async function execute(run: Execution, work: Work): Promise<Summary> {
  const { statement, sql } = work;
  switch (statement.kind) {
    case "empty":
    case "refused":
      await checkDatabase(run);
      throw refusalOf(statement);
    case "rows":
      return resultSummary(await streamRows(run, sql, statement));
    case "insert-select":
      return writtenSummary(await insert(run, sql.slice(0, statement.end)));
    case "insert-data":
      return writtenSummary(await insertData(run, work, statement));
    case "other":
      return resultSummary(await runOther(run, sql, statement));
  }
}

/** An unknown database is told first, whatever the statement, since callers use it as a fence. */
async function checkDatabase(run: Execution): Promise<void> {
  try {
    await run.engine.query(run.connection, `${preamble(run.request)}SELECT 1`, "Null");
  } catch (thrown) {
    throw fromEngine(thrown);
  }
}

function refusalOf(statement: Statement & { kind: "empty" | "refused" }): ServerError {
  if (statement.kind === "empty") return new ServerError(62, "SYNTAX_ERROR", "Syntax error: Empty query.");
  return new ServerError(statement.code, statement.name, statement.message);
}

function resultSummary(outcome: QueryOutcome): Summary {
  // What the addon calls read is what was returned; what was read from storage it does not tell.
  return { result_rows: String(outcome.rowsRead), result_bytes: String(outcome.bytesRead) };
}

function writtenSummary(outcome: InsertOutcome): Summary {
  return { written_rows: String(outcome.rowsWritten), written_bytes: String(outcome.bytesWritten) };
}

function checkedFormat(name: string): string {
  if (/^[A-Za-z0-9_]+$/.test(name)) return name;
  throw new ServerError(73, "UNKNOWN_FORMAT", `Unknown format ${name}.`);
}

/** The engine writes the result into a pipe, in the format asked for, and we pass it on. */
async function streamRows(
  run: Execution,
  sql: string,
  statement: Statement & { kind: "rows" },
): Promise<QueryOutcome> {
  const format = checkedFormat(statement.format ?? run.request.defaultFormat);
  run.answer.setFormat(format);
  const slot = run.slots.take();
  const clause = ` INTO OUTFILE ${literal(slot.pipe)} TRUNCATE `;
  const tail =
    statement.format === undefined ? `FORMAT ${format}` : sql.slice(statement.clauseAt, statement.end);
  const text = showClientQueryIds(`${sql.slice(0, statement.clauseAt)}\n${clause}${tail}`);
  // A piece that nobody takes ends the reading: the engine's next write then fails, and its query with it.
  const reader = readPipe(slot.pipe, (chunk) =>
    run.signal.aborted ? Promise.reject(new Error("the client went away")) : run.answer.write(chunk),
  );
  try {
    return await run.engine.query(run.connection, preamble(run.request) + text, "TabSeparated");
  } catch (thrown) {
    const added = statement.format === undefined ? `\n${clause}${tail}` : `\n${clause}`;
    throw fromEngine(thrown, [added, added.trim(), clause, clause.trim()]);
  } finally {
    reader.writerIsDone();
    await reader.finished.catch(() => undefined);
    run.slots.give(slot);
  }
}

async function runOther(
  run: Execution,
  sql: string,
  statement: Statement & { kind: "other" },
): Promise<QueryOutcome> {
  const format = checkedFormat(run.request.defaultFormat);
  run.answer.setFormat(statement.format ?? format);
  const kill = statement.keyword === "KILL" ? killStatement(sql.slice(0, statement.end)) : undefined;
  const text = kill?.sql ?? sql.slice(0, statement.end);
  try {
    const outcome = await run.engine.query(run.connection, preamble(run.request) + text, format);
    if (kill?.condition !== undefined) await untilGone(run.engine, kill.condition);
    if (outcome.bytes.length > 0) await run.answer.write(Buffer.from(outcome.bytes));
    return outcome;
  } catch (thrown) {
    throw fromEngine(thrown);
  }
}

const killWaitMs = 10_000;
const killPollMs = 50;

async function untilGone(engine: Engine, condition: string): Promise<void> {
  const sql = `SELECT count() FROM system.processes WHERE (${condition}) AND is_cancelled`;
  for (let waitedMs = 0; waitedMs < killWaitMs; waitedMs += killPollMs) {
    if ((await engine.control(sql)).trim() === "0") return;
    await new Promise((resolve) => setTimeout(resolve, killPollMs));
  }
}

/** Runs an INSERT that brings its data by itself. `hidden` is text of ours to leave out of errors. */
async function insert(run: Execution, sql: string, hidden: readonly string[] = []): Promise<InsertOutcome> {
  try {
    return await run.engine.insert(run.connection, preamble(run.request) + sql);
  } catch (thrown) {
    throw fromEngine(thrown, hidden);
  }
}

/**
 * Data never stands behind the statement in the engine's input: there the engine looks for the end of the
 * statement inside it, and silently cuts it short. It is read from a file if it is small, else from a pipe.
 */
async function insertData(
  run: Execution,
  work: Work,
  statement: Statement & { kind: "insert-data" },
): Promise<InsertOutcome> {
  const format = checkedFormat(statement.format);
  run.answer.setFormat(format);
  const data = await run.body.upTo(insertBufferBytes, work.data);
  const before = work.sql.slice(0, statement.clauseAt);
  const after = work.sql.slice(statement.clauseAt, statement.intoEnd);
  const insertFrom = (file: string) => {
    const clause = ` FROM INFILE ${literal(file)} `;
    return insert(run, `${before}${clause}${after} FORMAT ${format}`, [clause, clause.trim()]);
  };
  if (run.body.ended && data.length === 0) return insertFrom("/dev/null");
  const slot = run.slots.take();
  try {
    return run.body.ended
      ? await insertFrom(await writeData(slot, data))
      : await insertThrough(run, slot, insertFrom, data);
  } finally {
    run.slots.give(slot);
  }
}

/** Feeds the engine through a pipe, at its pace. */
async function insertThrough(
  run: Execution,
  slot: Slot,
  insertFrom: (file: string) => Promise<InsertOutcome>,
  data: Buffer,
): Promise<InsertOutcome> {
  const writer = writePipe(slot.pipe);
  try {
    let ended = false;
    const inserted = insertFrom(slot.pipe);
    const settled = inserted.then(
      () => undefined,
      () => undefined,
    );
    void settled.then(() => {
      ended = true;
    });
    const broken = await Promise.race([feed(run, writer.write, data, () => ended), settled]);
    // A request that broke off must not look like a complete one: stop the query before its input ends.
    if (broken !== undefined) await run.engine.kill(run.request.queryId);
    writer.close();
    if (broken === undefined) return await inserted;
    await settled;
    throw broken;
  } finally {
    writer.close();
  }
}

/** Passes the whole body on; returns an error when the client's side broke. */
async function feed(
  run: Execution,
  write: (chunk: Uint8Array) => Promise<void>,
  first: Buffer,
  stopped: () => boolean,
): Promise<ServerError | undefined> {
  let piece: Buffer | undefined = first;
  while (piece !== undefined && !stopped()) {
    await write(piece);
    try {
      piece = await run.body.next();
    } catch (error) {
      return fromEngine(error);
    }
  }
  return undefined;
}
