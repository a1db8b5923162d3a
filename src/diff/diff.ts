// diff: two InfraMaps in, the changes between them out. Both sides must be in the form that the server prints.

import { type Address, addressOf } from "../infra/address.js";
import type { InfraMap } from "../infra/inframap.js";
import type { Table } from "../infra/table.js";
import type { Change } from "./change.js";
import { diffColumns } from "./diff-columns.js";
import { diffParts } from "./diff-parts.js";
import { isBeyondEngine, limitOf } from "./engine-limits.js";
import { isSameSetting } from "./hidden.js";
import { isFixedSetting, layoutDifferences } from "./layout.js";
import { renameColumns, renamedTable, successorOf } from "./renames.js";

/** Changes that turn `before` into `after`, by address. */
export function diff(before: InfraMap, after: InfraMap): readonly Change[] {
  const renamed = new Map<Address, Table>();
  for (const [address, wanted] of after.tables) {
    const old = renamedTable(wanted, before, after);
    if (old !== undefined) renamed.set(address, old);
  }
  const moved = new Set([...renamed.values()].map(addressOf));
  const addresses = [...new Set([...before.tables.keys(), ...after.tables.keys()])].sort();
  return addresses
    .filter((address) => !moved.has(address))
    .flatMap((address) => {
      const [old, wanted] = [renamed.get(address), after.tables.get(address)];
      if (wanted === undefined) return removed(address, before.tables.get(address), after);
      if (old === undefined) return diffTable(address, before.tables.get(address), wanted);
      const now = { ...old, name: wanted.name };
      const change: Change = { kind: "TableRenamed", address, before: now, after: wanted, renamed: old };
      return [change, ...diffTable(address, now, wanted)];
    });
}

function removed(address: string, table: Table | undefined, after: InfraMap): readonly Change[] {
  return table === undefined
    ? []
    : [{ kind: "TableRemoved", address, table, successor: successorOf(table, after) }];
}

function diffTable(address: string, found: Table | undefined, after: Table): readonly Change[] {
  if (found === undefined) return [{ kind: "TableAdded", address, table: after }];
  const { changes: renames, table: before } = renameColumns(address, found, after);
  const others: readonly Change[] = [...renames, ...inPlace(address, before, after)];
  const limits = others.filter(isBeyondEngine).map(limitOf);
  const layout = [...layoutDifferences(before, after), ...limits];
  if (layout.length === 0) return others;
  const changed: Change = { kind: "LayoutChanged", aspects: layout, address, before, after };
  return [...renames, changed, ...others.slice(renames.length)];
}

function inPlace(address: string, before: Table, after: Table): readonly Change[] {
  const table = { address, before, after };
  return [
    ...diffColumns(address, before, after),
    ...diffParts(address, before, after),
    ...(before.ttl !== after.ttl ? [{ kind: "TtlChanged", ...table } as const] : []),
    ...(before.sampleBy !== after.sampleBy ? [{ kind: "SampleByChanged", ...table } as const] : []),
    ...(sameSettings(before, after) ? [] : [{ kind: "SettingsChanged", ...table } as const]),
    ...(before.comment !== after.comment ? [{ kind: "CommentChanged", ...table } as const] : []),
  ];
}

function sameSettings(before: Table, after: Table): boolean {
  const names = new Set([...Object.keys(before.settings), ...Object.keys(after.settings)]);
  return [...names].every(
    (name) => isFixedSetting(name) || isSameSetting(before.settings[name], after.settings[name]),
  );
}
