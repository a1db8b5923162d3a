// Indexes, projections and constraints that stand in the way of a change of a column: which they are, and how they are set aside.

import { isSameConstraint, isSameIndex, isSameProjection } from "../diff/diff-parts.js";
import type { Column, Table } from "../infra/table.js";
import {
  addConstraint,
  addIndex,
  addProjection,
  dropConstraint,
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
  const isNamed = ({ kind, part }: TablePart): boolean =>
    kind !== "projection" || mentions(part.body, column);
  const constraints = constraintsOn(before, after, column).leaving;
  return { setAside: [], leaving: [...leaving.filter(isNamed), ...constraints] };
}

/** Constraints that name the column: it can change, but not go, and be it for a moment. */
export function constraintsOn(before: Table, after: Table, column: string): PartsInTheWay {
  const names = namesFor(before, column);
  const parts = before.constraints
    .filter(({ expression }) => names.some((name) => mentions(expression, name)))
    .map((part) => ({ kind: "constraint", part }) as const);
  return sorted(parts, after);
}

export function bothParts(a: PartsInTheWay, b: PartsInTheWay): PartsInTheWay {
  return { setAside: [...a.setAside, ...b.setAside], leaving: [...a.leaving, ...b.leaving] };
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

function isKept({ kind, part }: TablePart, after: Table): boolean {
  switch (kind) {
    case "index":
      return after.indexes.some((one) => isSameIndex(one, part));
    case "projection":
      return after.projections.some((one) => isSameProjection(one, part));
    case "constraint":
      return after.constraints.some((one) => isSameConstraint(one, part));
  }
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
  const drop = { index: dropIndex, projection: dropProjection, constraint: dropConstraint }[kind];
  return { sql: drop(table, part.name), mutation: false };
}

/** The part is declared for rows to come, then built for those that are there; a constraint is only declared. */
export function addSteps(table: Table, { kind, part }: TablePart): readonly Step[] {
  switch (kind) {
    case "index":
      return [
        { sql: addIndex(table, part), mutation: false },
        { sql: materializeIndex(table, part.name), mutation: true },
      ];
    case "projection":
      return [
        { sql: addProjection(table, part), mutation: false },
        { sql: materializeProjection(table, part.name), mutation: true },
      ];
    case "constraint":
      return [{ sql: addConstraint(table, part), mutation: false }];
  }
}

/** `steps` without the parts in between. */
export function withoutParts(
  { before, after }: Sides,
  { setAside }: PartsInTheWay,
  steps: readonly Step[],
): readonly Step[] {
  const dropped = setAside.flatMap(({ kind, part }) => (kind === "index" ? [part.name] : []));
  return [
    ...setAside.map((part) => dropStep(after, part)),
    ...steps,
    ...setAside.toReversed().flatMap((part) => addSteps(after, part)),
    ...forgottenIndexSteps({ before, after }, dropped),
  ];
}

interface Sides {
  readonly before: Table;
  readonly after: Table;
}

/** Types whose files differ from part to part, or with what is inside. */
const typeOfManyFiles = /\b(?:Map|JSON|Object|Dynamic|Variant)\b/;

/**
 * Builds the indexes on other columns anew. Where a rewrite of a `Map` or of JSON leaves fewer files of that column than
 * there were, the server writes the part as a whole and forgets its skip indexes, without a word (measured on 26.7).
 */
export function lostIndexSteps(
  { from, to, ...sides }: Sides & { readonly from: Column; readonly to: Column },
  { setAside }: PartsInTheWay,
): readonly Step[] {
  if (![from.type, to.type].some((type) => typeOfManyFiles.test(type))) return [];
  return builtAnew(
    sides,
    new Set(setAside.flatMap(({ kind, part }) => (kind === "index" ? [part.name] : []))),
  );
}

/**
 * The same after the drop of indexes. One with the name of such a column is taken for the column when its files are
 * removed, and the other indexes of the part are forgotten (measured on 26.7).
 *
 * @param dropped - names of the indexes
 */
export function forgottenIndexSteps(sides: Sides, dropped: readonly string[]): readonly Step[] {
  const isTaken = sides.after.columns.some(
    ({ name, type }) => dropped.includes(name) && typeOfManyFiles.test(type),
  );
  return isTaken ? builtAnew(sides, new Set(dropped)) : [];
}

function builtAnew({ before, after }: Sides, others: ReadonlySet<string>): readonly Step[] {
  return before.indexes
    .filter((index) => isKept({ kind: "index", part: index }, after) && !others.has(index.name))
    .map((index) => ({ sql: materializeIndex(after, index.name), mutation: true }));
}

/** Statements that put the parts back after a failure on the way; some may be there still. */
export function restoreParts(table: Table, { setAside }: PartsInTheWay): readonly string[] {
  return setAside
    .toReversed()
    .flatMap((part) =>
      addSteps(table, part).map(({ sql }) =>
        sql.replace(/( ADD (?:INDEX|PROJECTION|CONSTRAINT) )/, "$1IF NOT EXISTS "),
      ),
    );
}
