// The changes between two maps that are both in somebody's own words, told apart as the server would tell them.

import { hasErrors } from "../../src/diagnostic.js";
import type { Change } from "../../src/diff/change.js";
import { diff } from "../../src/diff/diff.js";
import { type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import { sameTable } from "../../src/infra/same.js";
import type { Table } from "../../src/infra/table.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { Normaliser } from "../clickhouse/normalise.js";
import { inScratchDatabase } from "./scratch-database.js";

/**
 * Texts first, then in the server's form, and what may still be only spelling is made empty and read back, on both sides.
 * Tables that have not changed by their texts cost no query.
 */
export async function changesInServersForm(
  clickhouse: ClickHouse,
  project: string,
  from: InfraMap,
  to: InfraMap,
): Promise<readonly Change[]> {
  const [then, now] = differingPart(from, to);
  if (then.tables.size + now.tables.size === 0) return [];
  const normaliser = new Normaliser(clickhouse, undefined);
  const [before, after] = [(await normaliser.format(then)).map, (await normaliser.format(now)).map];
  const changes = diff(before, after);
  const unsure = new Set(changes.filter(isOfBoth).map(({ address }) => address));
  if (unsure.size === 0) return changes;
  const settled = await inScratchDatabase(clickhouse, project, async (database) => {
    const exact = new Normaliser(clickhouse, database);
    const sides = [await exact.settle(before, unsure), await exact.settle(after, unsure)] as const;
    if (sides.some(({ diagnostics }) => hasErrors(diagnostics))) return undefined;
    return diff(sides[0].map, sides[1].map);
  });
  return settled ?? changes;
}

function differingPart(from: InfraMap, to: InfraMap): readonly [InfraMap, InfraMap] {
  const same = new Set(
    [...from.tables].flatMap(([address, table]) => {
      const there = to.tables.get(address);
      return there !== undefined && sameTable(table, there) ? [address] : [];
    }),
  );
  const part = ({ tables }: InfraMap): InfraMap =>
    infraMapOf([...tables].filter(([address]) => !same.has(address)).map(([, table]) => plain(table)));
  return [part(from), part(to)];
}

/** Without what code says of the past. */
function plain(table: Table): Table {
  const columns = table.columns.map((column) => ({ ...column, renamedFrom: undefined }));
  return { ...table, columns, renamedFrom: undefined };
}

function isOfBoth({ kind }: Change): boolean {
  return kind !== "TableAdded" && kind !== "TableRemoved" && kind !== "CommentChanged";
}
