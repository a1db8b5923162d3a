// Finds, by syntax alone, the expressions that can make a declaration, and what to insert so that the running
// code reports them.

import type ts from "typescript";
import type { Insertion, SourceText } from "../../src/declare/source-text.js";
import type { Compiler } from "./compiler.js";

export type { Insertion, SourceText };

/** A `new` expression, or a call with type arguments of its own. */
export type SiteExpression = ts.NewExpression | ts.CallExpression;

/** What one file can declare. */
export interface FileSites {
  readonly insertions: readonly Insertion[];
  /** By site id, `file:line:column` of the first character of the expression. */
  readonly expressions: ReadonlyMap<string, SiteExpression>;
}

interface Collector {
  readonly ts: Compiler;
  readonly source: ts.SourceFile;
  readonly file: string;
  readonly insertions: Insertion[];
  readonly expressions: Map<string, SiteExpression>;
}

/**
 * Finds every `new X(..)` and every call `f<Row>(..)` or `a.b<Row>(..)` of a file, and wraps what is constructed or
 * called: `new (__moose_new(X,"site"))<Row>(..)`, `(__moose_call(f,"site"))<Row>(..)`,
 * `(__moose_call(a.b,"site",a))<Row>(..)`.
 *
 * @param file - the file's path as it stands in a site, relative to the project with forward slashes
 */
export function findSites(compiler: Compiler, source: ts.SourceFile, file: string): FileSites {
  const collector: Collector = { ts: compiler, source, file, insertions: [], expressions: new Map() };
  if (!source.isDeclarationFile) visitChildren(collector, source);
  collector.insertions.sort((a, b) => a.offset - b.offset);
  return collector;
}

function visitChildren(collector: Collector, node: ts.Node): void {
  collector.ts.forEachChild(node, (child) => visit(collector, child));
}

function visit(collector: Collector, node: ts.Node): void {
  const { ts } = collector;
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node))
    return;
  if (isAmbient(ts, node)) return;
  if (ts.isNewExpression(node)) addNew(collector, node);
  else if (ts.isCallExpression(node)) addCall(collector, node);
  visitChildren(collector, node);
}

function isAmbient(compiler: Compiler, node: ts.Node): boolean {
  if (!compiler.canHaveModifiers(node)) return false;
  return node.modifiers?.some((modifier) => modifier.kind === compiler.SyntaxKind.DeclareKeyword) ?? false;
}

function addNew(collector: Collector, node: ts.NewExpression): void {
  const { ts, source } = collector;
  const made = node.expression;
  if (made.end === made.getStart(source) || made.kind === ts.SyntaxKind.SuperKeyword) return;
  const site = addSite(collector, node);
  collector.insertions.push(
    { offset: made.getStart(source), text: "(__moose_new(" },
    { offset: made.end, text: `,${JSON.stringify(site)}))` },
  );
}

function addCall(collector: Collector, node: ts.CallExpression): void {
  const { ts, source } = collector;
  const isPlainCall = node.typeArguments !== undefined && node.questionDotToken === undefined;
  if (!isPlainCall || ts.isDecorator(node.parent)) return;
  const receiver = receiverOf(ts, node.expression);
  if (receiver === undefined) return;
  const site = addSite(collector, node);
  const thisArgument = receiver === "none" ? "" : `,${receiver.getText(source)}`;
  collector.insertions.push(
    { offset: node.getStart(source), text: `${startsStatement(ts, node) ? ";" : ""}(__moose_call(` },
    { offset: node.expression.end, text: `,${JSON.stringify(site)}${thisArgument}))` },
  );
}

/** What `this` is in the called function; `undefined` where the call cannot be wrapped without changing it. */
function receiverOf(compiler: Compiler, callee: ts.Expression): ts.Expression | "none" | undefined {
  if (compiler.isIdentifier(callee)) return callee.text === "" ? undefined : "none";
  if (!compiler.isPropertyAccessExpression(callee) || callee.questionDotToken !== undefined) return undefined;
  const object = callee.expression;
  const isSimple = compiler.isIdentifier(object) || object.kind === compiler.SyntaxKind.ThisKeyword;
  return isSimple ? object : undefined;
}

/**
 * A line that begins with `(` would be taken as a call of the line before it, where that has no semicolon. In a list
 * of statements a `;` in front prevents that, and changes nothing.
 */
function startsStatement(compiler: Compiler, node: ts.Node): boolean {
  let top = node;
  while (!compiler.isStatement(top)) {
    if (top.parent === undefined || top.parent.getStart() !== node.getStart()) return false;
    top = top.parent;
  }
  const list = top.parent;
  return (
    compiler.isSourceFile(list) ||
    compiler.isBlock(list) ||
    compiler.isModuleBlock(list) ||
    compiler.isCaseOrDefaultClause(list)
  );
}

function addSite(collector: Collector, node: SiteExpression): string {
  const site = siteId(collector.source, node, collector.file);
  collector.expressions.set(site, node);
  return site;
}

function siteId(source: ts.SourceFile, node: ts.Node, file: string): string {
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return `${file}:${line + 1}:${character + 1}`;
}
