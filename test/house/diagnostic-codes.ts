// Collects the codes of all diagnostics that the project can report.

import ts from "typescript";
import { rooms } from "./import-rules.js";
import { type Finding, nodesOf, placeOf, type SourceText } from "./source.js";

export interface CodeUse {
  /** `config/unknown-key` */
  readonly code: string;
  /** `runtime/config/config-file.ts:12` */
  readonly place: string;
}

/** Every text that is given to a field `code` of an object, in order of place; also both sides of a condition. */
export function collectDiagnosticCodes(sources: readonly SourceText[]): readonly CodeUse[] {
  return sources.flatMap((source) =>
    [...nodesOf(source)].flatMap((node) => {
      if (!ts.isPropertyAssignment(node) || node.name.getText() !== "code") return [];
      return textsOf(node.initializer).map((text) => ({ code: text.text, place: placeOf(source, text) }));
    }),
  );
}

/** Codes in the types of parameters and fields count too: they are what a shared function is called with. */
export function collectCodesOfTypes(sources: readonly SourceText[]): readonly CodeUse[] {
  return sources.flatMap((source) =>
    [...nodesOf(source)].flatMap((node) => {
      if (!ts.isLiteralTypeNode(node) || !ts.isStringLiteral(node.literal)) return [];
      const { text } = node.literal;
      return form.test(text) && rooms.has(roomOf(text)) ? [{ code: text, place: placeOf(source, node) }] : [];
    }),
  );
}

function textsOf(expression: ts.Expression): readonly ts.StringLiteralLike[] {
  if (ts.isStringLiteralLike(expression)) return [expression];
  if (ts.isConditionalExpression(expression)) {
    return [...textsOf(expression.whenTrue), ...textsOf(expression.whenFalse)];
  }
  if (
    ts.isAsExpression(expression) ||
    ts.isParenthesizedExpression(expression) ||
    ts.isSatisfiesExpression(expression)
  ) {
    return textsOf(expression.expression);
  }
  return [];
}

const form = /^[a-z]+\/[a-z0-9]+(-[a-z0-9]+)*$/;

/** Codes that look like `room/problem` but name no room, and diagnostics whose code is of another form. */
export function badCodes(sources: readonly SourceText[]): readonly Finding[] {
  return collectDiagnosticCodes(sources).flatMap(({ code, place }) => {
    const rule = "diagnostic code";
    if (!form.test(code))
      return code.includes("/") ? [{ rule, place, what: `${code} is not of the form room/problem` }] : [];
    return rooms.has(roomOf(code))
      ? []
      : [{ rule, place, what: `${code}: there is no room ${roomOf(code)}` }];
  });
}

function roomOf(code: string): string {
  return code.split("/")[0] ?? "";
}
