// A statement in which names without a database mean the project's, behind the fence all the same: by way of a session.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClickHouse, type CommandOptions, errorCode, errorText } from "./client.js";
import { StatementError } from "./statement.js";

/**
 * A request names one database, the fence's: what a statement makes without naming a database would be in that one, and
 * go with it. So a request with the fence opens a short session, and the statement itself, with the project's database,
 * is refused when that session is over. Nobody takes the lock before then: an owner is waited for 15 s from its last
 * sign of life, which is at most 10 s old when the session is opened.
 */
export interface SessionFence {
  /** Every request of it names the fence. */
  readonly fenced: ClickHouse;
  /** The same server, where requests name none. */
  readonly plain: ClickHouse;
}

const sessionS = 2;
/** The server ends sessions once a second. */
const longestSessionMs = (sessionS + 1) * 1_000;
/** A request that took longer may have reached the server when the lock was as good as gone. */
const longestOpeningMs = 1_000;
const mostOpenings = 10;

/** @param inDatabase - of the project */
export async function commandInSession(
  { fenced, plain }: SessionFence,
  sql: string,
  options: CommandOptions & { readonly inDatabase: string },
): Promise<void> {
  const session = await openSession(fenced);
  const { id, openedMs } = session;
  try {
    await plain.command(sql, { ...options, session: { id, timeoutS: sessionS, mustExist: true } });
  } catch (error) {
    // A copy that is held up on the way must not come in when this one counts as over.
    if (errorCode(error) === undefined) await untilOver(openedMs);
    throw error;
  }
}

async function openSession(fenced: ClickHouse) {
  for (let opening = 1; opening <= mostOpenings; opening++) {
    const id = randomUUID();
    const sentMs = performance.now();
    try {
      await fenced.command("SELECT 1", { session: { id, timeoutS: sessionS, mustExist: false } });
    } catch (error) {
      if (errorCode(error) !== undefined) throw error;
      throw notSent(errorText(error), error);
    }
    const openedMs = performance.now();
    if (openedMs - sentMs <= longestOpeningMs) return { id, openedMs };
  }
  throw notSent(`the server takes more than ${longestOpeningMs} ms to open a session`);
}

/** Of the statement itself nothing has left. */
function notSent(text: string, cause?: unknown): StatementError {
  return new StatementError({ kind: "connect", text }, { cause });
}

async function untilOver(openedMs: number): Promise<void> {
  await sleep(Math.max(0, openedMs + longestSessionMs - performance.now()));
}
