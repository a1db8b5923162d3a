// The sql tag, and views that are declared with it.

import { describe, expect, test } from "vitest";
import { desired } from "../../src/declare/desired.js";
import type { Registration } from "../../src/declare/registration.js";
import { setRegistry } from "../../src/declare/registry.js";
import { MaterializedView, OlapTable, sql, toQuery, toStaticQuery, View } from "../../src/index.js";

interface Page {
  id: string;
  views: number;
}

const pages = new OlapTable<Page>("pages", { orderByFields: ["id"] });
const far = new OlapTable<Page>("pa`ges", { orderByFields: ["id"], database: "far" });

test("tables, columns and views stand by their names, values beside the query", () => {
  const busy = new View("busy", { selectStatement: "SELECT 1", database: "far" });
  const query = sql`SELECT ${pages.columns.views} FROM ${pages} JOIN ${far} JOIN ${busy} WHERE views > ${3} AND id = ${"it's"}`;
  expect(toQuery(query)).toEqual([
    "SELECT `views` FROM `pages` JOIN `far`.`pa\\`ges` JOIN `far`.`busy` WHERE views > {p0:Int64} AND id = {p1:String}",
    { p0: 3, p1: "it's" },
  ]);
  expect(toStaticQuery(query)).toContain("views > 3 AND id = 'it\\'s'");
});

test("pieces are put together, with their values in order", () => {
  const where = sql.join([sql`a = ${1}`, sql`b = ${true}`], " AND ");
  const query = sql`SELECT ${["Identifier", "a b"]} FROM ${pages} WHERE ${where}${sql.empty}`.append(
    sql` LIMIT ${sql.raw("5")}`,
  );
  expect(toQuery(query)).toEqual([
    "SELECT {p0:Identifier} FROM `pages` WHERE a = {p1:Int64} AND b = {p2:Bool} LIMIT 5",
    { p0: "a b", p1: 1, p2: true },
  ]);
  expect(toQuery(sql`SELECT ${1.5}, ${10n}, ${null}, ${new Date(0)}`)[0]).toBe(
    "SELECT {p0:Float64}, {p1:Int128}, {p2:Nullable(String)}, {p3:DateTime64(3)}",
  );
});

describe("declared views", () => {
  function declared(run: () => void) {
    const registrations: Registration[] = [];
    setRegistry({
      register: (one) => registrations.push({ ...one, sites: ["app/index.ts:3:7"], file: "app/index.ts" }),
    });
    try {
      run();
    } finally {
      setRegistry(undefined);
    }
    return {
      registrations,
      ...desired(
        registrations.map((registration) => ({ registration, schema: undefined })),
        { database: "home" },
      ),
    };
  }

  test("a materialized view declares its target", () => {
    const { map, registrations } = declared(() => {
      new MaterializedView<Page>({
        materializedViewName: "mv",
        targetTable: { name: "target", orderByFields: ["id"] },
        selectStatement: sql`SELECT id, views FROM ${pages}`,
        selectTables: [pages],
      });
      new MaterializedView<Page>({
        materializedViewName: "flat",
        tableName: "flat_target",
        orderByFields: ["id"],
        selectStatement: "SELECT id, views FROM pages;",
        database: "far",
      });
    });
    expect(registrations.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "OlapTable target",
      "MaterializedView mv",
      "OlapTable flat_target",
      "MaterializedView flat",
    ]);
    expect(map.views.get("home.mv")).toMatchObject({
      kind: "MaterializedView",
      select: "SELECT id, views FROM `pages`",
      target: { database: "home", name: "target" },
      place: { file: "app/index.ts", line: 3, column: 7 },
    });
    expect(map.views.get("far.flat")).toMatchObject({
      select: "SELECT id, views FROM `home`.pages",
      target: { database: "home", name: "flat_target" },
    });
  });

  test("what is no query, and a name that is taken, are problems with their place", () => {
    const { diagnostics } = declared(() => {
      new View("drop", "DROP TABLE pages", []);
      new View("twice", "SELECT 1", []);
      new View("twice", "SELECT 2", []);
    });
    expect(diagnostics.map(({ code, place }) => [code, place?.line])).toEqual([
      ["declare/no-select", 3],
      ["declare/duplicate-view", 3],
    ]);
  });

  test("a view without a query, and one that writes to itself, throw where they are declared", () => {
    expect(() => new View("v", "", [])).toThrow("View needs a name and a query");
    expect(
      () =>
        new MaterializedView<Page>({
          materializedViewName: "x",
          targetTable: { name: "x", orderByFields: ["id"] },
          selectStatement: "SELECT 1",
        }),
    ).toThrow("needs another name");
  });
});
