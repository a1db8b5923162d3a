// What each lifecycle lets happen to a table, cell by cell, on the real engine.

import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { Column, Table } from "../../src/infra/table.js";
import { emptyReport } from "../../src/status/report.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, outcomes, table } from "./tables.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const { FULLY_MANAGED, DELETION_PROTECTED, EXTERNALLY_MANAGED } = LifeCycle;
const columns: readonly Column[] = [
  column("id", "UInt32"),
  column("at", "DateTime('UTC')"),
  column("name", "String"),
  column("kind", "Enum8('a' = 1, 'b' = 2)"),
  column("n", "Int32"),
];

/** The base table with some columns put in place of those of the same name, or added. */
function base(database: string, rest: Partial<Table> = {}, changed: readonly Column[] = []): Table {
  const merged = columns.map((one) => changed.find(({ name }) => name === one.name) ?? one);
  const added = changed.filter(({ name }) => !columns.some((one) => one.name === name));
  return table(database, [...merged, ...added], rest);
}

/** A project with the base table, owned, and three rows in it. */
async function withRows(rest: Partial<Table> = {}): Promise<LiveProject> {
  const project = await engine.newProject();
  await project.round([base(project.database, rest)]);
  await insertRows(project.database, "t");
  return project;
}

const insertRows = (database: string, name: string) =>
  engine.clickhouse.command(
    `INSERT INTO ${database}.${name} (id, at, name, kind, n) SELECT number, toDateTime('2025-01-01 00:00:00', 'UTC'), 'x', 'a', number FROM numbers(3)`,
  );

const countOf = async ({ database }: LiveProject, name = "t") =>
  Number((await engine.clickhouse.rows<{ n: string }>(`SELECT count() AS n FROM ${database}.${name}`))[0]?.n);

interface Cell {
  readonly change: string;
  readonly before?: Partial<Table>;
  readonly rest?: Partial<Table>;
  readonly columns?: readonly Column[];
  readonly without?: string;
  readonly operation: string;
  readonly destroys?: true;
  readonly rowsAfter?: number;
}

const cells: readonly Cell[] = [
  { change: "adding a column", columns: [column("more", "String")], operation: "AddTableColumn" },
  { change: "widening a type", columns: [column("n", "Int64")], operation: "ModifyTableColumn" },
  {
    change: "a column's comment",
    columns: [column("n", "Int32", { comment: "it's" })],
    operation: "ModifyTableColumn",
  },
  {
    change: "a default",
    columns: [column("n", "Int32", { default: { kind: "DEFAULT", expression: "7" } })],
    operation: "ModifyTableColumn",
  },
  {
    change: "a codec",
    columns: [column("n", "Int32", { codec: "ZSTD(3)" })],
    operation: "ModifyTableColumn",
  },
  { change: "settings", rest: { settings: { ttl_only_drop_parts: "1" } }, operation: "ModifyTableSettings" },
  { change: "the table's comment", rest: { comment: "hello" }, operation: "ModifyTableComment" },
  {
    change: "an Enum that grows",
    columns: [column("kind", "Enum8('a' = 1, 'b' = 2, 'c' = 3)")],
    operation: "ModifyTableColumn",
  },
  {
    change: "a TTL that is lengthened",
    before: { ttl: "at + INTERVAL 50 YEAR" },
    rest: { ttl: "at + INTERVAL 60 YEAR" },
    operation: "ModifyTableTtl",
  },
  { change: "a TTL that is removed", before: { ttl: "at + INTERVAL 50 YEAR" }, operation: "ModifyTableTtl" },
  {
    change: "adding an index",
    rest: { indexes: [{ name: "i", expression: "n", type: "minmax", granularity: 1 }] },
    operation: "AddTableIndex",
  },
  {
    change: "dropping an index",
    before: { indexes: [{ name: "i", expression: "n", type: "minmax", granularity: 1 }] },
    operation: "DropTableIndex",
  },
  {
    change: "adding a projection",
    rest: { projections: [{ name: "p", body: "SELECT n ORDER BY n" }] },
    operation: "AddTableProjection",
  },
  {
    change: "dropping a projection",
    before: { projections: [{ name: "p", body: "SELECT n ORDER BY n" }] },
    operation: "DropTableProjection",
  },
  {
    change: "a declared rename",
    columns: [column("number", "Int32", { renamedFrom: "n" })],
    without: "n",
    operation: "RenameTableColumn",
  },
  { change: "dropping a column", without: "name", operation: "DropTableColumn", destroys: true },
  {
    change: "narrowing a type",
    columns: [column("n", "Int8")],
    operation: "ModifyTableColumn",
    destroys: true,
  },
  {
    change: "an Enum that shrinks",
    columns: [column("kind", "Enum8('a' = 1)")],
    operation: "ModifyTableColumn",
    destroys: true,
  },
  {
    change: "a TTL that is added",
    rest: { ttl: "at + INTERVAL 50 YEAR" },
    operation: "ModifyTableTtl",
    destroys: true,
  },
  {
    change: "a TTL that is shortened below the age of the rows",
    before: { ttl: "at + INTERVAL 50 YEAR" },
    rest: { ttl: "at + INTERVAL 1 DAY" },
    operation: "ModifyTableTtl",
    destroys: true,
    rowsAfter: 0,
  },
  {
    change: "a column's TTL that is added",
    columns: [column("name", "String", { ttl: "at + INTERVAL 50 YEAR" })],
    operation: "ModifyTableColumn",
    destroys: true,
  },
  {
    change: "a stored column that becomes an alias",
    columns: [column("name", "String", { default: { kind: "ALIAS", expression: "toString(n)" } })],
    operation: "ModifyTableColumn",
    destroys: true,
  },
];

