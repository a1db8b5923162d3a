// All declared views, and what can be wrong between them.

import type { Diagnostic } from "../diagnostic.js";
import { addressOf } from "../infra/address.js";
import type { Table } from "../infra/table.js";
import type { View } from "../infra/view.js";
import { desiredDictionary } from "./desired-dictionary.js";
import { desiredView } from "./desired-view.js";
import { describePlace } from "./place.js";
import type { Registration } from "./registration.js";
import type { RowSchema } from "./row-schema.js";

interface Declared {
  readonly registration: Registration;
  /** Undefined where the type could not be read, which has been said. */
  readonly schema: RowSchema | undefined;
}

export interface DesiredViews {
  readonly views: readonly View[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Of views and dictionaries. */
export function desiredViews(declarations: readonly Declared[], defaultDatabase: string): DesiredViews {
  const read = declarations.flatMap(({ registration, schema }) => {
    switch (registration.kind) {
      case "View":
      case "MaterializedView":
        return [desiredView(registration, defaultDatabase)];
      case "OlapDictionary":
        return schema === undefined ? [] : [desiredDictionary(registration, schema, defaultDatabase)];
      default:
        return [];
    }
  });
  return {
    views: read.flatMap(({ view }) => view ?? []),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** A view that has the name of a table, or of another view. */
export function duplicateViews(tables: readonly Table[], views: readonly View[]): readonly Diagnostic[] {
  const first = new Map<string, Table | View>(tables.map((table) => [addressOf(table), table]));
  return views.flatMap((view): readonly Diagnostic[] => {
    const earlier = first.get(addressOf(view));
    if (earlier === undefined) {
      first.set(addressOf(view), view);
      return [];
    }
    const other = "select" in earlier ? `another ${noun(earlier)}` : "a table";
    return [
      {
        code: "declare/duplicate-view",
        severity: "error",
        summary: `${noun(view)} ${view.name} has the name of ${other}`,
        detail: `which is declared at ${describePlace(earlier.place)}`,
        place: view.place,
        hint: "give one of them another name",
      },
    ];
  });
}

function noun({ kind }: View): string {
  return kind === "Dictionary" ? "dictionary" : "view";
}
