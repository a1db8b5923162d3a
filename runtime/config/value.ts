// Checks a given value against the type of its key, and converts the texts of variables.

import type { Diagnostic } from "../../src/diagnostic.js";
import { type Given, nameOf, placeOf } from "./given.js";
import type { Key, KeyType, KeyValue } from "./key.js";

export type Checked =
  | { readonly ok: true; readonly value: KeyValue }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

const wanted: Readonly<Record<KeyType, string>> = {
  text: "a text",
  boolean: "true or false",
  port: "a port, 0 to 65535",
  count: "a whole number from 0",
  texts: "a list of texts",
  names: 'a list of tables that each have a `name`, written `[[section.key]]` and `name = ".."`',
  free: "a table",
};

const maxPort = 65_535;

/** The value as its key's type, or what is wrong with it. Values of variables and flags may be texts. */
export function checkValue(given: Given): Checked {
  const { key, raw, origin } = given;
  const value = origin.kind !== "config" && typeof raw === "string" ? fromText(key.type, raw) : raw;
  if (!hasType(key.type, value)) return wrong(given, "config/wrong-type", `must be ${wanted[key.type]}`);
  if (!inRange(key.type, value)) return wrong(given, "config/out-of-range", `must be ${wanted[key.type]}`);
  if (key.form?.pattern.test(String(value)) === false) {
    return wrong(given, "config/out-of-range", `must be ${key.form.says}`);
  }
  return key.choices === undefined
    ? { ok: true, value: plain(value) }
    : chosen(given, key.choices, plain(value));
}

function fromText(type: KeyType, text: string): unknown {
  const trimmed = text.trim();
  switch (type) {
    case "boolean":
      return booleans.get(trimmed.toLowerCase()) ?? text;
    case "port":
    case "count":
      return /^[+-]?\d{1,15}$/.test(trimmed) ? Number(trimmed) : text;
    case "texts":
    case "names":
      return trimmed === "" ? [] : trimmed.split(",").map((part) => part.trim());
    default:
      return text;
  }
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["true", "1", "yes", "on"].map((word) => [word, true] as const),
  ...["false", "0", "no", "off"].map((word) => [word, false] as const),
]);

function hasType(type: KeyType, value: unknown): boolean {
  switch (type) {
    case "text":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "port":
    case "count":
      return typeof value === "number" && Number.isInteger(value);
    case "texts":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "names":
      return Array.isArray(value) && value.every((item) => typeof nameIn(item) === "string");
    case "free":
      return typeof value === "object" && value !== null && !Array.isArray(value);
  }
}

function inRange(type: KeyType, value: unknown): boolean {
  if (typeof value !== "number") return true;
  return value >= 0 && value <= (type === "port" ? maxPort : Number.MAX_SAFE_INTEGER);
}

function nameIn(item: unknown): unknown {
  if (typeof item === "string") return item;
  return typeof item === "object" && item !== null && "name" in item ? item.name : undefined;
}

function plain(value: unknown): KeyValue {
  return Array.isArray(value) ? value.map((item) => String(nameIn(item))) : (value as KeyValue);
}

/** Each text becomes the choice that it equals but for letter case. */
function chosen(given: Given, choices: readonly string[], value: KeyValue): Checked {
  const texts = Array.isArray(value) ? value : [value];
  const found = texts.map((text) =>
    choices.find((choice) => choice.toLowerCase() === String(text).toLowerCase()),
  );
  if (!found.every((choice) => choice !== undefined)) {
    return wrong(given, "config/out-of-range", `knows only ${choices.map((c) => `\`${c}\``).join(", ")}`);
  }
  return { ok: true, value: Array.isArray(value) ? found : (found[0] ?? value) };
}

function wrong(given: Given, code: "config/wrong-type" | "config/out-of-range", must: string): Checked {
  const summary = `${nameOf(given)} ${must}${shown(given.key, given.raw)}.`;
  const diagnostic = { code, severity: "error", summary, place: placeOf(given.origin) } as const;
  return { ok: false, diagnostic };
}

function shown(key: Key, raw: unknown): string {
  if (key.secret === true) return "";
  const text = typeof raw === "bigint" ? String(raw) : (JSON.stringify(raw) ?? String(raw));
  return `, but is ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}
