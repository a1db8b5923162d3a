// A view as Moose's JSON has it, and back.

import { LifeCycle } from "../infra/lifecycle.js";
import type { View } from "../infra/view.js";
import { withoutSecretsOfSource } from "../sql/dictionary.js";
import { tableReferences } from "../sql/table-references.js";
import { readDatabase, readExpression, readName } from "./checked.js";
import { type PlainObject, type Spot, sortedKeys } from "./value.js";

/** @param defaultDatabase - views of it name no database, as those of the existing tool */
export function writeView(view: View, defaultDatabase: string): PlainObject {
  const databaseOf = (database: string) => (database === defaultDatabase ? null : database);
  return sortedKeys({
    name: view.name,
    database: databaseOf(view.database),
    ...(view.kind === "Dictionary"
      ? { definition: withoutSecretsOfSource(view.select) }
      : {
          select_sql: view.select,
          source_tables: [...new Set(tableReferences(view.select).map(quotedReference))],
        }),
    metadata: view.place === undefined ? null : { description: null, source: { file: view.place.file } },
    life_cycle: view.lifeCycle,
    ...(view.target === undefined
      ? {}
      : { target_table: view.target.name, target_database: databaseOf(view.target.database) }),
    ...(view.refresh === "" ? {} : { refresh: view.refresh }),
  }) as PlainObject;
}

function quotedReference({
  database,
  name,
}: {
  readonly database: string | undefined;
  readonly name: string;
}): string {
  return database === undefined ? `\`${name}\`` : `\`${database}\`.\`${name}\``;
}

export function readView(spot: Spot, kind: View["kind"], defaultDatabase: string): View {
  const select = spot.field(kind === "Dictionary" ? "definition" : "select_sql");
  const target = spot.field("target_table");
  const lifeCycle = Object.values(LifeCycle).find((one) => one === spot.field("life_cycle").value);
  return {
    kind,
    database: readDatabase(spot.field("database"), defaultDatabase),
    name: readName(spot.field("name")),
    select: select.text(),
    target:
      kind !== "MaterializedView" || target.isAbsent
        ? undefined
        : {
            database: readDatabase(spot.field("target_database"), defaultDatabase),
            name: readName(target),
          },
    refresh: readExpression(spot.field("refresh"), true),
    columns: undefined,
    lifeCycle: lifeCycle ?? LifeCycle.FULLY_MANAGED,
  };
}
