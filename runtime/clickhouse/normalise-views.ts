// Puts desired views into the form that the target server itself prints, so that a comparison sees differences only.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { Address } from "../../src/infra/address.js";
import type { View } from "../../src/infra/view.js";
import {
  createDictionary,
  definitionCarrier,
  dropDictionary,
  readDefinition,
} from "../../src/sql/dictionary.js";
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
    const texts = [...views.values()].flatMap((view) =>
      view.refresh === "" ? [carried(view)] : [carried(view), refreshCarrier(view.refresh)],
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
          select: this.#formatted(view),
          refresh: view.refresh === "" || refresh == null ? view.refresh : readRefresh(refresh),
        },
      ];
    });
    return { views: new Map(formatted), diagnostics: [] };
  }

  #formatted(view: View): string {
    const text = this.#texts.get(carried(view));
    if (text == null) return view.select;
    return view.kind === "Dictionary" ? readDefinition(text) : withoutDatabase(text, view.database);
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
    const isDictionary = view.kind === "Dictionary";
    await this.#clickhouse.command(`DROP ${isDictionary ? "DICTIONARY" : "VIEW"} IF EXISTS ${quoted} SYNC`);
    try {
      // Names without a database are in that of the view itself.
      const create = createView(view);
      await this.#clickhouse.command(
        isDictionary
          ? createDictionary({ ...view, ...scratch })
          : `CREATE VIEW ${quoted}${create.slice(create.indexOf(" AS "))}`,
      );
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
    const found = await inspectViews(this.#clickhouse, [scratch.database], [scratch.name]);
    await this.#clickhouse.command(`${isDictionary ? dropDictionary(scratch) : dropView(scratch)} SYNC`);
    const [live] = found.values();
    if (live === undefined) return undefined;
    const { select, columns } = live.view;
    return { select: isDictionary ? select : withoutDatabase(select, view.database), columns };
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
      summary: `${what} of ${noun(view)} ${view.name} is nothing that ClickHouse ${this.#clickhouse.version} can read: ${text}`,
      place: view.place,
    });
    return [
      ...(this.#texts.get(carried(view)) === null
        ? [
            wrong(
              "clickhouse/unreadable-query",
              view.kind === "Dictionary" ? "the definition" : "the query",
              view.select,
            ),
          ]
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

/** What the server is asked to print. */
function carried({ kind, select }: View): string {
  return kind === "Dictionary" ? definitionCarrier(select) : select;
}

function noun({ kind }: View): string {
  return kind === "Dictionary" ? "dictionary" : "view";
}
