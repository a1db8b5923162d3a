// Migrations that together have every kind of operation, each with the database that it begins with.

import type { MigrationOperation } from "../../src/format/operation.js";
import type { Table } from "../../src/infra/table.js";
import { table } from "../live/tables.js";
import { column } from "./harness.js";

export interface Story {
  readonly name: string;
  /** Statements that make what is there before. */
  readonly setup: (database: string) => readonly string[];
  /** @param made - a table that is there before, as the server prints it */
  readonly operations: (database: string, made: (name: string) => Table) => readonly MigrationOperation[];
  /** Counts the rows that a statement has left which may not be sent twice. */
  readonly rowsOf?: (database: string, operation: number, step: number) => string;
}

const rows = 2_000;
const ten = "PARTITION BY id % 10";

const makes: Story = {
  name: "makes tables and views",
  setup: (db) => [
    `CREATE TABLE ${db}.old (id UInt64) ENGINE = MergeTree ORDER BY id`,
    `INSERT INTO ${db}.old SELECT number FROM numbers(${rows})`,
  ],
  operations: (db) => [
    {
      kind: "CreateTable",
      table: table(db, [column("id", "UInt64"), column("a", "String")], {
        name: "facts",
        indexes: [{ name: "ix", expression: "a", type: "bloom_filter(0.01)", granularity: 1 }],
        projections: [{ name: "pr", body: "SELECT a, count() GROUP BY a" }],
      }),
    },
    {
      kind: "CreateTable",
      table: table(db, [column("id", "UInt64"), column("a", "String")], { name: "sums" }),
    },
    {
      kind: "CreateMaterializedView",
      view: { database: db, name: "mv" },
      target: { database: db, name: "sums" },
      select: `SELECT id, upper(a) AS a FROM ${db}.facts`,
    },
    { kind: "CreateView", view: { database: db, name: "v" }, select: `SELECT a FROM ${db}.facts` },
    {
      kind: "RawSql",
      sql: [`INSERT INTO ${db}.facts SELECT number, toString(number) FROM numbers(100)`],
      description: "first facts",
    },
    { kind: "DropTable", table: { database: db, name: "old" } },
  ],
  rowsOf: (db) => `SELECT count() AS n FROM ${db}.facts`,
};

const viewChanges: Story = {
  name: "changes views",
  setup: (db) => [
    `CREATE TABLE ${db}.facts (id UInt64, a String) ENGINE = MergeTree ORDER BY id`,
    `CREATE TABLE ${db}.sums (id UInt64, a String) ENGINE = MergeTree ORDER BY id`,
  ],
  operations: (db) => {
    const [v, mv] = [
      { database: db, name: "v" },
      { database: db, name: "mv" },
    ];
    const flow = (a: string) => `SELECT id, ${a} AS a FROM facts`;
    return [
      { kind: "CreateView", view: v, select: "SELECT a FROM facts" },
      {
        kind: "CreateMaterializedView",
        view: mv,
        target: { database: db, name: "sums" },
        select: flow("a"),
      },
      { kind: "ModifyViewQuery", view: v, isMaterialized: false, select: "SELECT id, a FROM facts" },
      { kind: "ModifyViewQuery", view: mv, isMaterialized: true, select: flow("upper(a)") },
      {
        kind: "RawSql",
        sql: [`INSERT INTO ${db}.facts SELECT number, 'x' FROM numbers(100)`],
        description: "facts that pass through the view",
      },
      { kind: "DropView", view: v },
    ];
  },
  rowsOf: (db) => `SELECT countIf(a = 'X') AS n FROM ${db}.sums`,
};

const columns: Story = {
  name: "changes columns",
  setup: (db) => [
    `CREATE TABLE ${db}.t (id UInt64, a String, b UInt8, c String) ENGINE = MergeTree ${ten} ORDER BY id`,
    `INSERT INTO ${db}.t SELECT number, toString(number), number % 7, 'c' FROM numbers(${rows})`,
  ],
  operations: (db) => {
    const on = { table: { database: db, name: "t" } };
    return [
      { kind: "AddTableColumn", ...on, column: column("d", "UInt16"), afterColumn: "a" },
      {
        kind: "ModifyTableColumn",
        ...on,
        before: column("a", "String"),
        after: column("a", "UInt32"),
        isKey: false,
      },
      { kind: "RenameTableColumn", ...on, from: "b", to: "e" },
      { kind: "DropTableColumn", ...on, column: "c" },
      {
        kind: "ModifyTableColumn",
        ...on,
        before: column("a", "UInt32"),
        after: column("a", "Int64", { comment: "wide" }),
        isKey: false,
      },
    ];
  },
};

const detours: Story = {
  name: "changes columns by detours",
  setup: (db) => [
    `CREATE TABLE ${db}.n (id UInt64, a Nullable(String), e Enum8('x' = 1, 'y' = 2),
       INDEX ia a TYPE set(0) GRANULARITY 1, PROJECTION pa (SELECT a, count() GROUP BY a))
     ENGINE = MergeTree ${ten} ORDER BY id`,
    `INSERT INTO ${db}.n SELECT number, toString(number % 9), if(number % 2 = 0, 'x', 'y') FROM numbers(${rows})`,
  ],
  operations: (db) => {
    const on = { table: { database: db, name: "n" } };
    return [
      {
        kind: "ModifyTableColumn",
        ...on,
        before: column("a", "Nullable(String)"),
        after: column("a", "UInt32"),
        isKey: false,
      },
      {
        kind: "ModifyTableColumn",
        ...on,
        before: column("e", "Enum8('x' = 1, 'y' = 2)"),
        after: column("e", "LowCardinality(String)"),
        isKey: false,
      },
      { kind: "ModifyTableComment", ...on, before: "", after: "no nulls" },
    ];
  },
};

