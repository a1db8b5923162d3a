// diff: two InfraMaps in, the changes between them out. Both sides must be in the form that the server prints.

import type { InfraMap } from "../infra/inframap.js";
import type { Table } from "../infra/table.js";
import type { Change } from "./change.js";
import { diffColumns } from "./diff-columns.js";
import { isFixedSetting, layoutDifferences } from "./layout.js";

/** Changes that turn `before` into `after`, by address. */
export function diff(before: InfraMap, after: InfraMap): readonly Change[] {
  const addresses = [...new Set([...before.tables.keys(), ...after.tables.keys()])].sort();
  return addresses.flatMap((address) =>
    diffTable(address, before.tables.get(address), after.tables.get(address)),
  );
}

function diffTable(address: string, before: Table | undefined, after: Table | undefined): readonly Change[] {
  if (before === undefined) return after === undefined ? [] : [{ kind: "TableAdded", address, table: after }];
  if (after === undefined) return [{ kind: "TableRemoved", address, table: before }];
  const layout = layoutDifferences(before, after);
  const table = { address, before, after };
  return [
    ...(layout.length > 0 ? [{ kind: "LayoutChanged", aspects: layout, ...table } as const] : []),
    ...diffColumns(address, before, after),
    ...(before.ttl !== after.ttl ? [{ kind: "TtlChanged", ...table } as const] : []),
    ...(before.sampleBy !== after.sampleBy ? [{ kind: "SampleByChanged", ...table } as const] : []),
    ...(sameSettings(before, after) ? [] : [{ kind: "SettingsChanged", ...table } as const]),
    ...(before.comment !== after.comment ? [{ kind: "CommentChanged", ...table } as const] : []),
  ];
}

function sameSettings(before: Table, after: Table): boolean {
  const names = new Set([...Object.keys(before.settings), ...Object.keys(after.settings)]);
  return [...names].every((name) => isFixedSetting(name) || before.settings[name] === after.settings[name]);
}
