// Dictionaries, brought into line with what is declared, on the real engine.

import { afterAll, beforeAll, expect, test } from "vitest";
import { inspectViews } from "../../runtime/clickhouse/inspect-views.js";
import { desired } from "../../src/declare/desired.js";
import type { RowField } from "../../src/declare/row-schema.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { LifeCycle } from "../../src/infra/lifecycle.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, outcomes, table } from "./tables.js";
import { view } from "./views.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const place = { file: "app/index.ts", line: 1, column: 1 };
const field = (name: string, type: string): RowField => ({
  name,
  type: { kind: "simple", name: type },
  key: false,
  default: undefined,
  comment: "",
  codec: "",
  ttl: "",
  place,
});
const options = {
  sourceTable: { name: "prices" },
  primaryKey: ["product"],
  layout: { type: "complex_key_hashed" },
  lifetime: { min: 0, max: 60 },
};

/** What the code declares: the dictionary alone. */
function declared({ database }: LiveProject, config: Readonly<Record<string, unknown>> = options) {
  const registration = {
    kind: "OlapDictionary",
    name: "price_of",
    config,
    sites: [],
    file: place.file,
  } as const;
  const schema = { fields: [field("product", "String"), field("price", "Float64")], place };
  return desired([{ registration, schema }], { database });
}

const prices = (database: string, more: readonly string[] = []) =>
  table(
    database,
    [column("product", "String"), column("price", "Float64"), ...more.map((name) => column(name, "Float64"))],
    { name: "prices" },
  );

function withTable(project: LiveProject, { views }: InfraMap, more: readonly string[] = []): InfraMap {
  return infraMapOf([prices(project.database, more)], views.values());
}

const price = async ({ database }: LiveProject, product: string): Promise<unknown> => {
  const [row] = await engine.clickhouse.rows<{ v: number }>(
    `SELECT dictGet('${database}.price_of', 'price', tuple('${product}')) AS v`,
  );
  return row?.v;
};

test("a dictionary is made after its table, replaced in one step, and dropped before its table", async () => {
  const project = await engine.newProject();
  const { database, reconciler } = project;
  const { map, diagnostics } = declared(project);
  expect(diagnostics).toEqual([]);
  const reader = view(database, "a_reader", "SELECT dictGet('price_of', 'price', tuple('a')) AS v");
  const all = infraMapOf([prices(database)], [...map.views.values(), reader]);
  const made = await reconciler.reconcile(all);
  expect([made.diagnostics, made.unconverged]).toEqual([[], []]);
  expect(outcomes(made)).toEqual(["CreateTable applied", "CreateDictionary applied", "CreateView applied"]);
  await engine.clickhouse.command(`INSERT INTO ${database}.prices VALUES ('a', 1.5)`);
  await engine.clickhouse.command(`SYSTEM RELOAD DICTIONARY ${database}.price_of`);
  expect(await price(project, "a")).toBe(1.5);
  expect(outcomes(await reconciler.reconcile(all))).toEqual([]);
  expect(outcomes(await (await project.reopened()).reconciler.reconcile(all))).toEqual([]);

  const other = declared(project, {
    ...options,
    sourceTable: undefined,
    sourceQuery: "select product, price * 2 as price from prices",
    lifetime: 0,
    defaults: { price: 7 },
  });
  expect(other.diagnostics).toEqual([]);
  const changed = await reconciler.reconcile(withTable(project, other.map));
  expect(outcomes(changed)).toEqual(["DropView applied", "ReplaceDictionary applied"]);
  expect([await price(project, "a"), await price(project, "none")]).toEqual([3, 7]);
  expect(outcomes(await reconciler.reconcile(withTable(project, other.map)))).toEqual([]);

  expect(outcomes(await reconciler.reconcile(infraMapOf([])))).toEqual([
    "DropDictionary applied",
    "DropTable applied",
  ]);
});

test("a column that is added to the source leaves the dictionary as it is", async () => {
  const project = await engine.newProject();
  const { map } = declared(project);
  await project.reconciler.reconcile(withTable(project, map));
  const report = await project.reconciler.reconcile(withTable(project, map, ["cost"]));
  expect(outcomes(report)).toEqual(["AddTableColumn applied"]);
  expect(report.unconverged).toEqual([]);
});

test("a dictionary of somebody else's is left alone, and one that is protected stays", async () => {
  const project = await engine.newProject();
  const { database, reconciler } = project;
  const { map } = declared(project, { ...options, lifeCycle: LifeCycle.DELETION_PROTECTED });
  await engine.clickhouse.command(
    `CREATE DICTIONARY ${database}.price_of (k UInt64, v String) PRIMARY KEY k SOURCE(NULL()) LAYOUT(FLAT()) LIFETIME(0)`,
  );
  expect(outcomes(await reconciler.reconcile(withTable(project, map)))).toEqual([
    "CreateTable applied",
    "ReplaceDictionary blocked not-made-by-moose",
  ]);
  await engine.clickhouse.command(`DROP DICTIONARY ${database}.price_of`);
  await reconciler.reconcile(withTable(project, map));
  expect(outcomes(await reconciler.reconcile(infraMapOf([prices(database)])))).toEqual([
    "DropDictionary blocked deletion-protected",
  ]);
  expect((await inspectViews(engine.clickhouse, [database])).size).toBe(1);
});

test("what a dictionary lacks is said with its place", () => {
  const { diagnostics } = desired(
    [
      {
        registration: {
          kind: "OlapDictionary",
          name: "d",
          config: { primaryKey: ["nothing"], lifetime: 1 },
          sites: [],
          file: place.file,
        },
        schema: { fields: [field("k", "UInt64")], place },
      },
    ],
    { database: "local" },
  );
  expect(diagnostics.map(({ summary, place: at }) => [summary, at])).toEqual([
    ["dictionary d names the key nothing, which its type does not have", place],
    ["dictionary d needs one of sourceTable, sourceQuery and externalSource", place],
    ['dictionary d needs a layout: { type: "HASHED" }', place],
  ]);
});
