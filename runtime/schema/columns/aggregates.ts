// States of aggregate functions.

import type ts from "typescript";
import type { DataType } from "../../../src/infra/datatype.js";
import { isTupleType } from "../compiler.js";
import { failed, problem, type ReadContext, type Reading, type Rule, type Spot } from "./context.js";

const kinds = [
  ["aggregated", "aggregate", 'number & Aggregated<"avg", [number]>'],
  ["simpleAggregated", "simpleAggregate", 'number & SimpleAggregated<"max", number>'],
] as const;

/** `sum` or `quantiles(0.5, 0.9)`. */
const call = /^[A-Za-z_][A-Za-z0-9_]*(\([\w.,' -]*\))?$/;

/** The type that carries the tag is that of the result; what is stored follows from the tag alone. */
export const aggregates: Rule = (context, spot, value) => {
  for (const [tag, kind, example] of kinds) {
    const type = value.typeTags.get(tag);
    if (type === undefined) continue;
    const name = memberOf(context, type, "call");
    if (!name?.isStringLiteral() || !call.test(name.value)) {
      const says = "names no aggregate function";
      return problem(context, spot, "schema/aggregate-function", says, `write ${example}`);
    }
    const args = readArgs(context, spot, memberOf(context, type, "args"));
    return args === failed ? failed : { kind, functionName: name.value, args };
  }
  return undefined;
};

function memberOf({ checker }: ReadContext, type: ts.Type, name: string): ts.Type | undefined {
  const symbol = checker.getPropertyOfType(type, name);
  return symbol && checker.getTypeOfSymbol(symbol);
}

function readArgs(context: ReadContext, spot: Spot, list: ts.Type | undefined): Reading<readonly DataType[]> {
  const { checker } = context;
  if (list === undefined || !isTupleType(checker, list)) return [];
  const args: DataType[] = [];
  for (const type of checker.getTypeArguments(list as ts.TypeReference)) {
    const arg = context.readInner(spot, type);
    if (arg === failed) return failed;
    args.push(arg);
  }
  return args;
}