const parts: Story = {
  name: "changes indexes and projections",
  setup: (db) => [
    `CREATE TABLE ${db}.p (id UInt64, a String, INDEX gone a TYPE set(0) GRANULARITY 1,
       PROJECTION left (SELECT id ORDER BY a)) ENGINE = MergeTree ${ten} ORDER BY id`,
    `INSERT INTO ${db}.p SELECT number, toString(number % 11) FROM numbers(${rows})`,
  ],
  operations: (db) => {
    const on = { table: { database: db, name: "p" } };
    return [
      { kind: "DropTableIndex", ...on, index: "gone" },
      { kind: "DropTableProjection", ...on, projection: "left" },
      { kind: "AddTableProjection", ...on, projection: { name: "pr", body: "SELECT a, count() GROUP BY a" } },
      {
        kind: "AddTableIndex",
        ...on,
        index: { name: "ix", expression: "a", type: "bloom_filter(0.01)", granularity: 1 },
      },
    ];
  },
};

const properties: Story = {
  name: "changes what a table says of itself",
  setup: (db) => [
    `CREATE TABLE ${db}.s (id UInt64, at DateTime, h UInt64) ENGINE = MergeTree ${ten} PRIMARY KEY (id, h) ORDER BY (id, h)`,
    `CREATE TABLE ${db}.u (id UInt64, h UInt64) ENGINE = MergeTree ORDER BY (id, h) SAMPLE BY h`,
    `INSERT INTO ${db}.s SELECT number, toDateTime('2020-01-01 00:00:00'), number FROM numbers(${rows})`,
    `INSERT INTO ${db}.u SELECT number, number FROM numbers(${rows})`,
  ],
  operations: (db, made) => {
    const on = { table: { database: db, name: "s" } };
    return [
      {
        kind: "ModifyTableSettings",
        ...on,
        before: made("s").settings,
        after: { ...made("s").settings, merge_with_ttl_timeout: "7200" },
      },
      { kind: "ModifyTableTtl", ...on, before: "", after: "at + toIntervalYear(100)" },
      { kind: "ModifySampleBy", ...on, expression: "h" },
      { kind: "RemoveSampleBy", table: { database: db, name: "u" } },
      { kind: "ModifyTableComment", ...on, before: "", after: "it's new" },
    ];
  },
};

const names: Story = {
  name: "changes names, and drops views",
  setup: (db) => [
    `CREATE TABLE ${db}.r (id UInt64, a String) ENGINE = MergeTree ORDER BY id`,
    `CREATE TABLE ${db}.empty (id UInt64, a String) ENGINE = MergeTree ORDER BY id`,
    `CREATE VIEW ${db}.v AS SELECT id FROM ${db}.r`,
    `CREATE MATERIALIZED VIEW ${db}.mv TO ${db}.empty AS SELECT id, a FROM ${db}.r WHERE 0`,
    `INSERT INTO ${db}.r SELECT number, toString(number) FROM numbers(${rows})`,
  ],
  operations: (db, made) => [
    { kind: "DropMaterializedView", view: { database: db, name: "mv" } },
    { kind: "DropView", view: { database: db, name: "v" } },
    {
      kind: "AddTableColumn",
      table: { database: db, name: "r" },
      column: column("b", "UInt8"),
      afterColumn: "a",
    },
    { kind: "RenameTable", table: { database: db, name: "r" }, to: "renamed" },
    { kind: "DropTableColumn", table: { database: db, name: "renamed" }, column: "b" },
    {
      kind: "RecreateTable",
      before: made("empty"),
      after: { ...made("empty"), orderBy: "a", primaryKey: "a" },
      policy: undefined,
    },
  ],
};

const raw: Story = {
  name: "runs statements of the user",
  setup: (db) => [
    `CREATE TABLE ${db}.k (id UInt64, a String) ENGINE = MergeTree ORDER BY id`,
    `INSERT INTO ${db}.k SELECT number, toString(number) FROM numbers(${rows})`,
  ],
  operations: (db) => [
    {
      kind: "RawSql",
      sql: [
        `CREATE TABLE ${db}.log (id UInt64) ENGINE = MergeTree ORDER BY id`,
        `ALTER TABLE ${db}.log ADD COLUMN n UInt64`,
        `ALTER TABLE ${db}.log MODIFY COMMENT 'by hand'`,
      ],
      description: "a log",
    },
    { kind: "ModifyTableComment", table: { database: db, name: "k" }, before: "", after: "kept" },
    {
      kind: "RawSql",
      sql: [
        `INSERT INTO ${db}.log SELECT id, 1 FROM ${db}.k WHERE id < 50`,
        `INSERT INTO ${db}.log SELECT id, 2 FROM ${db}.k WHERE id < 50`,
      ],
      description: "fills the log",
    },
  ],
  rowsOf: (db, _, step) => `SELECT count() AS n FROM ${db}.log AS log WHERE log.n = ${step + 1}`,
};

export const stories: readonly Story[] = [
  makes,
  viewChanges,
  columns,
  detours,
  parts,
  properties,
  names,
  raw,
];
