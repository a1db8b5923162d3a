// What differs between the views of a database and those that a migration expects.

import type { Diagnostic } from "../../src/diagnostic.js";
import { viewDifferences } from "../../src/diff/diff-views.js";
import { isTableOperation } from "../../src/format/operation.js";
import { isTopicOperation } from "../../src/format/topic-operation.js";
import { type Address, addressOf } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import type { View } from "../../src/infra/view.js";
import { viewChangeText } from "../../src/status/view-change-text.js";
import type { ClickHouse } from "../clickhouse/client.js";
import type { LiveTable } from "../clickhouse/inspect.js";
import { inspectViews, type LiveViews, noViews } from "../clickhouse/inspect-views.js";
import type { Live } from "../clickhouse/live-tables.js";
import { ViewNormaliser } from "../clickhouse/normalise-views.js";
import type { Migration } from "./migration.js";
import { ViewComparison } from "./view-comparison.js";

/** The views of a database beside its tables. */
export class SeenViews {
  readonly live: LiveViews;
  readonly #tables: Live;
  readonly #comparison: ViewComparison;

  private constructor(live: LiveViews, tables: Live, comparison: ViewComparison) {
    this.live = live;
    this.#tables = tables;
    this.#comparison = comparison;
  }

  /**
   * A migration that knows of no views costs no query for them.
   *
   * @param where - `scratch` is the database where views may be made to be read back
   */
  static async look(
    clickhouse: ClickHouse,
    { before, after }: Pick<Migration, "before" | "after">,
    where: {
      readonly databases: readonly string[];
      readonly scratch: string;
      readonly tables: readonly LiveTable[];
    },
  ): Promise<SeenViews> {
    const comparison = new ViewComparison(new ViewNormaliser(clickhouse, where.scratch));
    const isNeeded = before.views.size + after.views.size > 0;
    const live = isNeeded ? await inspectViews(clickhouse, where.databases) : noViews;
    return new SeenViews(live, new Map(where.tables.map((table) => [table.address, table])), comparison);
  }

  /** Those of `expected` that are not as the database has them, with a line on each. */
  async differing(expected: InfraMap["views"]): Promise<ReadonlyMap<Address, string>> {
    if (expected.size === 0) return new Map();
    const { views } = await this.#comparison.inServersForm(this.#tables, this.live, expected);
    return new Map(
      [...views].flatMap(([address, view]) => {
        const found = this.live.get(address)?.view;
        if (found === undefined) return [[address, "it is gone"] as const];
        const aspects = viewDifferences(view, found).filter((aspect) => aspect !== "columns");
        if (aspects.length === 0) return [];
        const change = { kind: "ViewChanged", address, view: found, viewBefore: view, aspects } as const;
        return [[address, viewChangeText(change)] as const];
      }),
    );
  }
}

/** Views that are not as they are before the migration; of one that was begun, only those that it leaves alone. */
export async function viewDrift(
  { before, after, source }: Migration,
  seen: SeenViews,
  hasBegun: boolean,
): Promise<readonly Diagnostic[]> {
  const touched = touchedViews(source.operations);
  const expected = [...before.views].filter(([address]) => !hasBegun || !touched.has(address));
  const differing = await seen.differing(new Map(expected));
  const there = hasBegun
    ? []
    : [...after.views.keys()].filter((address) => !before.views.has(address) && seen.live.has(address));
  return [
    ...[...differing].map(([address, text]) =>
      drifted(`${address} has changed since the migration was generated`, text),
    ),
    ...there.map((address) =>
      drifted(`${address} exists, and did not when the migration was generated`, undefined),
    ),
  ];
}

function drifted(summary: string, detail: string | undefined): Diagnostic {
  return {
    code: "reconcile/drift",
    severity: "error",
    summary,
    detail,
    hint: "if the database is right, generate the migration anew; if it is not, put it back as it was",
  };
}

/** Whether the views are as they are to be in the end. */
export async function areViewsDone({ before, after }: Migration, seen: SeenViews): Promise<boolean> {
  const gone = [...before.views.keys()].filter((address) => !after.views.has(address));
  return gone.every((address) => !seen.live.has(address)) && (await seen.differing(after.views)).size === 0;
}

/** Views that are not as they were to be in the end, although everything was applied. */
export async function unconvergedViews(
  { after }: Migration,
  seen: SeenViews,
): Promise<readonly Diagnostic[]> {
  return [...(await seen.differing(after.views))].map(([address, text]) => ({
    ...drifted(`${address} still differs after everything was applied`, text),
    code: "reconcile/unconverged",
    hint: "please report this as a fault of moose",
  }));
}

function touchedViews(operations: Migration["source"]["operations"]): ReadonlySet<Address> {
  return new Set(
    operations.flatMap((operation) =>
      isTableOperation(operation) || isTopicOperation(operation) || operation.kind === "RawSql"
        ? []
        : [addressOf(operation.view)],
    ),
  );
}

/** One diagnostic for each view that is not the same in two maps, both in somebody's own words. */
export async function viewsBetween(
  clickhouse: ClickHouse,
  from: InfraMap,
  to: InfraMap,
  say: (address: Address, text: string, view: View | undefined) => Diagnostic,
): Promise<readonly Diagnostic[]> {
  if (from.views.size + to.views.size === 0) return [];
  const normaliser = new ViewNormaliser(clickhouse, undefined);
  const [then, now] = [await normaliser.format(from.views), await normaliser.format(to.views)];
  const addresses = [...new Set([...then.views.keys(), ...now.views.keys()])].sort();
  return addresses.flatMap((address): readonly Diagnostic[] => {
    const [before, after] = [then.views.get(address), now.views.get(address)];
    if (before === undefined) return [say(address, "+ view", after)];
    if (after === undefined) return [say(address, "- view", undefined)];
    const aspects = viewDifferences({ ...before, columns: undefined }, after);
    const change = { kind: "ViewChanged", address, view: after, viewBefore: before, aspects } as const;
    const texts = [
      ...(aspects.length > 0 ? [viewChangeText(change)] : []),
      ...(before.lifeCycle === after.lifeCycle
        ? []
        : [`~ lifeCycle: ${before.lifeCycle} -> ${after.lifeCycle}`]),
    ];
    return texts.length === 0 ? [] : [say(address, texts.join("\n"), after)];
  });
}
