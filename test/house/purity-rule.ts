// The rule that `src` is pure: no clock, no chance, no environment, no I/O, nothing asynchronous.

import ts from "typescript";
import { type Finding, nodesOf, placeOf, type SourceText } from "./source.js";

const impureGlobals: ReadonlySet<string> = new Set([
  "process",
  "fetch",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "performance",
  "console",
  "Promise",
  "require",
  "XMLHttpRequest",
  "WebSocket",
  "Bun",
  "Deno",
]);

const impureMembers: ReadonlySet<string> = new Set([
  "Date.now",
  "Math.random",
  "crypto.randomUUID",
  "crypto.getRandomValues",
]);

/** Uses in the files of `src` that make a result depend on more than the arguments. */
export function impurities(sources: readonly SourceText[]): readonly Finding[] {
  return sources
    .filter(({ path }) => path.startsWith("src/"))
    .flatMap((source) =>
      [...nodesOf(source)].flatMap((node) => {
        const what = impurityOf(node);
        return what === undefined ? [] : [{ rule: "impurity", place: placeOf(source, node), what }];
      }),
    );
}

function impurityOf(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return "async";
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return "await";
  if (ts.isNewExpression(node) && isGlobal(node.expression, "Date") && !node.arguments?.length)
    return "new Date()";
  if (ts.isCallExpression(node) && isGlobal(node.expression, "Date")) return "Date()";
  if (ts.isPropertyAccessExpression(node) && impureMembers.has(node.getText())) return node.getText();
  if (!ts.isIdentifier(node) || !impureGlobals.has(node.text)) return undefined;
  return isUse(node) ? node.text : undefined;
}

function isGlobal(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

/** Not the name of a property, of a field of a type, or of something that the file itself declares. */
function isUse(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node || isOfGlobalThis(parent);
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent)) return false;
  return !("name" in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent));
}

function isOfGlobalThis(access: ts.PropertyAccessExpression): boolean {
  return isGlobal(access.expression, "globalThis");
}
