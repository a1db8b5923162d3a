// planSqlResources: changes of SQL resources in, their operations out, each at its place among tables and views.

import { type SqlResourceChange, sqlResourceChangeKey } from "../diff/diff-sql-resources.js";
import type { InfraMap } from "../infra/inframap.js";
import type { SqlResource } from "../infra/sql-resource.js";
import { destroys, dropsView, makesOwnStorage } from "../sql/destroys.js";
import { mentions } from "../sql/mentions.js";
import type { SqlResourceOperation } from "./sql-resource-operation.js";

export interface SqlResourceChanges {
  readonly changes: readonly SqlResourceChange[];
  readonly before: InfraMap;
  readonly after: InfraMap;
}

export const noSqlResources = { beforeViewDrops: [], beforeTables: [], afterTables: [], last: [] } as const;

export interface PlannedSqlResources {
  readonly beforeViewDrops: readonly SqlResourceOperation[];
  readonly beforeTables: readonly SqlResourceOperation[];
  readonly afterTables: readonly SqlResourceOperation[];
  readonly last: readonly SqlResourceOperation[];
}

/**
 * What names no table and no view, such as a function, is set up before those that may need it; what names tables comes
 * after them, and what names views comes last. They are torn down the other way round.
 */
export function planSqlResources({ changes, before, after }: SqlResourceChanges): PlannedSqlResources {
  const [ranksBefore, ranksAfter] = [ranksOf(before), ranksOf(after)];
  const planned = changes.flatMap(operationsFor).map((operation) => {
    const isSetup = operation.kind === "SetUpSqlResource";
    const { rank, depth } = (isSetup ? ranksAfter : ranksBefore)(operation.resource);
    return { operation, isSetup, rank, depth };
  });
  const setups = planned.filter(({ isSetup }) => isSetup).toSorted((a, b) => a.depth - b.depth);
  const teardowns = planned.filter(({ isSetup }) => !isSetup).toSorted((a, b) => b.depth - a.depth);
  const at = (list: typeof planned, wanted: number) =>
    list.filter(({ rank }) => rank === wanted).map(({ operation }) => operation);
  // What nobody replaces is needed by tables and views until they are changed.
  const isLast = ({ operation, rank }: (typeof planned)[number]) => rank === 0 && !operation.isReplaced;
  const early = teardowns.filter((one) => !isLast(one));
  return {
    beforeViewDrops: at(early, 2),
    beforeTables: [...at(early, 1), ...at(early, 0), ...at(setups, 0)],
    afterTables: at(setups, 1),
    last: [...at(setups, 2), ...teardowns.filter(isLast).map(({ operation }) => operation)],
  };
}

interface Place {
  /** What has to be there: 0 nothing, 1 tables, 2 views as well. */
  readonly rank: number;
  /** One that names another comes after it. */
  readonly depth: number;
}

function ranksOf({ tables, views, sqlResources }: InfraMap): (resource: SqlResource) => Place {
  const namesIn = (objects: Iterable<{ readonly name: string }>) => [...objects].map(({ name }) => name);
  const [tableNames, viewNames] = [namesIn(tables.values()), namesIn(views.values())];
  const known = new Map<string, Place>();
  const placeOf = (resource: SqlResource): Place => {
    const found = known.get(resource.name);
    if (found !== undefined) return found;
    const { name, setup, teardown, pullsDataFrom, pushesDataTo } = resource;
    const text = [...pullsDataFrom, ...pushesDataTo, ...setup, ...teardown].join("\n");
    const namesOne = (names: readonly string[]) => names.some((one) => mentions(text, one));
    const own: Place = { rank: namesOne(viewNames) ? 2 : namesOne(tableNames) ? 1 : 0, depth: 0 };
    // Of those that name each other in a circle, one has to come first.
    known.set(name, own);
    const below = [...sqlResources.values()]
      .filter((other) => other.name !== name && mentions(text, other.name))
      .map(placeOf);
    const place = {
      rank: Math.max(own.rank, ...below.map(({ rank }) => rank)),
      depth: Math.max(0, ...below.map(({ depth }) => depth + 1)),
    };
    known.set(name, place);
    return place;
  };
  return placeOf;
}

function operationsFor(change: SqlResourceChange): readonly SqlResourceOperation[] {
  const { resource } = change;
  switch (change.kind) {
    case "SqlResourceAdded":
      return [setUp(change, "declared in code")];
    case "SqlResourceRemoved":
      return [tearDown(change, resource, "no longer in code", false)];
    case "SqlResourceChanged": {
      const old = change.resourceBefore;
      return [tearDown(change, old, "its setup differs", true), setUp(change, "its setup differs")];
    }
    case "SqlResourceUnfinished":
      return [setUp(change, "its setup was left off in the middle", change.resourceBefore)];
  }
}

function setUp(change: SqlResourceChange, reason: string, before?: SqlResource): SqlResourceOperation {
  const { resource } = change;
  return operation(change, resource, {
    kind: "SetUpSqlResource",
    reason,
    statements: resource.setup,
    unfinished: before?.unfinished,
    isReplaced: false,
  });
}

function tearDown(
  change: SqlResourceChange,
  resource: SqlResource,
  reason: string,
  isReplaced: boolean,
): SqlResourceOperation {
  const unfinished = resource.unfinished?.doing === "teardown" ? resource.unfinished : undefined;
  const kind = "TearDownSqlResource";
  return operation(change, resource, { kind, reason, statements: resource.teardown, unfinished, isReplaced });
}

function operation(
  change: SqlResourceChange,
  resource: SqlResource,
  what: Pick<SqlResourceOperation, "kind" | "reason" | "isReplaced"> & {
    readonly statements: readonly string[];
    readonly unfinished: SqlResource["unfinished"];
  },
): SqlResourceOperation {
  const { statements, unfinished, ...rest } = what;
  const done = unfinished?.done ?? 0;
  const left = statements.slice(done);
  const keepsRows = resource.setup.some(makesOwnStorage);
  return {
    id: "",
    cause: sqlResourceChangeKey(change),
    address: change.address,
    resource,
    cost: "metadata",
    destructive: left.some((sql) => destroys(sql) || (keepsRows && dropsView(sql))),
    stake: undefined,
    steps: left.map((sql) => ({ sql, mutation: false, inDatabase: resource.database })),
    undo: undefined,
    done,
    isBegun: unfinished?.isNextBegun === true && left.length > 0,
    ...rest,
  };
}
