// Columns that look as if they were renamed: one is gone, another is new, and what is known of both speaks for it.

import type { Address } from "../infra/address.js";
import type { InfraMap } from "../infra/inframap.js";
import type { Column, Table } from "../infra/table.js";

/** A rename that nobody declared. */
export interface GuessedRename {
  readonly address: Address;
  readonly from: string;
  readonly to: string;
  /** What speaks for it, `same type String, same place, similar name`. */
  readonly evidence: readonly string[];
}

/** Of names that share at least so much of their letters it is said that they are similar. */
const similarFrom = 0.5;

/** Only clear cases: of the same type, and in the same place or of a similar name, with no second candidate. */
export function guessRenames(actual: InfraMap, wanted: InfraMap): readonly GuessedRename[] {
  return [...wanted.tables].flatMap(([address, after]) => {
    const before = actual.tables.get(address);
    return before === undefined ? [] : guessInTable(address, before, after);
  });
}

function guessInTable(address: Address, before: Table, after: Table): readonly GuessedRename[] {
  const declared = new Set(after.columns.map(({ renamedFrom }) => renamedFrom));
  const gone = before.columns.filter(
    ({ name }) => !declared.has(name) && after.columns.every((column) => column.name !== name),
  );
  const added = after.columns.filter(
    ({ name, renamedFrom }) =>
      renamedFrom === undefined && before.columns.every((column) => column.name !== name),
  );
  const pairs = gone.flatMap((from) =>
    added.flatMap((to): readonly GuessedRename[] => {
      const evidence = evidenceFor({ from, to, before, after });
      return evidence === undefined ? [] : [{ address, from: from.name, to: to.name, evidence }];
    }),
  );
  return pairs.filter(
    ({ from, to }) => pairs.filter((other) => other.from === from || other.to === to).length === 1,
  );
}

interface Pair {
  readonly from: Column;
  readonly to: Column;
  readonly before: Table;
  readonly after: Table;
}

function evidenceFor({ from, to, before, after }: Pair): readonly string[] | undefined {
  if (from.type !== to.type || from.default?.kind !== to.default?.kind) return undefined;
  const evidence = [
    ...(neighboursOf(from.name, before, after) === neighboursOf(to.name, after, before)
      ? ["same place"]
      : []),
    ...(similarity(from.name, to.name) >= similarFrom ? ["similar name"] : []),
  ];
  return evidence.length === 0 ? undefined : [`same type ${from.type}`, ...evidence];
}

/** The nearest columns before and behind that both tables have. */
function neighboursOf(column: string, table: Table, other: Table): string {
  const shared = new Set(other.columns.map(({ name }) => name));
  const index = table.columns.findIndex(({ name }) => name === column);
  const isShared = ({ name }: Column) => shared.has(name);
  const previous = table.columns.slice(0, index).findLast(isShared)?.name ?? "";
  const next = table.columns.slice(index + 1).find(isShared)?.name ?? "";
  return JSON.stringify([previous, next]);
}

/** Share of the pairs of letters that two names have in common, 0 to 1 (Dice). */
function similarity(a: string, b: string): number {
  const [first, second] = [lettersOf(a), lettersOf(b)];
  if (first.length === 0 || second.length === 0) return 0;
  const left = [...second];
  const common = first.filter((pair) => {
    const at = left.indexOf(pair);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  return (2 * common.length) / (first.length + second.length);
}

function lettersOf(name: string): readonly string[] {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  return Array.from({ length: Math.max(0, plain.length - 1) }, (_, index) => plain.slice(index, index + 2));
}

/** The map as if its code had declared these renames. */
export function withDeclaredRenames(map: InfraMap, renames: readonly GuessedRename[]): InfraMap {
  const tables = [...map.tables].map(([address, table]): [Address, Table] => {
    const ofTable = renames.filter((rename) => rename.address === address);
    if (ofTable.length === 0) return [address, table];
    const columns = table.columns.map((column) => {
      const rename = ofTable.find(({ to }) => to === column.name);
      return rename === undefined ? column : { ...column, renamedFrom: rename.from };
    });
    return [address, { ...table, columns }];
  });
  return { ...map, tables: new Map(tables) };
}
