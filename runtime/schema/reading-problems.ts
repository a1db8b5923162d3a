// What is said where a declaration, or the whole project, cannot be read at all.

import type { Diagnostic, SourcePlace } from "../../src/diagnostic.js";
import type { SchemaReading } from "./column-cache.js";
import type { SiteExpression } from "./sites.js";

export function missingEntry(file: string): Diagnostic {
  const summary = `there is no ${file}, the module from which moose reads the project`;
  const hint = "create it, and import from it the modules that declare tables";
  return { code: "schema/no-entry", severity: "error", summary, hint };
}

export function noExpression(sites: readonly string[]): SchemaReading {
  const summary =
    sites.length === 0
      ? "a declaration was made by code that moose did not load, so its row type is not known"
      : `there is no declaration at ${sites.join(", ")}`;
  const hint = "declare it in a TypeScript file of the project that the entry imports";
  return failure({ code: "schema/no-site", severity: "error", summary, hint });
}

export function noTypeArgument(made: SiteExpression, place: SourcePlace): SchemaReading {
  const name = made.expression.getText();
  return failure({
    code: "schema/no-type-argument",
    severity: "error",
    summary: `new ${name}(..) does not say what its rows are`,
    place,
    hint: `write the row type: interface Row { id: string } and new ${name}<Row>(..)`,
  });
}

export function noDeclaration(made: SiteExpression, place: SourcePlace): SchemaReading {
  return failure({
    code: "schema/no-declaration",
    severity: "error",
    summary: `the type of ${made.expression.getText()} is not known to be a declaration of moose`,
    place,
    hint: 'import the class from "@514labs/moose-lib", and check that the import resolves',
  });
}

function failure(diagnostic: Diagnostic): SchemaReading {
  return { schema: undefined, diagnostics: [diagnostic] };
}
