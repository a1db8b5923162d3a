// One thing that changes between generate and migrate: in the code, in the database or in the files.

import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Table } from "../../src/infra/table.js";
import { column, table } from "../live/tables.js";
import type { FlowProject } from "./flow-project.js";

export type Random = () => number;

export interface Interference {
  readonly name: string;
  /** Does it, and says which object the refusal has to name. */
  readonly act: (project: FlowProject, random: Random) => Promise<string>;
}

const id = column("id", "UInt64");
const pick = <T>(random: Random, list: readonly T[]): T => {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
};

/** What is there before the migration: `still` is not touched by it, `moved` is. */
export function codeBefore(database: string): readonly Table[] {
  const index = { name: "ix", expression: "a", type: "minmax", granularity: 1 };
  return ["still", "moved"].map((name) =>
    table(database, [id, column("a", "String"), column("n", "UInt32"), column("at", "DateTime")], {
      name,
      indexes: [index],
      settings: { merge_with_ttl_timeout: "7200" },
      ttl: "at + toIntervalDay(30)",
      comment: "before",
    }),
  );
}

/** What the migration is for: some changes to `moved`, and a new table. */
export function codeAfter(database: string, random: Random): readonly Table[] {
  const [still, moved] = codeBefore(database);
  if (still === undefined || moved === undefined) throw new Error("no tables");
  const edits: readonly ((one: Table) => Table)[] = [
    (one) => ({ ...one, columns: [...one.columns, column("extra", "Nullable(String)")] }),
    (one) => ({ ...one, columns: one.columns.map((c) => (c.name === "n" ? { ...c, type: "UInt64" } : c)) }),
    (one) => ({ ...one, comment: "after" }),
    (one) => ({ ...one, ttl: "at + toIntervalDay(60)" }),
    (one) => ({ ...one, indexes: [] }),
    (one) => ({ ...one, settings: { merge_with_ttl_timeout: "3600" } }),
  ];
  const chosen = edits.filter(() => random() < 0.3);
  const changed = (chosen.length === 0 ? [pick(random, edits)] : chosen).reduce(
    (one, edit) => edit(one),
    moved,
  );
  return [still, changed, table(database, [id, column("b", "String")], { name: "fresh" })];
}

function inCode(
  name: string,
  edit: (one: Table) => Table | undefined,
  tables = ["still", "moved", "fresh"],
): Interference {
  return {
    name: `code: ${name}`,
    act: async (project, random) => {
      const target = pick(random, tables);
      project.code = project.code.flatMap((one) => (one.name === target ? (edit(one) ?? []) : one));
      return `${project.database}.${target}`;
    },
  };
}

function inDatabase(
  name: string,
  statements: (t: string, database: string) => readonly string[],
  tables: readonly string[] = ["still", "moved"],
): Interference {
  return {
    name: `database: ${name}`,
    act: async (project, random) => {
      const target = pick(random, tables);
      const address = `${project.database}.${target}`;
      for (const sql of statements(address, project.database)) await project.clickhouse.command(sql);
      return address;
    },
  };
}

/** Changes a state's JSON of one table. */
function inState(
  file: "remote_state.json" | "local_infra_map.json",
  name: string,
  edit: (one: Record<string, unknown>) => void,
  tables: readonly string[],
): Interference {
  return {
    name: `${file}: ${name}`,
    act: async (project, random) => {
      const target = pick(random, tables);
      const state = JSON.parse(project.read(file));
      for (const [key, one] of Object.entries<Record<string, unknown>>(state.tables)) {
        if (one.name !== target) continue;
        edit(one);
        if (one.name === undefined) delete state.tables[key];
      }
      project.write(file, JSON.stringify(state, null, 2));
      return `${project.database}.${target}`;
    },
  };
}

