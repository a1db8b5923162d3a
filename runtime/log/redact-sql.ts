// Takes the secret arguments out of SQL text: passwords of users and sources, keys of object stores.

import { isMarker } from "../../src/sql/runtime-variable.js";
import { hidden } from "./hidden.js";

/** The SQL, or text with SQL in it, with `'[HIDDEN]'` for each secret literal. */
export function redactSql(text: string): string {
  return redactCalls(text.replace(afterKeyword, hideLiteral).replace(secretSetting, hideLiteral));
}

/** The marker of a variable is no secret, and says which one is meant. */
function hideLiteral(whole: string, before: string, value: string): string {
  return isMarker(value) ? whole : `${before}'${hidden}'`;
}

const literal = String.raw`('(?:\\.|''|[^'\\])*')`;

/** `PASSWORD '..'` of a dictionary, `IDENTIFIED [WITH method] BY '..' [SALT '..']` of a user. */
const afterKeyword = new RegExp(
  String.raw`(\b(?:PASSWORD|IDENTIFIED(?:\s+WITH\s+\w+)?\s+BY|SALT)\s+)${literal}`,
  "gi",
);

/** `kafka_sasl_password = '..'` and the like among the settings of a table. */
const secretSetting = new RegExp(String.raw`(\b\w*(?:password|secret|token)\w*\s*=\s*)${literal}`, "gi");

/** Which of the text arguments are secret, counted from 0. */
type SecretArguments = (literals: readonly string[]) => readonly number[];

const last: SecretArguments = (literals) => [literals.length - 1];

/** `(url, key id, key[, session token], format ..)`; without keys the format follows the url. */
const keysAfterUrl: SecretArguments = (literals) => {
  const [, first = "", second, third = ""] = literals;
  if (second === undefined || formatName.test(first)) return [];
  return third.length >= minSessionTokenLength && !formatName.test(third) ? [1, 2, 3] : [1, 2];
};

const minSessionTokenLength = 40;
const formatName =
  /^(auto|JSON|CSV|TSV|TabSeparated|Parquet|ORC|Avro|Arrow|Native|RowBinary|Values|Protobuf|LineAsString|RawBLOB|MsgPack|BSON|Template|CustomSeparated|Regexp|CapnProto|Npy|XML|Form|One|Null)\w*$/i;

/** `(host, database, table, user, password ..)`: the fifth text. */
const fifth: SecretArguments = (literals) => (literals.length >= 5 ? [4] : []);

const secretsOfCalls: ReadonlyMap<string, SecretArguments> = new Map([
  ...[
    "s3",
    "s3cluster",
    "s3queue",
    "gcs",
    "cosn",
    "oss",
    "iceberg",
    "icebergs3",
    "deltalake",
    "deltalakes3",
    "hudi",
  ].map((name) => [name, keysAfterUrl] as const),
  ...["mysql", "postgresql", "mongodb", "materializedpostgresql", "materializedmysql"].map(
    (name) => [name, fifth] as const,
  ),
  ["remote", (literals) => (literals.length >= 2 ? last(literals) : [])],
  ["remotesecure", (literals) => (literals.length >= 2 ? last(literals) : [])],
  ["redis", (literals) => (literals.length >= 2 ? last(literals) : [])],
]);

const callStart = new RegExp(String.raw`\b(${[...secretsOfCalls.keys()].join("|")})\s{0,5}\(`, "gi");

function redactCalls(text: string): string {
  let result = "";
  let done = 0;
  for (const start of text.matchAll(callStart)) {
    const secretArguments = secretsOfCalls.get(start[1]?.toLowerCase() ?? "");
    const open = start.index + start[0].length;
    if (secretArguments === undefined || open < done) continue;
    const found = literalsOfCall(text, open);
    const secret = new Set(secretArguments(found.map((one) => one.text)));
    for (const one of found.filter(({ text: value }, index) => secret.has(index) && !isMarker(value))) {
      result += `${text.slice(done, one.start)}'${hidden}'`;
      done = one.end;
    }
  }
  return result + text.slice(done);
}

interface Literal {
  readonly text: string;
  readonly start: number;
  /** Behind the closing quote. */
  readonly end: number;
}

/** How far a call is read, in texts and brackets; none of those above is longer. */
const maxTokens = 64;
const maxCallLength = 20_000;

/** The texts between the brackets, those inside inner brackets left out. */
function literalsOfCall(text: string, open: number): readonly Literal[] {
  const found: Literal[] = [];
  let depth = 1;
  let tokens = 0;
  for (const match of text.slice(open, open + maxCallLength).matchAll(token)) {
    if (match[0] === "(") depth += 1;
    else if (match[0] === ")") depth -= 1;
    else if (depth === 1) found.push(literalAt(match[0], open + match.index));
    if (depth === 0 || ++tokens === maxTokens) break;
  }
  return found;
}

const token = /'(?:\\.|''|[^'\\])*'|[()]/g;

function literalAt(quoted: string, start: number): Literal {
  return { text: quoted.slice(1, -1), start, end: start + quoted.length };
}
