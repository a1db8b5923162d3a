// Puts desired views into the form that the target server itself prints, so that a comparison sees differences only.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { Address } from "../../src/infra/address.js";
import type { View } from "../../src/infra/view.js";
import { quoteIdentifier, stringArray } from "../../src/sql/quote.js";
import { withoutDatabase } from "../../src/sql/table-references.js";
import { createView, dropView, readRefresh, refreshCarrier } from "../../src/sql/view.js";
import { type ClickHouse, errorCode } from "./client.js";
import { inspectViews } from "./inspect-views.js";
import { scratchName } from "./state.js";

type Views = ReadonlyMap<Address, View>;

export interface NormalisedViews {
  readonly views: Views;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the server makes of a view. */
type Form = Pick<View, "select" | "columns">;

export class ViewNormaliser {
  readonly #clickhouse: ClickHouse;
  readonly #scratchDatabase: string | undefined;
  /** Printed form by text; null for what the server cannot read. */
  readonly #texts = new Map<string, string | null>();
  /** Forms as read back, by what they depend on. */
  readonly #forms = new Map<string, Form>();

  /** @param scratchDatabase - where views are made to be read back; undefined when nothing may be made */
  constructor(clickhouse: ClickHouse, scratchDatabase: string | undefined) {
    this.#clickhouse = clickhouse;
    this.#scratchDatabase = scratchDatabase;
  }

  /** False where only the cheap pass is there. */
  get canSettle(): boolean {
    return this.#scratchDatabase !== undefined;
  }

  /** The cheap pass: all queries in one query, those already known in none. */
  async format(views: Views): Promise<NormalisedViews> {
    const texts = [...views.values()].flatMap(({ select, refresh }) =>
      refresh === "" ? [select] : [select, refreshCarrier(refresh)],
    );
    await this.#learn(texts);
    const diagnostics = [...views.values()].flatMap((view) => this.#unreadable(view));
    if (diagnostics.length > 0) return { views, diagnostics };
    const formatted = [...views].map(([address, view]): [Address, View] => {
      const refresh = this.#texts.get(refreshCarrier(view.refresh));
      return [
        address,
        {
          ...view,
          select: withoutDatabase(this.#texts.get(view.select) ?? view.select, view.database),
          refresh: view.refresh === "" || refresh == null ? view.refresh : readRefresh(refresh),
        },
      ];
    });
    return { views: new Map(formatted), diagnostics: [] };
  }

  /**
   * The exact pass: a view of the same query is made beside the others, read back and dropped. Where the server refuses
   * it, because a table is not there yet, the view stays as it is.
   *
   * @param basis - changes whenever a table does that the view reads
   */
  async settle(view: View, basis: string): Promise<View> {
    const database = this.#scratchDatabase;
    if (database === undefined) return view;
    const key = JSON.stringify([view.database, view.select, basis]);
    const known = this.#forms.get(key);
    if (known !== undefined) return { ...view, ...known };
    const form = await this.#readBack(view, { database, name: scratchName("view") });
    if (form === undefined) return view;
    this.#forms.set(key, form);
    return { ...view, ...form };
  }

  async #readBack(
    view: View,
    scratch: { readonly database: string; readonly name: string },
  ): Promise<Form | undefined> {
    const quoted = `${quoteIdentifier(scratch.database)}.${quoteIdentifier(scratch.name)}`;
    await this.#clickhouse.command(`DROP VIEW IF EXISTS ${quoted} SYNC`);
    try {
      // Names without a database are in that of the view itself.
      const create = createView(view);
      await this.#clickhouse.command(`CREATE VIEW ${quoted}${create.slice(create.indexOf(" AS "))}`);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
    const found = await inspectViews(this.#clickhouse, [scratch.database], [scratch.name]);
    await this.#clickhouse.command(`${dropView(scratch)} SYNC`);
    const [live] = found.values();
    return live && { select: withoutDatabase(live.view.select, view.database), columns: live.view.columns };
  }

  async #learn(texts: readonly string[]): Promise<void> {
    const unknown = [...new Set(texts)].filter((text) => !this.#texts.has(text));
    if (unknown.length === 0) return;
    const [row] = await this.#clickhouse.rows<{ formatted: readonly (string | null)[] }>(
      `SELECT arrayMap(one -> formatQuerySingleLineOrNull(one), ${stringArray(unknown)}) AS formatted`,
    );
    for (const [index, text] of unknown.entries()) this.#texts.set(text, row?.formatted[index] ?? null);
  }

  #unreadable(view: View): readonly Diagnostic[] {
    const wrong = (code: string, what: string, text: string): Diagnostic => ({
      code,
      severity: "error",
      summary: `${what} of view ${view.name} is nothing that ClickHouse ${this.#clickhouse.version} can read: ${text}`,
      place: view.place,
    });
    return [
      ...(this.#texts.get(view.select) === null
        ? [wrong("clickhouse/unreadable-query", "the query", view.select)]
        : []),
      ...(view.refresh !== "" && this.#texts.get(refreshCarrier(view.refresh)) === null
        ? [
            {
              ...wrong("clickhouse/unreadable-refresh", "the refresh", view.refresh),
              hint: 'write it as behind REFRESH: refresh: "EVERY 1 HOUR"',
            },
          ]
        : []),
    ];
  }
}
