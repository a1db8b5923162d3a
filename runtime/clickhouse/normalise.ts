// Puts desired tables into the form that the target server itself prints, so that a comparison sees differences only.

import type { Diagnostic } from "../../src/diagnostic.js";
import { type Address, addressOf } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { sha256 } from "../../src/infra/sha256.js";
import type { Table } from "../../src/infra/table.js";
import { createTable } from "../../src/sql/create-table.js";
import { engineName, inWordsOfEngine, isReplicated, plainEngine } from "../../src/sql/engine.js";
import {
  carrierOf,
  fromCarrier,
  isSettledByFormatting,
  type RawText,
  rawTexts,
  typeOnOneLine,
  withNormalTexts,
} from "../../src/sql/normal-form.js";
import { quoteIdentifier, quoteString, stringArray } from "../../src/sql/quote.js";
import { type ClickHouse, errorCode, errorText } from "./client.js";
import { inspect } from "./inspect.js";
import { scratchName } from "./state.js";

/** A map in the server's form, and what the server could not read. */
export interface Normalised {
  readonly map: InfraMap;
  readonly diagnostics: readonly Diagnostic[];
}

/** Distinct texts in one query at most; a type's text may be long. */
const textsPerQuery = 500;

export class Normaliser {
  readonly clickhouse: ClickHouse;
  readonly #scratchDatabase: string | undefined;
  /** Printed form by kind and text; null for what the server cannot read. */
  readonly #texts = new Map<string, string | null>();
  /** Formatted tables by the very value that was declared: from save to save nearly all are the same. */
  readonly #formatted = new WeakMap<Table, Table>();
  /** Tables as read back, by the hash of their CREATE statement. */
  readonly #shapes = new Map<string, Table>();

  /** @param scratchDatabase - where tables are made to be read back; undefined when nothing may be made */
  constructor(clickhouse: ClickHouse, scratchDatabase: string | undefined) {
    this.clickhouse = clickhouse;
    this.#scratchDatabase = scratchDatabase;
  }

