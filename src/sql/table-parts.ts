// The text of an index, a projection and a constraint inside CREATE TABLE and ALTER TABLE, and back from how the server prints it.

import type { TableConstraint, TableIndex, TableProjection } from "../infra/table.js";
import { quoteIdentifier } from "./quote.js";
import { bracketed, lastIndexOfTopLevel } from "./scan.js";
import { unescaped } from "./unescape.js";

/** `INDEX `ix` lower(name) TYPE bloom_filter(0.01) GRANULARITY 1` */
export function indexDefinition(index: TableIndex): string {
  return `INDEX ${quoteIdentifier(index.name)} ${indexText(index)}`;
}

/** What stands behind an index's name. */
export function indexText({ expression, type, granularity }: Omit<TableIndex, "name">): string {
  return `${expression} TYPE ${type} GRANULARITY ${granularity}`;
}

/** Takes apart what {@link indexText} makes and the server prints. */
export function readIndexText(text: string): Omit<TableIndex, "name"> {
  const granularity = /^(.*) GRANULARITY (\d+)$/s.exec(text);
  const rest = granularity?.[1] ?? text;
  const at = lastIndexOfTopLevel(rest, " TYPE ");
  return {
    expression: (at < 0 ? rest : rest.slice(0, at)).trim(),
    type: at < 0 ? "" : rest.slice(at + " TYPE ".length).trim(),
    granularity: Number(granularity?.[2] ?? 1),
  };
}

/** `PROJECTION `by_name` (SELECT * ORDER BY name)` */
export function projectionDefinition({ name, body }: TableProjection): string {
  return `PROJECTION ${quoteIdentifier(name)} ${projectionText(body)}`;
}

/** What stands behind a projection's name. The form that only indexes has no brackets. */
export function projectionText(body: string): string {
  return /^\s*INDEX\s/i.test(body) ? body : `(${body})`;
}

/** The body out of the text behind the name. Settings behind the brackets stay in it, so that it prints as it was. */
export function readProjectionText(text: string): string {
  return text.startsWith("(") && text.endsWith(")") ? text.slice(1, -1).trim() : text;
}

/** `CONSTRAINT `positive` CHECK price > 0` */
export function constraintDefinition(constraint: TableConstraint): string {
  return `CONSTRAINT ${quoteIdentifier(constraint.name)} ${constraintText(constraint)}`;
}

/** What stands behind a constraint's name. */
export function constraintText({ kind, expression }: Omit<TableConstraint, "name">): string {
  return `${kind} ${expression}`;
}

/** Takes apart what {@link constraintText} makes and the server prints. */
export function readConstraintText(text: string): Omit<TableConstraint, "name"> {
  const [, kind, expression] = /^(CHECK|ASSUME) (.*)$/s.exec(text) ?? [];
  return { kind: kind === "ASSUME" ? "ASSUME" : "CHECK", expression: (expression ?? text).trim() };
}

/** The name that a printed definition begins with, and the text behind it. */
export function splitName(text: string): { readonly name: string; readonly rest: string } {
  if (!text.startsWith("`")) {
    const end = text.indexOf(" ");
    return end < 0
      ? { name: text, rest: "" }
      : { name: text.slice(0, end), rest: text.slice(end + 1).trim() };
  }
  let end = 1;
  while (end < text.length && text[end] !== "`") end += text[end] === "\\" ? 2 : 1;
  return { name: unescaped(text.slice(1, end)), rest: text.slice(end + 1).trim() };
}

/** True when a projection's body takes in all columns, whatever they are called. */
export function takesAllColumns(body: string): boolean {
  return /(?:\bSELECT|\bDISTINCT|,)\s+\*/i.test(body) || /\bCOLUMNS\s*\(/i.test(body);
}

/** The command inside of an ALTER TABLE that the server has formatted: newer ones print each in brackets. */
export function commandOf(formatted: string): string {
  const command = formatted.slice(formatted.indexOf(" x ") + " x ".length);
  if (!command.startsWith("(")) return command;
  const { inside, end } = bracketed(command, 0);
  return end === command.length ? inside : command;
}
