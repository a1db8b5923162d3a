// Enums, and unions of string literals.

import type ts from "typescript";
import type { EnumMember } from "../../../src/infra/datatype.js";
import {
  everyHasFlag,
  failed,
  hasFlag,
  problem,
  type ReadContext,
  type Reading,
  type Rule,
  type Spot,
  typeName,
  type Value,
} from "./context.js";

/** `"a" | "b"`: text with few different values. */
export const stringLiterals: Rule = (_context, _spot, value) =>
  value.bases.every((base) => base.isStringLiteral())
    ? { kind: "lowCardinality", inner: { kind: "simple", name: "String" } }
    : undefined;

/** A TypeScript enum. String members are numbered from 1 in the order they are declared in. */
export const enums: Rule = (context, spot, value) => {
  const { TypeFlags } = context.ts;
  if (!value.bases.some((base) => hasFlag(base, TypeFlags.EnumLike))) return undefined;
  const symbols = new Set(value.bases.map((base) => enumSymbol(context, base)));
  const [symbol] = symbols;
  if (symbols.size !== 1 || symbol === undefined || !everyHasFlag(value, TypeFlags.EnumLike)) {
    const says = `mixes an enum with other types: ${typeName(context, value.type)}`;
    return problem(context, spot, "schema/mixed-union", says, "write one enum");
  }
  const members = readMembers(context, spot, value, symbol);
  return members === failed ? failed : { kind: "enum", name: symbol.name, members };
};

/** The enum that a type, itself an enum or one of its members, belongs to. */
function enumSymbol(context: ReadContext, type: ts.Type): ts.Symbol | undefined {
  const { ts, checker } = context;
  if (!hasFlag(type, ts.TypeFlags.EnumLike)) return undefined;
  const declaration = type.symbol.declarations?.[0];
  return declaration !== undefined && ts.isEnumMember(declaration)
    ? checker.getSymbolAtLocation(declaration.parent.name)
    : type.symbol;
}

function readMembers(
  context: ReadContext,
  spot: Spot,
  value: Value,
  symbol: ts.Symbol,
): Reading<readonly EnumMember[]> {
  const { ts, checker } = context;
  const declared = (symbol.declarations ?? [])
    .filter(ts.isEnumDeclaration)
    .flatMap((node) => [...node.members]);
  const values = declared.map((member) => checker.getConstantValue(member));
  const invalid = enumProblem(values);
  if (invalid !== undefined) {
    return problem(context, spot, invalid.code, `is the enum ${symbol.name}, ${invalid.says}`, invalid.hint);
  }
  const wanted = wantedMembers(context, value);
  return declared.flatMap((node, index) => {
    const constant = values[index];
    if (wanted !== undefined && !wanted.has(checker.getSymbolAtLocation(node.name))) return [];
    const key = memberName(context, node);
    return typeof constant === "string"
      ? [{ name: constant, value: index + 1, key }]
      : [{ name: key, value: Number(constant) }];
  });
}

function memberName(context: ReadContext, member: ts.EnumMember): string {
  const { name } = member;
  return context.ts.isIdentifier(name) || context.ts.isStringLiteral(name) ? name.text : name.getText();
}

/** A field may allow only some members, `Status.New | Status.Done`; `undefined` stands for the whole enum. */
function wantedMembers(context: ReadContext, value: Value): ReadonlySet<ts.Symbol | undefined> | undefined {
  const { ts } = context;
  const isMember = (base: ts.Type) => base.symbol.declarations?.some(ts.isEnumMember) ?? false;
  return value.bases.every(isMember) ? new Set(value.bases.map((base) => base.symbol)) : undefined;
}

function enumProblem(
  values: readonly (string | number | undefined)[],
): { readonly code: `schema/${string}`; readonly says: string; readonly hint: string } | undefined {
  const code = "schema/enum-value";
  if (values.length === 0) return { code, says: "which has no members", hint: "give it members" };
  if (values.some((value) => value === undefined)) {
    return { code, says: "which has computed members", hint: "give each member a literal value" };
  }
  if (values.some((value) => typeof value !== typeof values[0])) {
    const hint = "give all members text, or all members numbers";
    return { code: "schema/mixed-enum", says: "which mixes text and numbers", hint };
  }
  if (new Set(values).size !== values.length) {
    return { code, says: "which has one value twice", hint: "give each member a value of its own" };
  }
  if (values.some((value) => typeof value === "number" && !fitsEnum16(value))) {
    return {
      code,
      says: "whose numbers ClickHouse cannot store",
      hint: "use whole numbers from -32768 to 32767",
    };
  }
  return undefined;
}

function fitsEnum16(value: number): boolean {
  return Number.isInteger(value) && value >= -32768 && value <= 32767;
}