  /** The cheap pass: all texts in one query, those already known in none. It settles nearly everything. */
  async format(map: InfraMap): Promise<Normalised> {
    const unknown = [...map.tables.values()].filter((table) => !this.#formatted.has(table));
    await this.#learn(unknown.flatMap(rawTexts));
    const diagnostics = unknown.flatMap((table) => this.#unreadable(table));
    if (diagnostics.length > 0) return { map, diagnostics };
    const tables = [...map.tables].map(([address, table]) => [address, this.#format(table)] as const);
    return { map: { ...map, tables: new Map(tables) }, diagnostics: [] };
  }

  /** False where only the cheap pass is there. */
  get canSettle(): boolean {
    return this.#scratchDatabase !== undefined;
  }

  /**
   * The exact pass, for tables that still differ: each is made empty beside the others, read back and dropped.
   * It settles what formatting cannot, such as `NOW()` that is stored as `now()`.
   */
  async settle(map: InfraMap, addresses: Iterable<Address>): Promise<Normalised> {
    const settled = new Map(map.tables);
    const diagnostics: Diagnostic[] = [];
    for (const address of addresses) {
      const table = map.tables.get(address);
      if (table === undefined) continue;
      const shape = await this.#readBack(table, this.#scratchDatabase);
      if ("problem" in shape) diagnostics.push(shape.problem);
      else settled.set(address, shape.table);
    }
    return { map: { ...map, tables: settled }, diagnostics };
  }

  async #learn(texts: readonly RawText[]): Promise<void> {
    const unknown = new Map(
      texts.filter((text) => !this.#texts.has(keyOf(text))).map((text) => [keyOf(text), text]),
    );
    const types = [...unknown.values()].filter((text) => text.kind === "type");
    const expressions = [...unknown.values()].filter(
      (text) => text.kind !== "type" && isSettledByFormatting(text),
    );
    await Promise.all([this.#learnTypes(types), this.#learnExpressions(expressions)]);
  }

  async #learnExpressions(texts: readonly RawText[]): Promise<void> {
    for (let from = 0; from < texts.length; from += textsPerQuery) {
      const batch = texts.slice(from, from + textsPerQuery);
      const [row] = await this.clickhouse.rows<{ formatted: readonly (string | null)[] }>(
        `SELECT arrayMap(carrier -> formatQuerySingleLineOrNull(carrier), ${stringArray(batch.map(carrierOf))}) AS formatted`,
      );
      for (const [index, text] of batch.entries()) {
        const formatted = row?.formatted[index] ?? null;
        this.#texts.set(keyOf(text), formatted === null ? null : fromCarrier(text.kind, formatted));
      }
    }
  }

  /** One unreadable type fails the whole query, so the batch is halved until the culprit is alone. */
  async #learnTypes(texts: readonly RawText[]): Promise<void> {
    if (texts.length === 0) return;
    if (texts.length > textsPerQuery) {
      await this.#learnTypes(texts.slice(0, textsPerQuery));
      return this.#learnTypes(texts.slice(textsPerQuery));
    }
    const list = texts
      .map((text) => `toTypeName(defaultValueOfTypeName(${quoteString(text.text)}))`)
      .join(", ");
    try {
      const [row] = await this.clickhouse.rows<{ types: readonly string[] }>(`SELECT [${list}] AS types`);
      for (const [index, text] of texts.entries()) {
        this.#texts.set(keyOf(text), typeOnOneLine(row?.types[index] ?? text.text));
      }
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      if (texts.length === 1 && texts[0] !== undefined) this.#texts.set(keyOf(texts[0]), null);
      else {
        const middle = Math.ceil(texts.length / 2);
        await this.#learnTypes(texts.slice(0, middle));
        await this.#learnTypes(texts.slice(middle));
      }
    }
  }

  #format(table: Table): Table {
    const known = this.#formatted.get(table);
    if (known !== undefined) return known;
    const formatted = withNormalTexts(table, (kind, text) => this.#texts.get(`${kind} ${text}`) ?? text);
    this.#formatted.set(table, formatted);
    return formatted;
  }

  #unreadable(table: Table): readonly Diagnostic[] {
    return rawTexts(table)
      .filter((text) => this.#texts.get(keyOf(text)) === null)
      .map((text) => ({
        code: text.kind === "type" ? "clickhouse/unknown-type" : "clickhouse/unreadable-expression",
        severity: "error",
        summary: `${text.role} in table ${table.name} is nothing that ClickHouse ${this.clickhouse.version} can read: ${text.text}`,
        place: text.column?.place ?? table.place,
        hint: hints[text.kind],
      }));
  }

  async #readBack(
    table: Table,
    database: string | undefined,
  ): Promise<{ table: Table } | { problem: Diagnostic }> {
    if (database === undefined) return { table };
    const hash = hashOf(table);
    const known = this.#shapes.get(hash);
    if (known !== undefined) return { table: declaredAs(table, known) };
    const name = scratchName(hash);
    const scratch = scratchOf(table, database, name);
    const quoted = `${quoteIdentifier(database)}.${quoteIdentifier(name)}`;
    try {
      await this.#makeAnew(createTable(scratch), quoted);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return { problem: refusedByServer(table, error) };
    }
    try {
      const [live] = await inspect(this.clickhouse, { databases: [database], names: [name] });
      if (live === undefined)
        throw new Error(`the table ${addressOf(scratch)} was made but cannot be read back`);
      this.#shapes.set(hash, live.table);
      return { table: declaredAs(table, live.table) };
    } finally {
      await this.clickhouse.command(`DROP TABLE IF EXISTS ${quoted} SYNC`);
    }
  }

  /** One of the same name can only have been left by a server that died before the end of this. */
  async #makeAnew(create: string, quoted: string): Promise<void> {
    try {
      await this.clickhouse.command(create);
    } catch (error) {
      if (errorCode(error) !== tableExists) throw error;
      await this.clickhouse.command(`DROP TABLE IF EXISTS ${quoted} SYNC`);
      await this.clickhouse.command(create);
    }
  }
}

const tableExists = 57;

const oneExpression = "write one ClickHouse expression";
const hints: Readonly<Record<RawText["kind"], string | undefined>> = {
  type: undefined,
  expression: oneExpression,
  list: oneExpression,
  ttl: oneExpression,
  index:
    'an index has one expression and a type: { name: "by_name", expression: "lower(name)", type: "minmax" }',
  constraint: 'a constraint has one expression: { name: "positive", expression: "price > 0" }',
  engine: undefined,
  projection:
    'a projection is a SELECT without FROM: { name: "by_name", body: "SELECT name, count() GROUP BY name" }',
};

function keyOf(text: RawText): string {
  return `${text.kind} ${text.text}`;
}

function hashOf(table: Table): string {
  return sha256(createTable(table), 16);
}

/** Engines that begin to work when a table of theirs is made, or wait for a store. */
const hasEffects: ReadonlySet<string> = new Set(["Kafka", "S3Queue", "IcebergS3"]);

/** The table as it is made beside the state: on this server alone, not where a replicated one is in Keeper, at rest. */
function scratchOf(table: Table, database: string, name: string): Table {
  const here = { ...table, database, name, cluster: undefined };
  if (hasEffects.has(engineName(table.engine))) return { ...here, engine: "Null", settings: {} };
  return { ...here, engine: plainEngine(table.engine) };
}

/** The printed shape under the declared name, with what only the code knows. */
function declaredAs(declared: Table, shape: Table): Table {
  const byName = new Map(declared.columns.map((column) => [column.name, column]));
  const atRest = hasEffects.has(engineName(declared.engine));
  const isStandIn = atRest || isReplicated(declared.engine);
  return {
    ...shape,
    // The server hides the secrets among its arguments.
    engine: isStandIn ? declared.engine : inWordsOfEngine(shape.engine, declared.engine),
    settings: atRest ? declared.settings : shape.settings,
    cluster: declared.cluster,
    database: declared.database,
    name: declared.name,
    columns: shape.columns.map((column) => ({
      ...column,
      renamedFrom: byName.get(column.name)?.renamedFrom,
      place: byName.get(column.name)?.place,
    })),
    lifeCycle: declared.lifeCycle,
    renamedFrom: declared.renamedFrom,
    place: declared.place,
  };
}

function refusedByServer(table: Table, error: unknown): Diagnostic {
  return {
    code: "clickhouse/refused-table",
    severity: "error",
    summary: `ClickHouse does not accept table ${table.name} as it is declared`,
    detail: errorText(error),
    place: table.place,
  };
}