function inPlan(name: string, edit: (text: string) => string): Interference {
  return {
    name: `plan.yaml: ${name}`,
    act: async (project) => {
      const before = project.read("plan.yaml");
      const after = edit(before);
      if (after === before) throw new Error(`${name} changed nothing:\n${before}`);
      project.write("plan.yaml", after);
      return "";
    },
  };
}

type Columns = { name: string; data_type: unknown; comment?: unknown }[];
const columnsOf = (one: Record<string, unknown>) => one.columns as Columns;
const both = ["still", "moved"];
const all = ["still", "moved", "fresh"];

const stateEdits = (file: "remote_state.json" | "local_infra_map.json", tables: readonly string[]) =>
  [
    inState(file, "a column less", (one) => void columnsOf(one).pop(), tables),
    inState(
      file,
      "a column more",
      (one) => void columnsOf(one).push({ ...(columnsOf(one)[0] as Columns[0]), name: "odd" }),
      tables,
    ),
    inState(
      file,
      "another type",
      (one) => Object.assign(columnsOf(one)[0] ?? {}, { data_type: "Int8" }),
      tables,
    ),
    inState(
      file,
      "another comment",
      (one) => Object.assign(columnsOf(one)[0] ?? {}, { comment: "other" }),
      tables,
    ),
    inState(file, "a table less", (one) => void delete one.name, tables),
    inState(file, "another key", (one) => Object.assign(one, { order_by: ["odd"].concat("id") }), []),
    inState(
      file,
      "another TTL",
      (one) => Object.assign(one, { table_ttl_setting: "toDateTime(id) + INTERVAL 5 DAY" }),
      tables,
    ),
  ].filter(({ name }) => !name.endsWith("another key"));