function wanted(cell: Cell, database: string, lifeCycle: LifeCycle): Table {
  const changed = base(database, { lifeCycle, ...cell.rest }, cell.columns);
  return { ...changed, columns: changed.columns.filter(({ name }) => name !== cell.without) };
}

/** All cells of one lifecycle, a table each, in the same rounds: the rounds are what takes time. */
async function runCells(lifeCycle: LifeCycle) {
  const project = await engine.newProject();
  const named = (tables: readonly Table[]) => tables.map((one, i) => ({ ...one, name: `t${i}` }));
  const next = named(cells.map((cell) => wanted(cell, project.database, lifeCycle)));
  await project.round(named(cells.map(({ before }) => base(project.database, before))));
  await Promise.all(next.map(({ name }) => insertRows(project.database, name)));
  const tables = () => Promise.all(next.map(({ name }) => project.table(name)));
  const was = await tables();
  const reports = [await project.round(next), await project.round(next)];
  const now = await tables();
  return cells.map((_, i) => {
    const address = `${project.database}.t${i}`;
    const operations = reports.map((report) =>
      report.operations.filter(({ operation }) => operation.address === address),
    );
    return {
      outcomes: operations.map((some) => outcomes({ ...emptyReport, operations: some })),
      destructive: operations[0]?.[0]?.operation.destructive,
      unconverged: reports.some(({ unconverged }) => unconverged.includes(address)),
      isAsItWas: isDeepStrictEqual(was[i], now[i]),
      rows: () => countOf(project, `t${i}`),
    };
  });
}

type CellResult = Awaited<ReturnType<typeof runCells>>[number];
const numbered = cells.map((cell, i) => ({ ...cell, i }));

describe("FULLY_MANAGED: everything is done, and a second round finds nothing", () => {
  let results: readonly CellResult[];
  beforeAll(async () => {
    results = await runCells(FULLY_MANAGED);
  });
  test.each(numbered)("$change", async ({ i, operation, destroys, rowsAfter }) => {
    expect(results[i]).toMatchObject({
      outcomes: [[`${operation} applied`], []],
      destructive: destroys === true,
      unconverged: false,
      isAsItWas: false,
    });
    await expect.poll(() => results[i]?.rows()).toBe(rowsAfter ?? 3);
  });
});

describe("DELETION_PROTECTED: what destroys is blocked and stays shown, the rest is done", () => {
  let results: readonly CellResult[];
  beforeAll(async () => {
    results = await runCells(DELETION_PROTECTED);
  });
  test.each(numbered)("$change", async ({ i, operation, destroys }) => {
    const blocked = [`${operation} blocked deletion-protected`];
    expect(results[i]).toMatchObject({
      outcomes: destroys ? [blocked, blocked] : [[`${operation} applied`], []],
      unconverged: false,
      isAsItWas: destroys === true,
    });
    expect(await results[i]?.rows()).toBe(3);
  });
});

