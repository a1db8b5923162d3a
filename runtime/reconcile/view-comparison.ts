// Compares desired views with those that exist, in the server's form and with as little asking as that allows.

import { hasErrors } from "../../src/diagnostic.js";
import { viewDifferences } from "../../src/diff/diff-views.js";
import type { Address } from "../../src/infra/address.js";
import type { View } from "../../src/infra/view.js";
import { allReadBy, type Views } from "../../src/plan/view-order.js";
import { mentionsMarker } from "../../src/sql/runtime-variable.js";
import type { LiveViews } from "../clickhouse/inspect-views.js";
import type { Live } from "../clickhouse/live-tables.js";
import type { NormalisedViews, ViewNormaliser } from "../clickhouse/normalise-views.js";

export interface ComparedViews extends NormalisedViews {
  /** Views that may differ in spelling only, or have columns that are out of date, where nothing may be made to find out. */
  readonly unsure: ReadonlySet<Address>;
}

export class ViewComparison {
  readonly #normaliser: ViewNormaliser;

  constructor(normaliser: ViewNormaliser) {
    this.#normaliser = normaliser;
  }

  /**
   * The desired views as the server prints them. One whose query still seems to differ is made empty and read back, and
   * so is one that is older than the last change of a table that it reads: its columns may be those of the table before.
   */
  async inServersForm(live: Live, liveViews: LiveViews, desired: Views): Promise<ComparedViews> {
    const formatted = await this.#normaliser.format(desired);
    if (hasErrors(formatted.diagnostics)) return { ...formatted, unsure: new Set() };
    const views = new Map(formatted.views);
    const unsure = new Set<Address>();
    for (const [address, view] of formatted.views) {
      const found = liveViews.get(address);
      if (found === undefined || found.view.kind !== view.kind) continue;
      const basis = basisOf(found.view, live, liveViews);
      const isSame = viewDifferences(found.view, view).every((aspect) => aspect === "refresh");
      if (isSame && basis.changedAt < found.changedAt) continue;
      if (!this.#normaliser.canSettle) {
        if (!isSame) unsure.add(address);
        continue;
      }
      const settled = await this.#normaliser.settle(view, `${found.uuid} ${basis.text}`);
      views.set(address, forComparison(withOwnSecrets(settled, view, found.view), found.view));
    }
    return { views, diagnostics: [], unsure };
  }
}

/** The server hides the secrets of a dictionary that was read back: one that is to be made has them from the code. */
function withOwnSecrets(settled: View, declared: View, found: View): View {
  if (settled.kind !== "Dictionary" || settled.select === found.select) return settled;
  const isHiding = settled.select.includes("'[HIDDEN]'") || mentionsMarker(declared.select);
  return isHiding ? { ...settled, select: declared.select } : settled;
}

/** The columns of a changed query are no difference of their own. */
function forComparison(settled: View, found: View): View {
  return settled.select === found.select ? settled : { ...settled, columns: undefined };
}

/** The tables and views that a view reads, as far as they are known: when the last of them changed, and all their states. */
function basisOf(
  view: View,
  live: Live,
  liveViews: LiveViews,
): { readonly changedAt: number; readonly text: string } {
  const views = new Map([...liveViews].map(([address, one]) => [address, one.view] as const));
  const states = [...allReadBy(view, views)].sort().flatMap((address): readonly [number, string][] => {
    const [table, other] = [live.get(address), liveViews.get(address)];
    if (table !== undefined) return [[Number(table.stamp.split(" ")[1] ?? 0), table.stamp]];
    return other === undefined ? [] : [[other.changedAt, `${other.uuid} ${other.changedAt}`]];
  });
  return {
    changedAt: Math.max(0, ...states.map(([changedAt]) => changedAt)),
    text: states.map(([, text]) => text).join(","),
  };
}
