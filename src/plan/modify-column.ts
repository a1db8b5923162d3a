// The statements that change a column in place, and those that take a failed change back.

import type { Change } from "../diff/change.js";
import { isStored } from "../diff/diff-columns.js";
import type { Column, Table } from "../infra/table.js";
import {
  addColumn,
  commentColumn,
  dropColumn,
  modifyColumn,
  type RemovableProperty,
  removeColumnProperty,
} from "../sql/alter-table.js";
import { intermediateType } from "../sql/conversion.js";
import { isNullable, withoutNulls } from "../sql/type-tree.js";
import { dependsOn, neighbour } from "./column-order.js";
import type { Step } from "./operation.js";
import { ttlStep } from "./ttl-rewrite.js";

type ColumnChanged = Extract<Change, { kind: "ColumnChanged" }>;

const noProperties = { default: undefined, comment: "", codec: "", ttl: "" } as const;

/** Removals first: an old default or TTL may not fit the new type. */
export function modifyColumnSteps(change: ColumnChanged): readonly Step[] {
  const { before, after: table, from, to, aspects } = change;
  if (isStored(from) !== isStored(to)) return storageSteps(change);
  const removals = removedProperties(from, to).map((property) =>
    metadata(removeColumnProperty(table, to.name, property)),
  );
  const typeChanges = aspects.includes("type");
  const steps: Step[] = [...removals];
  if (typeChanges) steps.push(...typeSteps(table, from, to));
  const definition = setProperties(
    to,
    aspects.filter((aspect) => !typeChanges || aspect === "ttl"),
  );
  if (definition !== undefined) {
    const sql = modifyColumn(table, definition);
    steps.push(definition.ttl === "" ? metadata(sql) : ttlStep([before, table], sql));
  }
  if (aspects.includes("comment")) steps.push(metadata(commentColumn(table, to.name, to.comment)));
  return steps;
}

/**
 * A column that becomes stored, or is no longer. It is dropped and added, unless others are computed from it, for then the
 * server refuses the drop. One that becomes stored can change its kind in place; values that are given up cannot be
 * cleared beside their users, which would be computed anew, so such a change is never let through to here.
 */
function storageSteps({ before, after, from, to }: ColumnChanged): readonly Step[] {
  const used = [...before.columns, ...after.columns].some((column) => dependsOn(column, to.name));
  if (!used || isStored(from)) {
    const present = new Set(before.columns.map(({ name }) => name));
    return [
      metadata(dropColumn(after, to.name)),
      metadata(addColumn(after, to, neighbour(to.name, after.columns, present))),
    ];
  }
  return [
    ...becomingStored(after, from, to).map(metadata),
    { sql: modifyColumn(after, { ...to, comment: "" }), mutation: true },
    metadata(commentColumn(after, to.name, to.comment)),
  ];
}

/**
 * The new type comes first, while nothing is stored: neither the default nor a value of the old type need fit the other
 * one, as a number fits no FixedString. A default comes in between in any case: there is no other way out of EPHEMERAL.
 */
function becomingStored(table: Table, from: Column, to: Column): readonly string[] {
  const kind = from.default?.kind ?? "ALIAS";
  const becomes = (value: Column["default"]) =>
    modifyColumn(table, { ...to, ...noProperties, default: value });
  const given = to.default ?? zeroDefault(to.type);
  return [
    ...(from.type === to.type ? [] : [becomes({ ...given, kind })]),
    becomes(given),
    ...(to.default === undefined ? [removeColumnProperty(table, to.name, "DEFAULT")] : []),
  ];
}

function metadata(sql: string): Step {
  return { sql, mutation: false };
}

function removedProperties(from: Column, to: Column): readonly RemovableProperty[] {
  const removed: RemovableProperty[] = [];
  const kind = from.default?.kind;
  if (kind !== undefined && kind !== "EPHEMERAL" && to.default?.kind !== kind) removed.push(kind);
  if (from.codec !== "" && to.codec === "") removed.push("CODEC");
  if (from.ttl !== "" && to.ttl === "") removed.push("TTL");
  return removed;
}

/** The definition with just the properties that are set anew; undefined where none is. */
function setProperties(to: Column, aspects: readonly string[]): Column | undefined {
  const sets = {
    default: aspects.includes("default") ? to.default : undefined,
    codec: aspects.includes("codec") ? to.codec : "",
    ttl: aspects.includes("ttl") ? to.ttl : "",
  };
  if (sets.default === undefined && sets.codec === "" && sets.ttl === "") return undefined;
  return { name: to.name, type: to.type, comment: "", ...sets };
}

function typeSteps(table: Table, from: Column, to: Column): readonly Step[] {
  const becomes = (type: string, value: Column["default"], codec = ""): Step => ({
    sql: modifyColumn(table, { ...to, ...noProperties, type, default: value, codec }),
    mutation: true,
  });
  // Nothing on disk has to be converted.
  if (!isStored(to)) return [becomes(to.type, to.default, to.codec)];
  const losesNulls = isNullable(from.type) && !isNullable(to.type);
  if (!losesNulls) {
    const through = intermediateType(from.type, to.type);
    return [
      ...(through === undefined ? [] : [becomes(through, undefined)]),
      becomes(to.type, to.default, to.codec),
    ];
  }
  // The server wants a DEFAULT to replace nulls with (36), one that names no other column (47) and is of the type that
  // the values have; no null is left by now.
  const bare = withoutNulls(from.type);
  const through = intermediateType(bare, to.type);
  const types = [...new Set([bare, ...(through === undefined ? [] : [through])])].filter(
    (t) => t !== to.type,
  );
  const ofCode =
    to.default === undefined
      ? removeColumnProperty(table, to.name, "DEFAULT")
      : modifyColumn(table, { ...to, ...noProperties, default: to.default });
  return [
    ...types.map((type) => becomes(type, zeroDefault(type))),
    becomes(to.type, zeroDefault(to.type), to.codec),
    metadata(ofCode),
  ];
}

function zeroDefault(type: string): NonNullable<Column["default"]> {
  return { kind: "DEFAULT", expression: `defaultValueOfTypeName('${type.replace(/[\\']/g, "\\$&")}')` };
}

/** Puts the old type and TTL back; with the type the values become readable again. */
export function repairColumnSteps(change: ColumnChanged): readonly string[] {
  const { before, after: table, from, aspects } = change;
  if (!aspects.includes("type")) {
    if (!aspects.includes("ttl")) return [];
    return [
      from.ttl === ""
        ? removeColumnProperty(table, from.name, "TTL")
        : ttlStep([before, table], modifyColumn(table, { ...from, ...noProperties, ttl: from.ttl })).sql,
    ];
  }
  const old = { ...from, comment: "" };
  if (from.default !== undefined) return [modifyColumn(table, old)];
  // One may have been set on the way; with a known one there is something to remove.
  return [
    modifyColumn(table, { ...old, default: zeroDefault(from.type) }),
    removeColumnProperty(table, from.name, "DEFAULT"),
  ];
}