describe("EXTERNALLY_MANAGED: everything is shown and nothing done", () => {
  let results: readonly CellResult[];
  beforeAll(async () => {
    results = await runCells(EXTERNALLY_MANAGED);
  });
  test.each(numbered)("$change", async ({ i, operation }) => {
    const blocked = [`${operation} blocked externally-managed`];
    expect(results[i]).toMatchObject({ outcomes: [blocked, blocked], isAsItWas: true });
    expect(await results[i]?.rows()).toBe(3);
  });
});

describe("creating a table", () => {
  test.each([
    [FULLY_MANAGED, "CreateTable applied"],
    [DELETION_PROTECTED, "CreateTable applied"],
    [EXTERNALLY_MANAGED, "CreateTable blocked externally-managed"],
  ])("%s", async (lifeCycle, outcome) => {
    const project = await engine.newProject();
    expect(outcomes(await project.round([base(project.database, { lifeCycle })]))).toEqual([outcome]);
    expect((await project.table("t")) !== undefined).toBe(lifeCycle !== EXTERNALLY_MANAGED);
  });
});

describe("removing a table from code is judged by the lifecycle last applied", () => {
  test.each([
    [FULLY_MANAGED, "DropTable applied"],
    [DELETION_PROTECTED, "DropTable blocked deletion-protected"],
    [EXTERNALLY_MANAGED, "DropTable blocked externally-managed"],
  ])("%s", async (lifeCycle, outcome) => {
    const project = await withRows();
    await project.round([base(project.database, { lifeCycle })]);
    expect(outcomes(await project.round([]))).toEqual([outcome]);
    // A blocked one stays known, in later rounds and in later runs.
    const again = lifeCycle === FULLY_MANAGED ? [] : [outcome];
    expect(outcomes(await project.round([]))).toEqual(again);
    expect(outcomes(await (await project.reopened()).round([]))).toEqual(again);
    if (lifeCycle !== FULLY_MANAGED) expect(await countOf(project)).toBe(3);
  });

  test("a protected table can be dropped after it was declared FULLY_MANAGED again", async () => {
    const project = await withRows({ lifeCycle: DELETION_PROTECTED });
    expect(outcomes(await project.round([]))).toEqual(["DropTable blocked deletion-protected"]);
    await project.round([base(project.database)]);
    expect(outcomes(await project.round([]))).toEqual(["DropTable applied"]);
    await engine.clickhouse.command(`UNDROP TABLE ${project.database}.t`);
    expect(await countOf(project)).toBe(3);
  });
});

describe("a layout that cannot be altered", () => {
  const layouts: readonly (readonly [string, Partial<Table>])[] = [
    ["ORDER BY", { orderBy: "id, name", primaryKey: "id, name" }],
    ["PRIMARY KEY", { orderBy: "id", primaryKey: "id" }],
    ["PARTITION BY", { partitionBy: "toYYYYMM(at)" }],
    ["engine", { engine: "ReplacingMergeTree" }],
    ["index_granularity", { settings: { index_granularity: "1024" } }],
  ];
  test.each(layouts)("%s on an empty table: the table is made anew", async (aspect, rest) => {
    const project = await engine.newProject();
    const start = aspect === "PRIMARY KEY" ? { orderBy: "id, n", primaryKey: "id, n" } : {};
    await project.round([base(project.database, start)]);
    for (const lifeCycle of [EXTERNALLY_MANAGED, DELETION_PROTECTED]) {
      const report = await project.round([base(project.database, { ...rest, lifeCycle })]);
      const external = lifeCycle === EXTERNALLY_MANAGED;
      expect(outcomes(report)).toEqual([
        `RecreateTable ${external ? "blocked externally-managed" : "applied"}`,
      ]);
    }
    expect(outcomes(await project.round([base(project.database, rest)]))).toEqual([]);
    expect(outcomes(await project.round([]))).toEqual(["DropTable applied"]);
  });

  test.each(layouts)("%s on a table with rows: blocked, and the rest goes on", async (aspect, rest) => {
    const start = aspect === "PRIMARY KEY" ? { orderBy: "id, n", primaryKey: "id, n" } : {};
    const project = await withRows(start);
    const next = base(project.database, { ...rest, comment: "new" }, [column("more", "String")]);
    const [rebuild, ...others] = outcomes(await project.round([next]));
    expect(rebuild).toBe("RecreateTable blocked needs-rebuild");
    expect(others).toEqual(["AddTableColumn applied", "ModifyTableComment applied"]);
    expect(outcomes(await project.round([next]))).toEqual([rebuild]);
    expect(await countOf(project)).toBe(3);
  });
});