export const interferences: readonly Interference[] = [
  inCode("a field more", (one) => ({ ...one, columns: [...one.columns, column("odd", "Int8")] })),
  inCode("a field less", (one) => ({ ...one, columns: one.columns.slice(0, -1), ttl: "", indexes: [] })),
  inCode("another type", (one) => ({
    ...one,
    columns: one.columns.map((c, place) => (place === 1 ? { ...c, type: "FixedString(3)" } : c)),
  })),
  inCode("another default", (one) => ({
    ...one,
    columns: one.columns.map((c, place) =>
      place === 1 ? { ...c, default: { kind: "DEFAULT", expression: "'x'" } } : c,
    ),
  })),
  inCode("another lifecycle", (one) => ({ ...one, lifeCycle: LifeCycle.DELETION_PROTECTED })),
  inCode("another comment", (one) => ({ ...one, comment: "odd" })),
  inCode("another TTL", (one) => ({ ...one, ttl: "toDateTime(id) + toIntervalDay(9)" })),
  inCode("another order key", (one) => ({ ...one, orderBy: "(id, cityHash64(id))", primaryKey: "id" })),
  inCode("a table less", () => undefined),
  {
    name: "code: a table more",
    act: async (project) => {
      project.code = [...project.code, table(project.database, [id], { name: "odd" })];
      return `${project.database}.odd`;
    },
  },
  inDatabase("a column added", (t) => [`ALTER TABLE ${t} ADD COLUMN odd Int8`]),
  inDatabase("a column added that the migration adds too", (t) => [`ALTER TABLE ${t} ADD COLUMN extra Int8`]),
  inDatabase("a column dropped", (t) => [`ALTER TABLE ${t} DROP INDEX ix`, `ALTER TABLE ${t} DROP COLUMN a`]),
  inDatabase("a column's type", (t) => [
    `ALTER TABLE ${t} MODIFY COLUMN n UInt16 SETTINGS mutations_sync = 2`,
  ]),
  inDatabase("a column renamed", (t) => [`ALTER TABLE ${t} RENAME COLUMN n TO m`]),
  inDatabase("a column's comment", (t) => [`ALTER TABLE ${t} COMMENT COLUMN n 'odd'`]),
  inDatabase("a column's default", (t) => [`ALTER TABLE ${t} MODIFY COLUMN n DEFAULT 7`]),
  inDatabase("a column's codec", (t) => [`ALTER TABLE ${t} MODIFY COLUMN n CODEC(ZSTD(3))`]),
  inDatabase("the comment", (t) => [`ALTER TABLE ${t} MODIFY COMMENT 'odd'`]),
  inDatabase("the TTL", (t) => [`ALTER TABLE ${t} MODIFY TTL at + toIntervalDay(31)`]),
  inDatabase("no TTL", (t) => [`ALTER TABLE ${t} REMOVE TTL`]),
  inDatabase("a setting", (t) => [`ALTER TABLE ${t} MODIFY SETTING merge_with_ttl_timeout = 7000`]),
  inDatabase("a setting more", (t) => [`ALTER TABLE ${t} MODIFY SETTING parts_to_throw_insert = 5000`]),
  inDatabase("an index dropped", (t) => [`ALTER TABLE ${t} DROP INDEX ix`], ["still"]),
  inDatabase("an index added", (t) => [`ALTER TABLE ${t} ADD INDEX odd n TYPE minmax`]),
  inDatabase("a projection added", (t) => [
    `ALTER TABLE ${t} ADD PROJECTION odd (SELECT a, sum(n) GROUP BY a)`,
  ]),
  inDatabase("the table dropped", (t) => [`DROP TABLE ${t} SYNC`]),
  inDatabase("the table renamed", (t, database) => [`RENAME TABLE ${t} TO ${database}.elsewhere`]),
  inDatabase("another order key", (t) => [
    `CREATE OR REPLACE TABLE ${t} (id UInt64, a String, n UInt32, at DateTime, INDEX ix a TYPE minmax GRANULARITY 1) ENGINE = MergeTree ORDER BY (id, n) TTL at + toIntervalDay(30) SETTINGS merge_with_ttl_timeout = 7200 COMMENT 'before'`,
  ]),
  inDatabase("another engine", (t) => [
    `CREATE OR REPLACE TABLE ${t} (id UInt64, a String, n UInt32, at DateTime, INDEX ix a TYPE minmax GRANULARITY 1) ENGINE = ReplacingMergeTree ORDER BY id TTL at + toIntervalDay(30) SETTINGS merge_with_ttl_timeout = 7200 COMMENT 'before'`,
  ]),
  inDatabase(
    "a table under a name to be created",
    (t) => [`CREATE TABLE ${t} (z Int8) ENGINE = MergeTree ORDER BY z`],
    ["fresh"],
  ),
  inDatabase("a view under a name to be created", (t) => [`CREATE VIEW ${t} AS SELECT 1 AS z`], ["fresh"]),
  ...stateEdits("remote_state.json", both),
  ...stateEdits("local_infra_map.json", all),
  inPlan("no operation", (text) => text.replace(/operations:[\s\S]*/, "operations: []\n")),
  inPlan("one operation less", (text) => {
    const [head, ...operations] = text.split(/^(?=- )/m);
    return [head, ...operations.slice(1)].join("") + (operations.length === 1 ? "[]\n" : "");
  }),
  inPlan(
    "an operation more",
    (text) => `${text.trimEnd()}\n- DropTableColumn:\n    table: still\n    column_name: a\n`,
  ),
  inPlan("a table dropped", (text) => `${text.trimEnd()}\n- DropTable:\n    table: still\n`),
  inPlan(
    "an operation on another table",
    (text) =>
      `${text.trimEnd()}\n- ModifyTableTtl:\n    table: still\n    before: at + toIntervalDay(30)\n    after: at + toIntervalDay(1)\n`,
  ),
  inPlan("another name of the new table", (text) => text.replace("name: fresh", "name: odd")),
  inPlan("another column of the new table", (text) => text.replace("name: b\n", "name: odd\n")),
  inPlan("another key of the new table", (text) => text.replace(/order_by:\n(\s+)- id/, "order_by:\n$1- b")),
  inPlan("broken text", (text) => text.replace("operations:", "operations: {")),
];
