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

/**
 * Every text of the form `room/problem` with a room that exists, wherever it stands but in imports: codes are
 * also handed to functions, listed in tables and written as types.
 */
export function collectDiagnosticCodes(sources: readonly SourceText[]): readonly CodeUse[] {
  return sources.flatMap((source) =>
    [...nodesOf(source)].flatMap((node) => {
      if (
        !ts.isStringLiteralLike(node) ||
        ts.isImportDeclaration(node.parent) ||
        ts.isExportDeclaration(node.parent)
      )
        return [];
      return form.test(node.text) && rooms.has(roomOf(node.text))
        ? [{ code: node.text, place: placeOf(source, node) }]
        : [];
    }),
  );
}

const form = /^[a-z]+\/[a-z0-9]+(-[a-z0-9]+)*$/;

/** Fields `code` with a slash that are not of the form `room/problem`, or name no room. */
export function badCodes(sources: readonly SourceText[]): readonly Finding[] {
  return sources.flatMap((source) =>
    [...nodesOf(source)].flatMap((node) => {
      if (!ts.isPropertyAssignment(node) || node.name.getText() !== "code") return [];
      return textsOf(node.initializer).flatMap((text) => {
        const what = complaint(text.text);
        return what === undefined ? [] : [{ rule: "diagnostic code", place: placeOf(source, text), what }];
      });
    }),
  );
}

function complaint(code: string): string | undefined {
  if (!code.includes("/")) return undefined;
  if (!form.test(code)) return `${code} is not of the form room/problem`;
  return rooms.has(roomOf(code)) ? undefined : `${code}: there is no room ${roomOf(code)}`;
}

/** Both sides of a condition. */
function textsOf(expression: ts.Expression): readonly ts.StringLiteralLike[] {
  if (ts.isStringLiteralLike(expression)) return [expression];
  if (ts.isConditionalExpression(expression)) {
    return [...textsOf(expression.whenTrue), ...textsOf(expression.whenFalse)];
  }
  const isWrapped = ts.isAsExpression(expression) || ts.isParenthesizedExpression(expression);
  return isWrapped || ts.isSatisfiesExpression(expression) ? textsOf(expression.expression) : [];
}

function roomOf(code: string): string {
  return code.split("/")[0] ?? "";
}
