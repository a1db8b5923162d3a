// The mission's own lines of code, run by the real `moose dev`, and edited save by save while rows are in the table.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Moose, startNow } from "../dev/moose.js";
import { Project } from "../dev/project.js";
import { pause } from "../dev/wait.js";

const snippet = `import { OlapTable, LifeCycle } from "@514labs/moose-lib";
interface Schema { id: string; name: string; age: number;}
const table = new OlapTable<Schema>("table_name", { lifeCycle: LifeCycle.FULLY_MANAGED, orderByFields: ["id"]});
`;

/** Types that the later edits use. */
const withTypes = snippet.replace(
  "OlapTable, LifeCycle",
  "LifeCycle, OlapTable, type UInt8, type WithDefault",
);

const rows = [
  { id: "a", name: "Ada", age: 36 },
  { id: "b", name: "Bob", age: 7 },
];

let moose: Moose;

beforeAll(async () => {
  moose = startNow(new Project({ "app/index.ts": snippet }));
  await moose.ready();
});

afterAll(() => moose.remove());

/** Saves the snippet with its interface replaced. */
function saveSchema(schema: string): Promise<string> {
  return moose.save({ "app/index.ts": withTypes.replace(/^interface.*$/m, schema) });
}

async function columns(table = "table_name"): Promise<readonly string[]> {
  const found = await moose.rows<Readonly<Record<string, string>>>(
    `SELECT name, type, default_kind, default_expression, comment FROM system.columns
     WHERE database = 'local' AND table = '${table}' ORDER BY position`,
  );
  return found.map((column) => Object.values(column).join(" ").trim());
}

function tables(): Promise<readonly unknown[]> {
  return moose.rows(
    "SELECT name, sorting_key, comment FROM system.tables WHERE database = 'local' ORDER BY name",
  );
}

function content(table = "table_name"): Promise<readonly unknown[]> {
  return moose.rows(`SELECT * FROM local.${table} ORDER BY 1`);
}

