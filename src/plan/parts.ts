// Indexes and projections that stand in the way of a change of a column: which they are, and how they are set aside.

import { isSameIndex, isSameProjection } from "../diff/diff-parts.js";
import type { Table } from "../infra/table.js";
import {
  addIndex,
  addProjection,
  dropIndex,
  dropProjection,
  materializeIndex,
  materializeProjection,
} from "../sql/alter-table.js";
import { mentions } from "../sql/mentions.js";
import { takesAllColumns } from "../sql/table-parts.js";
import type { PartsInTheWay, Step, TablePart } from "./operation.js";

export const noParts: PartsInTheWay = { setAside: [], leaving: [] };

/** Parts of `before` whose data is computed from the column, in the order in which they are dropped. */
export function partsOn(before: Table, after: Table, column: string): PartsInTheWay {
  const names = namesFor(before, column);
  const isNamed = (text: string): boolean => names.some((name) => mentions(text, name));
  const parts: readonly TablePart[] = [
    ...projectionsOn(before, isNamed),
    ...before.indexes
      .filter(({ expression }) => isNamed(expression))
      .map((part) => ({ kind: "index", part }) as const),
  ];
  return sorted(parts, after);
}

/** Parts that name the column, so that it cannot be dropped; a projection of all columns follows by itself. */
export function partsNaming(before: Table, after: Table, column: string): PartsInTheWay {
  const { leaving } = partsOn(before, after, column);
  const isNamed = ({ kind, part }: TablePart): boolean => kind === "index" || mentions(part.body, column);
  return { setAside: [], leaving: leaving.filter(isNamed) };
}

/** Projections of `before` that name the column: the server follows a rename in indexes, but not in these. */
export function projectionsNaming(before: Table, after: Table, column: string): PartsInTheWay {
  return sorted(
    projectionsOn(before, (text) => mentions(text, column)),
    after,
  );
}

function projectionsOn({ projections }: Table, isNamed: (text: string) => boolean): readonly TablePart[] {
  return projections
    .filter(({ body }) => takesAllColumns(body) || isNamed(body))
    .map((part) => ({ kind: "projection", part }) as const);
}

function sorted(parts: readonly TablePart[], after: Table): PartsInTheWay {
  return {
    setAside: parts.filter((part) => isKept(part, after)),
    leaving: parts.filter((part) => !isKept(part, after)),
  };
}

function isKept(found: TablePart, after: Table): boolean {
  return found.kind === "index"
    ? after.indexes.some((one) => isSameIndex(one, found.part))
    : after.projections.some((one) => isSameProjection(one, found.part));
}

/** The column, and the aliases that stand for it: an index over an alias holds what that computes. */
function namesFor(table: Table, column: string): readonly string[] {
  const names = [column];
  // The list grows while it is walked.
  for (const name of names) {
    for (const other of table.columns) {
      const isAlias = other.default?.kind === "ALIAS" && mentions(other.default.expression, name);
      if (isAlias && !names.includes(other.name)) names.push(other.name);
    }
  }
  return names;
}

export function dropStep(table: Table, { kind, part }: TablePart): Step {
  const sql = kind === "index" ? dropIndex(table, part.name) : dropProjection(table, part.name);
  return { sql, mutation: false };
}

/** The part is declared for rows to come, then built for those that are there. */
export function addSteps(table: Table, found: TablePart): readonly Step[] {
  const [add, materialize] =
    found.kind === "index"
      ? [addIndex(table, found.part), materializeIndex(table, found.part.name)]
      : [addProjection(table, found.part), materializeProjection(table, found.part.name)];
  return [
    { sql: add, mutation: false },
    { sql: materialize, mutation: true },
  ];
}

/** `steps` without the parts in between. */
export function withoutParts(
  table: Table,
  { setAside }: PartsInTheWay,
  steps: readonly Step[],
): readonly Step[] {
  return [
    ...setAside.map((part) => dropStep(table, part)),
    ...steps,
    ...setAside.toReversed().flatMap((part) => addSteps(table, part)),
  ];
}

/** Statements that put the parts back after a failure on the way; some may be there still. */
export function restoreParts(table: Table, { setAside }: PartsInTheWay): readonly string[] {
  return setAside
    .toReversed()
    .flatMap((part) =>
      addSteps(table, part).map(({ sql }) => sql.replace(/( ADD (?:INDEX|PROJECTION) )/, "$1IF NOT EXISTS ")),
    );
}
