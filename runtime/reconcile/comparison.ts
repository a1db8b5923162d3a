// Compares a desired map with reality, in the server's form and with as little asking as the comparison allows.

import { hasErrors } from "../../src/diagnostic.js";
import type { Change } from "../../src/diff/change.js";
import { diff } from "../../src/diff/diff.js";
import type { Address } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import type { Variables } from "../../src/sql/runtime-variable.js";
import type { Normalised, Normaliser } from "../clickhouse/normalise.js";

export interface Compared extends Normalised {
  /** Tables that may differ in spelling only, where nothing may be made to find out. */
  readonly unsure: ReadonlySet<Address>;
}

export class Comparison {
  readonly #normaliser: Normaliser;
  /** Pairs of the very same two values that were found equal: most tables, from one round to the next. */
  readonly #equal = new WeakMap<Table, Table>();

  constructor(normaliser: Normaliser) {
    this.#normaliser = normaliser;
  }

  /** Those of the connection. */
  get variables(): Variables {
    return this.#normaliser.clickhouse.variables;
  }

  /**
   * The desired map as the server prints it: formatted in one query, and where a table still seems to differ in
   * something that the server may just print otherwise, made empty and read back.
   */
  async inServersForm(actual: InfraMap, desired: InfraMap): Promise<Compared> {
    const formatted = await this.#normaliser.format(desired);
    if (hasErrors(formatted.diagnostics)) return { ...formatted, unsure: new Set() };
    const unsure = new Set(
      this.diff(actual, formatted.map)
        .filter(mayBeSpelling)
        .map((change) => change.address),
    );
    if (unsure.size === 0 || !this.#normaliser.canSettle) return { ...formatted, unsure };
    const settled = await this.#normaliser.settle(formatted.map, unsure);
    const diagnostics = [...formatted.diagnostics, ...settled.diagnostics];
    return { map: settled.map, diagnostics, unsure: new Set() };
  }

  /** Changes that turn `actual` into `wanted`; both in the server's form. */
  diff(actual: InfraMap, wanted: InfraMap): readonly Change[] {
    const isKnown = (address: Address): boolean => {
      const [before, after] = [actual.tables.get(address), wanted.tables.get(address)];
      // One that says it was renamed is looked at in view of the others.
      if (before === undefined || after === undefined || after.renamedFrom !== undefined) return false;
      return this.#equal.get(after) === before;
    };
    const open = (map: InfraMap): InfraMap => ({
      ...map,
      tables: new Map([...map.tables].filter(([address]) => !isKnown(address))),
    });
    const [before, after] = [open(actual), open(wanted)];
    const changes = diff(before, after);
    const changed = new Set(changes.map((change) => change.address));
    for (const [address, table] of after.tables) {
      const found = before.tables.get(address);
      if (found !== undefined && !changed.has(address)) this.#equal.set(table, found);
    }
    return changes;
  }
}

/** Whether a difference could be one of spelling only. What exists on one side alone, and comments, cannot. */
function mayBeSpelling(change: Change): boolean {
  switch (change.kind) {
    case "TableAdded":
    case "TableRemoved":
    case "ColumnAdded":
    case "ColumnRemoved":
    case "CommentChanged":
    case "TableRenamed":
    case "ColumnRenamed":
      return false;
    case "IndexAdded":
    case "IndexRemoved":
      return hasBoth(change, "indexes", change.index.name);
    case "ProjectionAdded":
    case "ProjectionRemoved":
      return hasBoth(change, "projections", change.projection.name);
    case "ConstraintAdded":
    case "ConstraintRemoved":
      return hasBoth(change, "constraints", change.constraint.name);
    case "ColumnChanged":
      return change.aspects.some((aspect) => aspect !== "comment");
    case "LayoutChanged":
    case "TtlChanged":
    case "SampleByChanged":
    case "SettingsChanged":
      return true;
  }
}

function hasBoth(
  { before, after }: { readonly before: Table; readonly after: Table },
  kind: "indexes" | "projections" | "constraints",
  name: string,
): boolean {
  return [before, after].every((table) => table[kind].some((one) => one.name === name));
}
