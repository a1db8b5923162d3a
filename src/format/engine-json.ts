// The engine of a table in Moose's JSON: a text with its arguments, or an object with a field for each.

import { identifierText } from "../sql/quote.js";
import { readType } from "../sql/type-tree.js";
import { unescaped } from "../sql/unescape.js";
import { checkExpression, checkName, readIdentifier } from "./checked.js";
import { isObject, type Spot } from "./value.js";

/** ClickHouse's text of the engine. */
export function readEngine(spot: Spot): string {
  if (spot.isAbsent) return "MergeTree";
  const text = spot.isObject ? engineOfObject(spot) : spot.text();
  if (!/^[A-Za-z]\w*\s*(\(|$)/.test(text)) {
    if (typeof spot.value === "string") spot.problem("format/bad-engine", "engine is no name of an engine");
    return text;
  }
  checkExpression(spot, text);
  return withNames(spot, text);
}

/** The existing tool writes the columns that a MergeTree is told as texts: `ReplacingMergeTree('ver')`. */
function withNames(spot: Spot, text: string): string {
  const { name, args } = readType(text);
  if (!/MergeTree$/.test(name) || name.startsWith("Replicated") || args.length === 0) return text;
  const isText = (arg: string) => /^'(?:\\.|[^'\\])*'$/s.test(arg);
  const column = (arg: string) => identifierText(checkName(spot, unescaped(arg.slice(1, -1))));
  if (!args.some(isText)) return text;
  const columns = args.map((arg) => (isText(arg) ? column(arg) : arg));
  // The columns to be summed are one argument.
  return name === "SummingMergeTree" && columns.length > 1
    ? `${name}((${columns.join(", ")}))`
    : `${name}(${columns.join(", ")})`;
}

/** Names of the arguments, in ClickHouse's order; each in both spellings. */
const argumentsOf: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ["MergeTree", []],
  ["AggregatingMergeTree", []],
  ["ReplacingMergeTree", [["ver"], ["is_deleted", "isDeleted"]]],
  ["SummingMergeTree", [["columns"]]],
  ["CollapsingMergeTree", [["sign"]]],
  ["VersionedCollapsingMergeTree", [["sign"], ["ver", "version"]]],
]);

/** `{ReplacingMergeTree: {ver: v}}` or `{engine: ReplacingMergeTree, ver: v}`. */
function engineOfObject(spot: Spot): string {
  const named = ["engine", "type", "name"]
    .map((key) => spot.field(key))
    .find((one) => typeof one.value === "string");
  const [first] = named === undefined ? spot.fields() : [];
  const name = named?.text() ?? first?.[0] ?? "";
  const fields = named === undefined ? first?.[1] : spot;
  const parameters = argumentsOf.get(name);
  if (parameters === undefined || fields === undefined) {
    const hint = `write the engine as ClickHouse has it: "${name === "" ? "MergeTree" : name.slice(0, 40)}(..)"`;
    spot.problem("format/unknown-engine", `the arguments of engine ${name.slice(0, 40)} are not known`, hint);
    return "MergeTree";
  }
  const args = parameters.flatMap((spellings) => argumentText(fields, spellings));
  return args.length === 0 ? name : `${name}(${args.join(", ")})`;
}

function argumentText(fields: Spot, spellings: readonly string[]): readonly string[] {
  if (!isObject(fields.value)) return [];
  const spot = spellings.map((key) => fields.field(key)).find((one) => !one.isAbsent);
  if (spot === undefined) return [];
  if (!Array.isArray(spot.value)) return [readIdentifier(spot)];
  const columns = spot.list().map(readIdentifier);
  return columns.length === 0 ? [] : [columns.length === 1 ? (columns[0] ?? "") : `(${columns.join(", ")})`];
}
