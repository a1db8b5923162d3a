// Makes the ids that clients give their queries visible in `system.processes` and usable in KILL QUERY.

import { clientQueryId } from "./script.js";
import { isWord, type Token, tokens } from "./sql-tokens.js";

const processes = `(SELECT * REPLACE (${clientQueryId} AS query_id, ${clientQueryId} AS initial_query_id) FROM system.processes)`;

/** Replaces the table `system.processes` of a SELECT by one in which `query_id` is the client's. */
export function showClientQueryIds(sql: string): string {
  if (!/processes/i.test(sql)) return sql;
  const all = [...tokens(sql)];
  const names = all.flatMap((token, i) => (isProcesses(all, i) ? [{ token, i }] : []));
  return names.reduceRight((text, { token, i }) => {
    const end = (all[i + 2] as Token).end;
    const alias =
      all[i + 3]?.kind === "word" && !endsTable.has(all[i + 3]?.text.toUpperCase() ?? "")
        ? ""
        : " AS processes";
    return text.slice(0, token.start) + processes + alias + text.slice(end);
  }, sql);
}

const endsTable = new Set([
  ...["WHERE", "PREWHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "FORMAT", "SETTINGS", "UNION"],
  ...["FINAL", "SAMPLE", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "ANY", "ALL", "ASOF", "GLOBAL"],
  ...["ARRAY", "ON", "USING", "WINDOW", "QUALIFY", "INTERSECT", "EXCEPT", "INTO", "SEMI", "ANTI", "SELECT"],
]);

function isProcesses(all: readonly Token[], i: number): boolean {
  const before = all[i - 1];
  const placed = isWord(before, "FROM") || isWord(before, "JOIN") || before?.text === ",";
  return (
    placed &&
    all[i]?.text.replaceAll("`", "") === "system" &&
    all[i + 1]?.text === "." &&
    all[i + 2]?.text.replaceAll("`", "") === "processes" &&
    all[i + 3]?.text !== "."
  );
}

/** A KILL QUERY that the engine can run. `condition` is set when the client asked to wait for the end (SYNC). */
export interface KillStatement {
  readonly sql: string;
  readonly condition: string | undefined;
}

/** Puts the client's ids in, and turns SYNC, which hangs the engine, into ASYNC. Undefined for other KILLs. */
export function killStatement(sql: string): KillStatement | undefined {
  const all = [...tokens(sql)];
  if (!isWord(all[0], "KILL") || !isWord(all[1], "QUERY")) return undefined;
  const where = all.findIndex((t) => isWord(t, "WHERE"));
  const mode = all.findIndex((t, i) => i > where && t.depth === 0 && isMode(t));
  const end = all.findIndex(
    (t, i) => i > where && t.depth === 0 && (isMode(t) || isWord(t, "FORMAT") || t.text === ";"),
  );
  const conditionEnd = end < 0 ? sql.length : (all[end] as Token).start;
  const condition = withClientIds(sql.slice(all[where]?.end ?? 0, conditionEnd));
  const rest = mode < 0 ? sql.slice(conditionEnd) : sql.slice((all[mode] as Token).end);
  const keep = mode >= 0 && isWord(all[mode], "TEST") ? "TEST" : "ASYNC";
  const waits = mode >= 0 && isWord(all[mode], "SYNC");
  if (where < 0) return undefined;
  return {
    sql: `KILL QUERY WHERE (${condition}) ${keep} ${rest}`,
    condition: waits ? condition : undefined,
  };
}

function isMode(token: Token): boolean {
  return isWord(token, "SYNC") || isWord(token, "ASYNC") || isWord(token, "TEST");
}

function withClientIds(sql: string): string {
  return [...tokens(sql)].reduceRight(
    (text, token) =>
      (token.kind === "word" || token.kind === "quoted") && token.text.replaceAll("`", "") === "query_id"
        ? `${text.slice(0, token.start)}(${clientQueryId})${text.slice(token.end)}`
        : text,
    sql,
  );
}
