// Says what kind of statement a request carries, and where its format, its inline data and its end are.

import { isWord, type Token, tokens } from "./sql-tokens.js";

/** What a request asks for. Offsets count characters of the text that was analysed. */
export type Statement =
  /** Returns rows that may be many: they are streamed. `clauseAt` is where `INTO OUTFILE` belongs. */
  | {
      readonly kind: "rows";
      readonly format: string | undefined;
      readonly clauseAt: number;
      readonly end: number;
    }
  /**
   * An INSERT whose data follows from `dataAt` on. `intoEnd` is where its `FORMAT` or `VALUES` begins,
   * `clauseAt` where `FROM INFILE` belongs.
   */
  | {
      readonly kind: "insert-data";
      readonly format: string;
      readonly intoEnd: number;
      readonly dataAt: number;
      readonly clauseAt: number;
    }
  /** INSERT .. SELECT: nothing follows it. */
  | { readonly kind: "insert-select"; readonly end: number }
  | {
      readonly kind: "other";
      readonly keyword: string;
      readonly format: string | undefined;
      readonly end: number;
    }
  | { readonly kind: "empty" }
  | { readonly kind: "refused"; readonly code: number; readonly name: string; readonly message: string };

const streamed = new Set(["SELECT", "WITH", "FROM", "("]);
const readOnlyKeywords = new Set([
  ...streamed,
  ...["SHOW", "DESC", "DESCRIBE", "EXPLAIN", "EXISTS", "CHECK", "VALUES", "USE", "SET"],
]);

/** Whether a read-only request may run it; the engine's own check is used wherever it can be. */
export function isReadOnly(statement: Statement): boolean {
  return statement.kind === "rows" || (statement.kind === "other" && readOnlyKeywords.has(statement.keyword));
}

/** Reads the beginning of a request. Only the text up to the inline data of an INSERT is looked at. */
export function analyse(sql: string): Statement {
  const stream = tokens(sql);
  const head = nextOf(stream);
  if (head === undefined || head.text === ";") return { kind: "empty" };
  if (isWord(head, "INSERT")) return analyseInsert(sql, stream);
  const all = [head, ...stream];
  if (isWord(head, "WITH") && all.some((t) => t.depth === 0 && isWord(t, "INSERT")))
    return withoutSecond(all, { kind: "insert-select", end: statementEnd(all) });
  return withoutSecond(all, analyseWhole(all, head));
}

function nextOf(stream: Generator<Token>): Token | undefined {
  const step = stream.next();
  return step.done === true ? undefined : step.value;
}

function analyseWhole(all: readonly Token[], head: Token): Statement {
  const keyword = head.text.toUpperCase();
  const end = statementEnd(all);
  const formatAt = trailingFormat(all);
  const format = formatAt === undefined ? undefined : all[formatAt + 1]?.text;
  if (!streamed.has(keyword)) return { kind: "other", keyword, format, end };
  if (all.some((t, i) => t.depth === 0 && isWord(t, "INTO") && isWord(all[i + 1], "OUTFILE")))
    return refuse(358, "INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed.");
  const clauseAt = formatAt === undefined ? end : (all[formatAt] as Token).start;
  return { kind: "rows", format, clauseAt, end };
}

/** The end of the last token that is not a closing semicolon. */
function statementEnd(all: readonly Token[]): number {
  return all.findLast((t) => t.text !== ";")?.end ?? 0;
}

/** The index of a `FORMAT name` that closes the statement, maybe with SETTINGS behind it. */
function trailingFormat(all: readonly Token[]): number | undefined {
  const at = all.findLastIndex((t) => t.depth === 0 && isWord(t, "FORMAT"));
  const name = all[at + 1];
  const after = all[at + 2];
  if (at < 1 || name?.kind !== "word") return undefined;
  return after === undefined || after.text === ";" || isWord(after, "SETTINGS") ? at : undefined;
}

function withoutSecond(all: readonly Token[], statement: Statement): Statement {
  const semicolon = all.findIndex((t) => t.text === ";" && t.kind === "symbol");
  const second = semicolon < 0 ? undefined : all.slice(semicolon).find((t) => t.text !== ";");
  if (second === undefined) return statement;
  const position = (all[semicolon] as Token).start + 1;
  const message = `Syntax error (Multi-statements are not allowed): failed at position ${position} (end of query).`;
  return refuse(62, "SYNTAX_ERROR", message);
}

function refuse(code: number, name: string, message: string): Statement {
  return { kind: "refused", code, name, message };
}

/** Reads `INTO table (columns) SETTINGS ..` until the data, or the SELECT, begins. */
function analyseInsert(sql: string, stream: Generator<Token>): Statement {
  let clauseAt: number | undefined;
  const seen: Token[] = [];
  for (const token of stream) {
    const previous = seen.at(-1);
    seen.push(token);
    if (token.depth !== 0 || token.kind !== "word") {
      if (token.text === "(" && token.depth === 0 && isSelectNext(sql, token.end))
        return insertSelect(seen, stream);
      continue;
    }
    if (isWord(previous, "INTO") || isWord(previous, "TABLE") || previous?.text === ".") continue;
    if (isWord(token, "SETTINGS") || isWord(token, "FROM")) clauseAt ??= token.start;
    if (isWord(token, "INFILE"))
      return refuse(78, "UNKNOWN_TYPE_OF_QUERY", "Query has infile and was send directly to server.");
    if (isWord(token, "SELECT") || isWord(token, "WITH")) return insertSelect(seen, stream);
    const at = { intoEnd: token.start, clauseAt: clauseAt ?? token.start };
    if (isWord(token, "VALUES")) return { kind: "insert-data", format: "Values", dataAt: token.end, ...at };
    if (isWord(token, "FORMAT")) {
      const name = nextOf(stream);
      if (name?.kind !== "word") break;
      return { kind: "insert-data", format: name.text, dataAt: dataStart(sql, name.end), ...at };
    }
  }
  return { kind: "other", keyword: "INSERT", format: undefined, end: sql.length };
}

function isSelectNext(sql: string, at: number): boolean {
  const word = nextOf(tokens(sql.slice(at)));
  return isWord(word, "SELECT") || isWord(word, "WITH");
}

function insertSelect(seen: readonly Token[], stream: Generator<Token>): Statement {
  const all = [...seen, ...stream];
  if (all.some((t, i) => isWord(t, "INPUT") && all[i + 1]?.text === "("))
    return refuse(
      48,
      "NOT_IMPLEMENTED",
      "The table function input() is not available in the embedded ClickHouse.",
    );
  return withoutSecond(all, { kind: "insert-select", end: statementEnd(all) });
}

/** Data begins behind the spaces and at most one line end, as in the server's own parser. */
function dataStart(sql: string, from: number): number {
  let at = from;
  while (at < sql.length && /[ \t\f]/.test(sql[at] as string)) at++;
  if (sql[at] === "\r") at++;
  return sql[at] === "\n" ? at + 1 : at;
}
