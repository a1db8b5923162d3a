// Drift: what differs between the database as it is and the state that a migration was made for.

import { changesBetween, type Standing } from "../../src/apply/progress.js";
import type { Diagnostic } from "../../src/diagnostic.js";
import type { Address } from "../../src/infra/address.js";
import type { Table } from "../../src/infra/table.js";
import { changeText } from "../../src/status/change-text.js";
import type { LiveTable } from "../clickhouse/inspect.js";
import type { StateRecords } from "../clickhouse/state.js";
import type { Migration } from "./migration.js";

export interface Standings {
  /** Where each table stands that the migration touches. */
  readonly standings: readonly Standing[];
  /** Every address at which such a table is found at some moment. */
  readonly touchedAddresses: ReadonlySet<Address>;
}

/** One diagnostic for each table that is not as the migration expects it. */
export function driftOf(
  { before, histories }: Pick<Migration, "before" | "histories">,
  live: readonly LiveTable[],
  state: StateRecords,
  { standings, touchedAddresses }: Standings,
): readonly Diagnostic[] {
  const byAddress = new Map(live.map((table) => [table.address, table]));
  const touched = histories.flatMap((_, index) => {
    const standing = standings[index];
    if (standing?.kind !== "elsewhere") return [];
    const { address, table } = standing.expected;
    return drifted(address, table, byAddress.get(address)?.table);
  });
  const others = [...before.tables]
    .filter(([address]) => !touchedAddresses.has(address))
    .flatMap(([address, table]) => drifted(address, table, byAddress.get(address)?.table));
  const extra = live.filter(
    ({ address, uuid }) =>
      !touchedAddresses.has(address) &&
      !before.tables.has(address) &&
      state.get(address)?.owned === true &&
      state.get(address)?.uuid === uuid,
  );
  return [
    ...touched,
    ...others,
    ...extra.flatMap(({ address, table }) => drifted(address, undefined, table)),
  ];
}

function drifted(
  address: Address,
  expected: Table | undefined,
  found: Table | undefined,
): readonly Diagnostic[] {
  const changes = changesBetween(expected, found && { ...found, renamedFrom: undefined });
  if (changes.length === 0) return [];
  return [
    {
      code: "reconcile/drift",
      severity: "error",
      summary: summaryOf(address, expected, found),
      detail: expected === undefined || found === undefined ? undefined : changes.map(changeText).join("\n"),
      hint: "if the database is right, generate the migration anew; if it is not, put it back as it was",
    },
  ];
}

function summaryOf(address: Address, expected: Table | undefined, found: Table | undefined): string {
  if (expected === undefined) return `${address} exists, and did not when the migration was generated`;
  if (found === undefined) return `${address} is gone since the migration was generated`;
  return `${address} has changed since the migration was generated`;
}
