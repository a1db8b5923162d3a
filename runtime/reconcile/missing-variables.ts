// Variables that a schema takes values from, and that are not set where it is to be applied.

import type { Diagnostic, SourcePlace } from "../../src/diagnostic.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { type Variables, variablesIn } from "../../src/sql/runtime-variable.js";

/** One problem for each table or dictionary and variable, at the place of its declaration where that is known. */
export function missingVariables(
  { tables, views }: Pick<InfraMap, "tables" | "views">,
  variables: Variables,
): readonly Diagnostic[] {
  return [
    ...[...tables].flatMap(([address, { engine, settings, place }]) =>
      [engine, ...Object.values(settings)]
        .flatMap(variablesIn)
        .map((variable) => ({ variable, subject: `table ${address}`, place })),
    ),
    ...[...views].flatMap(([address, { kind, select, place }]) =>
      kind === "Dictionary"
        ? variablesIn(select).map((variable) => ({ variable, subject: `dictionary ${address}`, place }))
        : [],
    ),
  ]
    .filter(({ variable }) => variables[variable] === undefined)
    .filter(isFirst)
    .map(missing);
}

interface Missing {
  readonly variable: string;
  readonly subject: string;
  readonly place: SourcePlace | undefined;
}

function isFirst({ variable, subject }: Missing, index: number, all: readonly Missing[]): boolean {
  return index === all.findIndex((one) => one.variable === variable && one.subject === subject);
}

function missing({ variable, subject, place }: Missing): Diagnostic {
  return {
    code: "reconcile/missing-variable",
    severity: "error",
    summary: `${subject} has a value from the environment variable ${variable}, which is not set`,
    place,
    hint: `set ${variable} for this process, or in a .env file of the project`,
  };
}
