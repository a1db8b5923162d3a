// Settings that change while `moose dev` runs.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Moose, startNow } from "../dev/moose.js";
import { anyPort, Project } from "../dev/project.js";

const code = `import { OlapTable } from "@514labs/moose-lib";
interface Row { id: string; n: number }
export const a = new OlapTable<Row>("a", { orderByFields: ["id"] });
`;

const tables =
  "SELECT concat(database, '.', name) AS t FROM system.tables WHERE database IN ('local', 'other', 'third') ORDER BY 1";

let moose: Moose;

beforeAll(async () => {
  moose = startNow(new Project({ "app/index.ts": code }));
  await moose.ready();
});

afterAll(() => moose.remove());

test("a config file that cannot be read is reported, and the session goes on", async () => {
  await moose.insert("local.a", [{ id: "x", n: 1 }]);
  expect(await moose.save({ "moose.config.toml": "[clickhouse_config\n" })).toMatchInlineSnapshot(`
    "error: moose.config.toml:1:19: moose.config.toml is not valid TOML: illegal character in key.
    nothing was changed; waiting for the next save
    "
  `);
  expect(await moose.save({ "app/index.ts": code.replace("n: number", "n: number; m: string") })).toContain(
    "+ m String",
  );
  moose.project.save({ "moose.config.toml": anyPort });
  expect(await moose.line(/^the settings are as they were before$/m)).toBe(
    "the settings are as they were before\n",
  );
  moose.project.save({ "app/index.ts": code });
  await moose.line(/applied in .*/);
});

test("another database takes effect, and the tables of the old one stay", async () => {
  const { url } = moose;
  moose.project.save({ "moose.config.toml": `${anyPort}db_name = "other"\n` });
  expect(await moose.ready()).toMatchInlineSnapshot(`
    "the settings changed; starting again with them
    + other.a  ORDER BY id
        + id String
        + n Float64
    1 change applied in TIME
    embedded ClickHouse 26.7.2.1 at http://127.0.0.1:PORT  database other
    watching PROJECT/app  1 table, ready in TIME
    "
  `);
  expect(moose.url).toBe(url);
  expect(await moose.rows(tables)).toMatchInlineSnapshot(`
    [
      {
        "t": "local.a",
      },
      {
        "t": "other.a",
      },
    ]
  `);
});

test("settings that no server can be had with are reported, and those before are taken up again", async () => {
  moose.project.save({ "moose.config.toml": '[clickhouse_config]\nurl = "http://127.0.0.1:9"\n' });
  expect(await moose.ready()).toMatchInlineSnapshot(`
    "the settings changed; starting again with them
    error: no ClickHouse server answers at http://127.0.0.1:PORT
        connect ECONNREFUSED 127.0.0.1:PORT
        check that the server runs and that host and HTTP port are right
    nothing was changed; waiting for the next save
    going on with the settings as they were before
    no change  TIME
    embedded ClickHouse 26.7.2.1 at http://127.0.0.1:PORT  database other
    watching PROJECT/app  1 table, ready in TIME
    "
  `);
  expect(await moose.rows(tables)).toMatchInlineSnapshot(`
    [
      {
        "t": "local.a",
      },
      {
        "t": "other.a",
      },
    ]
  `);
});

test("a new .env file takes effect", async () => {
  moose.project.save({
    ".env": "MOOSE_CLICKHOUSE_CONFIG__DB_NAME=third\n",
    "moose.config.toml": anyPort,
  });
  expect(await moose.ready()).toContain("database third");
  await moose.eventually(tables, [{ t: "local.a" }, { t: "other.a" }, { t: "third.a" }]);
});

test("a new tsconfig.json takes effect", async () => {
  const careless = `${code}export const text: string = (["x"] as string[])[0];\n`;
  expect(await moose.save({ "app/index.ts": careless })).toContain("no change");
  moose.project.save({ "tsconfig.json": '{ "compilerOptions": { "noUncheckedIndexedAccess": true } }\n' });
  expect(await moose.ready()).toContain("Type 'undefined' is not assignable to type 'string'");
  moose.project.delete("tsconfig.json");
  expect(await moose.ready()).not.toContain("undefined");
});
