// Takes secrets out of text before it is shown, logged or stored.

import { isMarker } from "../../src/sql/runtime-variable.js";
import { hidden } from "./hidden.js";
import { redactSql } from "./redact-sql.js";

/** Shorter secrets are not searched for as such: they would take ordinary words out of every message. */
const minSecretLength = 4;

/**
 * The text with `[HIDDEN]` where a secret stood. Hidden are: every text of `secrets` of at least 4 characters,
 * plain, percent-encoded or escaped for JSON or SQL; passwords in addresses; values of assignments such as
 * `password=..`, `"secretKey": ".."`, `sasl.jaas.config=..`; credentials after `Basic` and `Bearer`; and the
 * secret arguments of SQL, such as `IDENTIFIED BY '..'` or those of `S3(..)`.
 *
 * @example
 * redact("http://me:pw@host/") // "http://me:[HIDDEN]@host/"
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  return redactPatterns(redactKnown(text, secrets));
}

/** Names of fields, of tables, and other single words: each pattern needs a sign that assigns, or a space. */
const isOneWord = /^[\w.-]*$/;

function redactPatterns(text: string): string {
  if (isOneWord.test(text)) return text;
  let result = redactSql(text);
  for (const pattern of valuesAfterNames) result = result.replace(pattern, hideValue);
  for (const [pattern, replacement] of patterns) result = result.replace(pattern, replacement);
  return result;
}

/** Keeps the quotes, so that JSON and SQL stay readable. */
function hideValue(whole: string, name: string, value: string): string {
  if (isMarker(value.replace(/^["`]|["`]$/g, ""))) return whole;
  const quote = /^["'`]/.exec(value)?.[0] ?? "";
  return name + quote + hidden + quote;
}

const secretWords = [
  "password|passwd|passphrase|pwd|secret|credentials?|clickhouse-key",
  "(?:api|access|account|private)[_-]?key",
  "(?:session|auth|access|admin|refresh|bearer)[_-]?token",
].join("|");

const value = String.raw`("(?:\\.|[^"\\])*"|'(?:\\.|''|[^'\\])*'|\x60[^\x60]*\x60|(?!\[HIDDEN)[^\s,;&"'\x60)\]}<>]+)`;

/** A name, what assigns, and the value. Bounds on the word around the name keep the search linear. */
const valuesAfterNames = [
  String.raw`([\w.-]{0,40}(?:${secretWords})[\w-]{0,20}["'\x60]?\s{0,5}(?:=>|[=:])\s{0,5})`,
  // "token" alone is an ordinary word of parsers, unless it is assigned to or a quoted name.
  String.raw`((?<![\w.-])token\s{0,5}=\s{0,5})`,
  String.raw`(["'\x60]token["'\x60]\s{0,5}[=:]\s{0,5})`,
].map((name) => new RegExp(name + value, "gi"));

const patterns: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@, up to the last @ of the word: people forget to encode theirs.
  [/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@'"`<>]{0,200}:)[^\s'"`<>]{1,2000}(?=@)/gi, `$1${hidden}`],
  [/(sasl[._-](?:jaas[._-]config|oauthbearer[._-][\w.-]{1,40})\s{0,5}[=:]\s{0,5})[^\n]+/gi, `$1${hidden}`],
  [
    /(authorization["'`]?\s{0,5}[:=]\s{0,5}["'`]?(?:(?:basic|bearer|digest)\s{1,5})?)(?!\[HIDDEN|(?:basic|bearer|digest)\b)[^\s"'`,;]+/gi,
    `$1${hidden}`,
  ],
  [/\b(Basic|Bearer)(\s{1,5})(?=[\w.~+/-]{0,200}[\d=_.])[\w.~+/-]{8,}={0,2}/gi, `$1$2${hidden}`],
  [
    /([?&](?:sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token)=)(?!\[HIDDEN)[^&\s"'`]+/gi,
    `$1${hidden}`,
  ],
];

function redactKnown(text: string, secrets: readonly string[]): string {
  const pattern = patternOf(secrets);
  return pattern === undefined ? text : text.replace(pattern, hidden);
}

let cached: { readonly secrets: readonly string[]; readonly pattern: RegExp | undefined } | undefined;

/** The pattern is kept for the list it was made of, as a log passes the same list with each line. */
function patternOf(secrets: readonly string[]): RegExp | undefined {
  if (cached?.secrets !== secrets || !Object.isFrozen(secrets)) {
    const long = secrets.filter((secret) => secret.length >= minSecretLength);
    const alternatives = [...long].sort((a, b) => b.length - a.length).map(spellings);
    const pattern = alternatives.length === 0 ? undefined : new RegExp(alternatives.join("|"), "gu");
    cached = { secrets, pattern };
  }
  return cached.pattern;
}

const utf8 = new TextEncoder();

/** A pattern for the secret in which every character may be plain, percent-encoded or escaped on its own. */
function spellings(secret: string): string {
  return [...secret].map(spellingsOfCharacter).join("");
}

function spellingsOfCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const percent = [...utf8.encode(character)].map((byte) => `%${anyCase(hex(byte, 2))}`).join("");
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const unicode = units.map((unit) => String.raw`\\u${anyCase(hex(unit, 4))}`).join("");
  const forms = [escaped(character), percent, unicode];
  if (character === " ") forms.push(String.raw`\+`);
  if (/["'\\/`]/.test(character)) forms.push(String.raw`\\` + escaped(character));
  if (character === "'") forms.push("''");
  const short = shortEscapes.get(code);
  if (short !== undefined) forms.push(String.raw`\\` + short);
  // The longest first, so that an escaped backslash is not taken for two plain ones.
  return `(?:${forms.sort((a, b) => b.length - a.length).join("|")})`;
}

const shortEscapes: ReadonlyMap<number, string> = new Map([
  [8, "b"],
  [9, "t"],
  [10, "n"],
  [12, "f"],
  [13, "r"],
]);

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}

function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

function escaped(character: string): string {
  if (/[\^$\\.*+?()[\]{}|/]/.test(character)) return `\\${character}`;
  return character === "-" ? String.raw`\x2d` : character;
}