test("the first start makes the table of the snippet, and rows go into it over HTTP", async () => {
  expect(moose.plain(moose.stdout)).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    + local.table_name  ORDER BY id
        + id String
        + name String
        + age Float64
    1 change applied in TIME
    embedded ClickHouse 26.7.2.1 at http://127.0.0.1:PORT  database local
    watching PROJECT/app  1 table, ready in TIME
    "
  `);
  expect(await columns()).toEqual(["id String", "name String", "age Float64"]);
  expect(await tables()).toEqual([{ name: "table_name", sorting_key: "(id)", comment: "" }]);
  await moose.insert("local.table_name", rows);
  expect(await content()).toEqual(rows);
});

test("a new field becomes a column", async () => {
  const text = await saveSchema("interface Schema { id: string; name: string; age: number; email?: string }");
  expect(text).toMatchInlineSnapshot(`
    "~ local.table_name
      + email Nullable(String)
    1 change applied in TIME
    "
  `);
  expect(await columns()).toEqual(["id String", "name String", "age Float64", "email Nullable(String)"]);
  expect(await content()).toEqual(rows.map((row) => ({ ...row, email: null })));
});

test("a removed field takes its column with it and leaves the others", async () => {
  const text = await saveSchema("interface Schema { id: string; name: string; age: number }");
  expect(text).toMatchInlineSnapshot(`
    "~ local.table_name
      - email Nullable(String)  (2 rows, SIZE)
    1 change applied in TIME
    "
  `);
  expect(await columns()).toEqual(["id String", "name String", "age Float64"]);
  expect(await content()).toEqual(rows);
});

test("a changed type converts the values", async () => {
  const text = await saveSchema("interface Schema { id: string; name: string; age: UInt8 }");
  expect(text).toMatchInlineSnapshot(`
    "~ local.table_name
      ~ age Float64 -> UInt8  (2 rows, SIZE)
    1 change applied in TIME
    "
  `);
  expect(await columns()).toEqual(["id String", "name String", "age UInt8"]);
  expect(await content()).toEqual(rows);
});

test("a type that values do not fit is not applied, and says which", async () => {
  const text = await saveSchema("interface Schema { id: string; name: UInt8; age: UInt8 }");
  expect(text).toMatchInlineSnapshot(`
    "~ local.table_name
      ~ name String -> UInt8  (2 rows, SIZE)
          not done: 2 values of name cannot become UInt8: 'Ada', 'Bob'
          to go on: correct these values first, or keep name as String and add a field
    1 change not done
    "
  `);
  expect(await columns()).toEqual(["id String", "name String", "age UInt8"]);
  expect(await content()).toEqual(rows);
});

test("a default applies to rows that come without the value", async () => {
  const text = await saveSchema(
    "interface Schema { id: string; name: WithDefault<string, \"'nobody'\">; age: UInt8 }",
  );
  expect(text).toMatchInlineSnapshot(`
    "~ local.table_name
      ~ name default: none -> DEFAULT 'nobody'
    1 change applied in TIME
    "
  `);
  expect(await columns()).toEqual(["id String", "name String DEFAULT 'nobody'", "age UInt8"]);
  await moose.insert("local.table_name", [{ id: "c", age: 1 }]);
  expect(await content()).toEqual([...rows, { id: "c", name: "nobody", age: 1 }]);
});

const commented = `interface Schema {
  id: string;
  /** What people say. */
  name: string;
  age: UInt8;
}`;

test("a doc comment becomes the column's comment", async () => {
  expect(await saveSchema(commented)).toMatchInlineSnapshot(`
    "~ local.table_name
      ~ name default: DEFAULT 'nobody' -> none, comment: '' -> 'What people say.'
    1 change applied in TIME
    "
  `);
  expect(await columns()).toEqual(["id String", "name String   What people say.", "age UInt8"]);
});

test("an edited doc comment alone is carried over", async () => {
  expect(await saveSchema(commented.replace("say", "hear"))).toMatchInlineSnapshot(`
    "~ local.table_name
      ~ name comment: 'What people say.' -> 'What people hear.'
    1 change applied in TIME
    "
  `);
  expect(await columns()).toEqual(["id String", "name String   What people hear.", "age UInt8"]);
});

test("saving the same text again changes nothing", async () => {
  // What follows a save at once is taken for a part of it.
  await pause(2_100);
  expect(await saveSchema(commented.replace("say", "hear"))).toMatchInlineSnapshot(`
    "no change  TIME
    "
  `);
  expect(await columns()).toEqual(["id String", "name String   What people hear.", "age UInt8"]);
});

test("a new file with a table, imported by the entry, makes that table", async () => {
  // One after the other: two saves may be read as one or as two, and only the second has something to say.
  expect(
    await moose.save({
      "app/visits.ts": `import { OlapTable } from "@514labs/moose-lib";
/** One visit of a page. */
interface Visit { at: Date; page: string }
export const visits = new OlapTable<Visit>("visits", { orderByFields: ["at"] });
`,
    }),
  ).toContain("no change");
  moose.project.save({
    "app/index.ts": `import "./visits";\n${withTypes.replace(/^interface.*$/m, commented)}`,
  });
  expect(await moose.line(/.* applied in .*/)).toMatchInlineSnapshot(`
    "~ local.table_name
      ~ name comment: 'What people hear.' -> 'What people say.'
    + local.visits  ORDER BY at
        + at DateTime('UTC')
        + page String
    2 changes applied in TIME
    "
  `);
  expect(await tables()).toMatchInlineSnapshot(`
    [
      {
        "comment": "",
        "name": "table_name",
        "sorting_key": "(id)",
      },
      {
        "comment": "",
        "name": "visits",
        "sorting_key": "(at)",
      },
    ]
  `);
  await moose.insert("local.visits", [{ at: "2026-01-02 03:04:05", page: "/" }]);
});

test("a table that is deleted from the code is dropped, and the other keeps its rows", async () => {
  expect(await saveSchema(commented)).toMatchInlineSnapshot(`
    "- local.visits  (1 row, SIZE)
        within 8 minutes it can be brought back: UNDROP TABLE \`local\`.\`visits\`
    1 change applied in TIME
    "
  `);
  expect(await tables()).toMatchInlineSnapshot(`
    [
      {
        "comment": "",
        "name": "table_name",
        "sorting_key": "(id)",
      },
    ]
  `);
  expect(await content()).toEqual([...rows, { id: "c", name: "nobody", age: 1 }]);
  moose.project.delete("app/visits.ts");
  await moose.settled();
});

test("Ctrl-C stops it in order and leaves nothing running", async () => {
  expect(await moose.stop("SIGINT")).toEqual({ code: 0, signal: null });
  expect(moose.rest()).toBe("stopped\n");
  expect(moose.stderr).toBe("");
  expect(moose.stdout).not.toContain("\u001b");
});
