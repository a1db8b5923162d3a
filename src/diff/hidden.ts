// What is not told of a table, by the server or by the code that has it from the environment: it is no difference.

import type { InfraMap } from "../infra/inframap.js";
import type { Table } from "../infra/table.js";
import type { View } from "../infra/view.js";
import { underMarkersOfSource } from "../sql/dictionary.js";
import { hidesArguments } from "../sql/engine.js";
import { isMarker, mentionsMarker } from "../sql/runtime-variable.js";
import { readType } from "../sql/type-tree.js";
import { isSameText } from "./diff-views.js";

/** The server prints this for the value of a setting that is a secret. */
const hidden = "[HIDDEN]";

/** Whether a setting is as the code wants it, as far as can be seen. */
export function isSameSetting(found: string | undefined, wanted: string | undefined): boolean {
  if (found === wanted) return true;
  if (found === undefined || wanted === undefined) return false;
  return found === hidden || isMarker(found) !== isMarker(wanted);
}

/** Whether there is something of the table that cannot be compared. */
export function hidesSomething(found: Table): boolean {
  return hidesArguments(found.engine) || Object.values(found.settings).includes(hidden);
}

/** What was found, with the markers of the code in the place of what they stand for: values of variables are not kept. */
export function underMarkers(found: InfraMap, wanted: InfraMap): InfraMap {
  const tables = [...found.tables].map(([address, table]): [string, Table] => [
    address,
    tableUnderMarkers(table, wanted.tables.get(address)),
  ]);
  const views = [...found.views].map(([address, view]): [string, View] => [
    address,
    viewUnderMarkers(view, wanted.views.get(address)),
  ]);
  return { ...found, tables: new Map(tables), views: new Map(views) };
}

/** The very same table where there is no marker: comparisons remember tables. */
function tableUnderMarkers(found: Table, wanted: Table | undefined): Table {
  if (wanted === undefined) return found;
  const settings = Object.fromEntries(
    Object.entries(found.settings).map(([name, value]) => {
      const other = wanted.settings[name] ?? "";
      return [name, isMarker(other) ? other : value];
    }),
  );
  const engine = engineUnderMarkers(found.engine, wanted.engine);
  const isSame = engine === found.engine && JSON.stringify(settings) === JSON.stringify(found.settings);
  return isSame ? found : { ...found, engine, settings };
}

function engineUnderMarkers(found: string, wanted: string): string {
  const [from, to] = [readType(found), readType(wanted)];
  if (from.name !== to.name || from.args.length !== to.args.length || !to.args.some(isMarker)) return found;
  const args = from.args.map((arg, index) => {
    const other = to.args[index] ?? "";
    return isMarker(other) ? other : arg;
  });
  return `${from.name}(${args.join(", ")})`;
}

function viewUnderMarkers(found: View, wanted: View | undefined): View {
  if (wanted === undefined || found.kind !== "Dictionary" || !mentionsMarker(wanted.select)) return found;
  if (isSameText(found, wanted)) return { ...found, select: wanted.select };
  return { ...found, select: underMarkersOfSource(found.select, wanted.select) };
}