describe("what moose did not make", () => {
  const create = (database: string, extra = "") =>
    engine.clickhouse.command(
      `CREATE TABLE ${database}.t (id UInt32, at DateTime('UTC'), name String, kind Enum8('a' = 1, 'b' = 2), n Int32${extra}) ENGINE = MergeTree ORDER BY id`,
    );

  test("a table that nobody declares is listed and left alone", async () => {
    const project = await engine.newProject();
    await create(project.database);
    const report = await project.round([]);
    expect(outcomes(report)).toEqual([]);
    expect(report.unmanaged).toEqual([`${project.database}.t`]);
  });

  test("a declared table that exists already is not touched until it is adopted", async () => {
    const project = await engine.newProject();
    await create(project.database, ", extra String");
    const next = base(project.database, { comment: "ours" });
    const blocked = [
      "ModifyTableComment blocked not-made-by-moose",
      "DropTableColumn blocked not-made-by-moose",
    ];
    expect(outcomes(await project.round([next]))).toEqual(blocked);
    expect(outcomes(await project.round([next]))).toEqual(blocked);
    expect(outcomes(await project.round([]))).toEqual([]);
    const adopting = await project.reopened([`${project.database}.t`]);
    expect(outcomes(await adopting.round([next]))).toEqual([
      "ModifyTableComment applied",
      "DropTableColumn applied",
    ]);
    expect(outcomes(await adopting.round([]))).toEqual(["DropTable applied"]);
  });

  test("a table that equals its declaration is not dropped when the declaration goes", async () => {
    const project = await engine.newProject();
    await create(project.database);
    expect(outcomes(await project.round([base(project.database)]))).toEqual([]);
    const report = await project.round([]);
    expect(outcomes(report)).toEqual([]);
    expect(report.unmanaged).toEqual([`${project.database}.t`]);
  });

  test("a column that was added by hand is shown and stays, also when the table would be made anew", async () => {
    const project = await engine.newProject();
    await project.round([base(project.database)]);
    await engine.clickhouse.command(`ALTER TABLE ${project.database}.t ADD COLUMN theirs String`);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const blocked = "DropTableColumn blocked not-made-by-moose";
    expect(outcomes(await project.round([base(project.database)]))).toEqual([blocked]);
    const next = base(project.database, {}, [column("more", "String")]);
    expect(outcomes(await project.round([next]))).toEqual(["AddTableColumn applied", blocked]);
    expect(outcomes(await project.round([base(project.database)]))).toEqual([
      expect.stringMatching(/^DropTableColumn (applied|blocked)/),
      expect.stringMatching(/^DropTableColumn (applied|blocked)/),
    ]);
    expect(
      outcomes(await project.round([base(project.database, { orderBy: "n", primaryKey: "n" })])),
    ).toEqual(["RecreateTable blocked not-made-by-moose"]);
    expect((await project.table("t"))?.columns.map(({ name }) => name)).toEqual([
      ...columns.map(({ name }) => name),
      "theirs",
    ]);
  });

  test("a table that somebody dropped and made again under the same name is no longer ours", async () => {
    const project = await engine.newProject();
    await project.round([base(project.database)]);
    await engine.clickhouse.command(`DROP TABLE ${project.database}.t SYNC`);
    await create(project.database, ", extra String");
    expect(outcomes(await project.round([base(project.database)]))).toEqual([
      "DropTableColumn blocked not-made-by-moose",
    ]);
    expect(outcomes(await project.round([]))).toEqual([]);
    expect(await project.table("t")).toBeDefined();
  });

  test("two tables: what is blocked on one does not hold up the other", async () => {
    const project = await withRows();
    const other = { ...base(project.database), name: "u" };
    const layout = base(project.database, { orderBy: "n", primaryKey: "n" });
    expect(outcomes(await project.round([layout, other]))).toEqual([
      "RecreateTable blocked needs-rebuild",
      "CreateTable applied",
    ]);
  });
});
