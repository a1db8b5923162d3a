// The engine of a table in Moose's JSON: a text with its arguments, or an object with a field for each.

import { engineText } from "../declare/engine-text.js";
import { ClickHouseEngines } from "../declare/engines.js";
import { identifierText } from "../sql/quote.js";
import { readType } from "../sql/type-tree.js";
import { unescaped } from "../sql/unescape.js";
import { checkExpression, checkName } from "./checked.js";
import { isObject, type Spot } from "./value.js";

/**
 * ClickHouse's text of the engine.
 *
 * @param database - of the table itself
 */
export function readEngine(spot: Spot, database: string): string {
  if (spot.isAbsent) return "MergeTree";
  const text = spot.isObject ? engineOfObject(spot, database) : spot.text();
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

/** `{ReplacingMergeTree: {ver: v}}` or `{engine: ReplacingMergeTree, ver: v}`: the options of a declared table. */
function engineOfObject(spot: Spot, database: string): string {
  const named = ["engine", "type", "name"]
    .map((key) => spot.field(key))
    .find((one) => typeof one.value === "string");
  const [first] = named === undefined ? spot.fields() : [];
  const name = named?.text() ?? first?.[0] ?? "";
  const fields = named === undefined ? first?.[1] : spot;
  if (fields === undefined || !Object.values(ClickHouseEngines).some((engine) => engine === name)) {
    const hint = `write the engine as ClickHouse has it: "${name === "" ? "MergeTree" : name.slice(0, 40)}(..)"`;
    spot.problem("format/unknown-engine", `the arguments of engine ${name.slice(0, 40)} are not known`, hint);
    return "MergeTree";
  }
  const { engine, problems } = engineText({ ...optionsOf(fields), engine: name }, database);
  for (const clause of problems) spot.problem("format/bad-engine", `engine ${name} ${clause}`);
  return problems.length > 0 ? "MergeTree" : engine;
}

/** In the spelling of the code: `is_deleted` as `isDeleted`. */
function optionsOf({ value }: Spot): Readonly<Record<string, unknown>> {
  if (!isObject(value)) return {};
  const options = new Map(
    Object.entries(value).map(([key, one]) => [
      key.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()),
      one,
    ]),
  );
  if (!options.has("ver") && options.has("version")) options.set("ver", options.get("version"));
  const columns = options.get("columns");
  if (typeof columns === "string") options.set("columns", [columns]);
  return Object.fromEntries(options);
}
