// Statements of three kinds, each of which shows at the server how often it was executed, and a run that sends them.

import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { awaitMutations } from "../../runtime/clickhouse/mutations.js";
import { isRunning } from "../../runtime/clickhouse/running.js";
import { type Outcome, type SendOptions, send } from "../../runtime/clickhouse/send.js";
import { type JournalEntry, nextStep, type Observed } from "../../src/apply/next-step.js";
import { natureOf } from "../../src/sql/statement-nature.js";

export type Kind = "CREATE" | "INSERT" | "UPDATE";
export const kinds: readonly Kind[] = ["CREATE", "INSERT", "UPDATE"];

export interface Counted {
  readonly sql: string;
  readonly queryId: string;
  readonly mutation: boolean;
  observe(): Promise<Observed>;
  /** How often the server has executed it, refused attempts to make it again counted in. */
  executions(): Promise<number>;
}

const tableExists = 57;
let last = 0;

/** @param direct - reaches the server without faults, for preparing and counting */
export async function counted(direct: ClickHouse, database: string, kind: Kind): Promise<Counted> {
  const name = `t${++last}`;
  const table = `${database}.${name}`;
  const definition = `CREATE TABLE ${table} (n UInt64) ENGINE = MergeTree ORDER BY tuple()`;
  const base = { queryId: `statement-${database}-${last}`, mutation: kind === "UPDATE" };
  if (kind !== "CREATE") await direct.command(definition);
  if (kind === "UPDATE") await direct.command(`INSERT INTO ${table} VALUES (0)`);
  const refusedBefore = await errorsOf(direct, tableExists);
  const numberOf = async (sql: string) => Number((await direct.rows<{ n: string }>(sql))[0]?.n ?? 0);
  const tables = () =>
    numberOf(`SELECT count() AS n FROM system.tables WHERE database = '${database}' AND name = '${name}'`);
  switch (kind) {
    case "CREATE":
      return {
        ...base,
        sql: definition,
        observe: async () => ((await tables()) === 1 ? "after" : "before"),
        executions: async () => (await tables()) + (await errorsOf(direct, tableExists)) - refusedBefore,
      };
    case "INSERT":
      return {
        ...base,
        sql: `INSERT INTO ${table} SELECT number FROM numbers(1)`,
        observe: async () => "unobservable",
        executions: () => numberOf(`SELECT count() AS n FROM ${table}`),
      };
    case "UPDATE":
      return {
        ...base,
        sql: `ALTER TABLE ${table} UPDATE n = n + 1 WHERE 1`,
        observe: async () => "unobservable",
        executions: async () => {
          await awaitMutations(direct, { database, name }, new Set());
          return await numberOf(`SELECT n FROM ${table}`);
        },
      };
  }
}

async function errorsOf(direct: ClickHouse, code: number): Promise<number> {
  const rows = await direct.rows<{ value: string }>(
    `SELECT toString(sum(value)) AS value FROM system.errors WHERE code = ${code}`,
  );
  return Number(rows[0]?.value ?? 0);
}

/** What a run says of a statement in the end. */
export type Verdict = "done" | "refused" | "stopped";

const mostSteps = 30;

/** Sends, looks and decides until it is settled, as a run does that keeps a journal. */
export async function settle(
  clickhouse: ClickHouse,
  statement: Counted,
  options: SendOptions,
): Promise<Verdict> {
  let journal: JournalEntry = "none";
  for (let steps = 0; steps < mostSteps; steps++) {
    const next = nextStep({
      operation: statement.queryId,
      journal,
      observed: await statement.observe(),
      // A server that cannot be asked may be at work on it.
      running: await isRunning(clickhouse, statement.queryId).catch(() => true),
      repeatable: natureOf(statement.sql).repeatable,
      log: "silent",
    });
    if (next.step === "done") return "done";
    if (next.step === "stop") return "stopped";
    if (next.step === "wait") await sleep(50);
    if (next.step !== "send") continue;
    const outcome: Outcome = await send(clickhouse, statement, options);
    if (outcome.state === "refused") return "refused";
    journal = outcome.state === "done" || (outcome.state === "already" && next.again) ? "done" : "intent";
  }
  throw new Error(`${statement.sql} is not settled after ${mostSteps} steps`);
}
