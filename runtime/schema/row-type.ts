// From the places that made an object to its row type, type parameters filled in.

import type ts from "typescript";
import { type Compiler, instantiateByCall } from "./compiler.js";
import type { SiteExpression } from "./sites.js";

/** The row type, or why there is none. */
export type RowType =
  | { readonly kind: "found"; readonly type: ts.Type }
  | { readonly kind: "noTypeArgument" }
  | { readonly kind: "noDeclaration" };

/**
 * The `T` of a declaration, read from the phantom property `~moose` of its type, so that aliases, subclasses and
 * inferred arguments need no care.
 *
 * @param made - the innermost `new` expression
 * @param calls - calls of generic functions around it, outermost first; they give its type parameters their values
 */
export function rowType(
  compiler: Compiler,
  checker: ts.TypeChecker,
  made: SiteExpression,
  calls: readonly SiteExpression[],
): RowType {
  const written = schemaOf(checker, made);
  if (written === undefined) return { kind: "noDeclaration" };
  const isUnknown = (written.flags & compiler.TypeFlags.Unknown) !== 0;
  if (isUnknown && made.typeArguments === undefined) return { kind: "noTypeArgument" };
  return {
    kind: "found",
    type: calls.reduceRight((type, call) => instantiate(checker, call, type), written),
  };
}

function instantiate(checker: ts.TypeChecker, call: SiteExpression, type: ts.Type): ts.Type {
  const signature = checker.getResolvedSignature(call);
  return signature === undefined ? type : instantiateByCall(checker, signature, type);
}

function schemaOf(checker: ts.TypeChecker, made: SiteExpression): ts.Type | undefined {
  const phantom = checker.getPropertyOfType(checker.getTypeAtLocation(made), "~moose");
  if (phantom === undefined) return undefined;
  const holder = checker.getNonNullableType(checker.getTypeOfSymbol(phantom));
  const schema = checker.getPropertyOfType(holder, "schema");
  return schema && checker.getTypeOfSymbol(schema);
}
