// desired: what user code registered, joined with the types of its source, becomes the desired InfraMap.

import type { Diagnostic } from "../diagnostic.js";
import { addressOf } from "../infra/address.js";
import { type InfraMap, infraMapOf } from "../infra/inframap.js";
import type { Table } from "../infra/table.js";
import { desiredSqlResources } from "./desired-sql-resource.js";
import { desiredTable } from "./desired-table.js";
import { desiredTopics, type TopicOptions } from "./desired-topic.js";
import { desiredViews, duplicateViews } from "./desired-views.js";
import { type ListedObject, listedObjects } from "./listed.js";
import { describePlace } from "./place.js";
import type { Registration } from "./registration.js";
import { tableRenameProblems } from "./renames.js";
import type { RowSchema } from "./row-schema.js";
import { misplacedMarkers } from "./runtime-env.js";

/** A registration with the schema that was read for it. */
export interface Declaration {
  readonly registration: Registration;
  /** Undefined where the type could not be read; the reader has said why. */
  readonly schema: RowSchema | undefined;
}

export interface DesiredOptions extends TopicOptions {
  /** Database of tables that name none. */
  readonly database: string;
}

export interface Desired {
  readonly map: InfraMap;
  /** Everything that the code declares. */
  readonly objects?: readonly ListedObject[];
  /** With an error among them the map must not be applied: what could not be read is not absent. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * @param read - reads one table; a caller that reads the same declarations again may pass one that remembers
 */
export function desired(
  declarations: readonly Declaration[],
  options: DesiredOptions,
  read: typeof desiredTable = desiredTable,
): Desired {
  const diagnostics: Diagnostic[] = [];
  const tables: Table[] = [];
  for (const { registration, schema } of declarations) {
    if (schema === undefined || registration.kind !== "OlapTable") continue;
    const result = read(registration, schema, options.database);
    diagnostics.push(...result.diagnostics);
    if (result.table !== undefined) tables.push(result.table);
  }
  const views = desiredViews(declarations, options.database);
  const streams = desiredTopics(declarations, options);
  const registrations = declarations.map(({ registration }) => registration);
  const statements = desiredSqlResources(registrations, options.database);
  const map = infraMapOf(tables, views.views, streams.topics, statements.sqlResources);
  return {
    map,
    objects: listedObjects(registrations),
    diagnostics: [
      ...diagnostics,
      ...duplicates(tables),
      ...tableRenameProblems(tables),
      ...views.diagnostics,
      ...duplicateViews(tables, views.views),
      ...streams.diagnostics,
      ...statements.diagnostics,
      ...misplacedMarkers(map),
    ],
  };
}

function duplicates(tables: readonly Table[]): readonly Diagnostic[] {
  const first = new Map<string, Table>();
  const found: Diagnostic[] = [];
  for (const table of tables) {
    const earlier = first.get(addressOf(table));
    if (earlier === undefined) first.set(addressOf(table), table);
    else {
      found.push({
        code: "declare/duplicate-table",
        severity: "error",
        summary: `table ${table.name} is declared twice`,
        detail: `the first declaration is at ${describePlace(earlier.place)}`,
        place: table.place,
        hint: "remove one of them, or give it another name",
      });
    }
  }
  return found;
}
