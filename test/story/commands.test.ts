// The commands beside dev and migrate: what they print, what they change, and what they refuse.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Moose, startNow } from "../dev/moose.js";
import { Project } from "../dev/project.js";

const main = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

const code = `import { Api, LifeCycle, OlapTable, type UInt32, View } from "@514labs/moose-lib";
interface Row { id: UInt32; name: string }
export const rows = new OlapTable<Row>("rows", { orderByFields: ["id"], version: "1.0" });
export const kept = new OlapTable<Row>("kept", { orderByFields: ["id"], lifeCycle: LifeCycle.DELETION_PROTECTED });
export const names = new View("names", { selectStatement: "SELECT name FROM rows_1_0" });
export const top = new Api<{ n: number }, unknown>("top", () => 1);
`;

let moose: Moose;
beforeAll(async () => {
  moose = startNow(new Project({ "app/index.ts": code }));
  await moose.ready();
  for (const table of ["rows_1_0", "kept"])
    await run("query", `INSERT INTO ${table} SELECT number, 'n' FROM numbers(8)`);
});
afterAll(() => moose.remove());

function run(...args: readonly string[]) {
  return runWith("", ...args);
}

function runWith(input: string, ...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [main, ...args, "--project", moose.project.folder],
    { encoding: "utf8", input },
  );
  return { stdout: moose.plain(stdout), stderr: moose.plain(stderr), status };
}

test("ls lists everything, by kind and name", () => {
  const all = run("ls");
  expect(all.stdout).toMatchInlineSnapshot(`
    "OlapTable
      rows 1.0  app/index.ts:3:21
      kept  app/index.ts:4:21
    View
      names  app/index.ts:5:22
    Api
      top  app/index.ts:6:20
    declared, and not run by this version: 1 API (top)
    "
  `);
  expect(JSON.parse(run("ls", "--type", "tables", "--name", "KEP", "--json").stdout)).toMatchObject([
    { type: "OlapTable", name: "kept", place: { file: "app/index.ts", line: 4 } },
  ]);
});

test("query prints rows, from an argument, a file and standard input, and at most as many as are asked for", () => {
  expect(run("query", "SELECT id FROM rows_1_0 ORDER BY id", "--limit", "2").stdout).toBe(
    '{"id":0}\n{"id":1}\n',
  );
  expect(runWith("SELECT count() AS n FROM names;\n", "query").stdout).toBe('{"n":"8"}\n');
  moose.project.save({ "q.sql": "SELECT 1 AS one" });
  expect(run("query", "-f", moose.project.path("q.sql")).stdout).toBe('{"one":1}\n');
  const refused = run("query", "SELECT nothing");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("ClickHouse refused a query");
  expect(run("query", "select  1", "-c", "typescript").stdout).toBe("sql`\nSELECT 1\n`\n");
});

test("peek prints some rows of a table by its name in code", () => {
  const shown = run("peek", "rows", "--limit", "3");
  expect(shown.stdout.trim().split("\n")).toHaveLength(3);
  expect(run("peek", "names", "-l", "1").stdout).toBe('{"name":"n"}\n');
});

test("truncate wants a yes, and leaves protected tables alone", () => {
  const asked = run("truncate", "rows_1_0");
  expect(asked.status).toBe(1);
  expect(asked.stderr).toContain("all rows of local.rows_1_0 would be gone");
  const refused = run("truncate", "kept", "--yes");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("local.kept is DELETION_PROTECTED");
  expect(run("truncate", "rows_1_0", "--rows", "0", "--yes").stderr).toContain("a number from 1 up, not 0");
  expect(run("truncate", "rows_1_0", "--rows", "3").stderr).toContain(
    "the last 3 rows of local.rows_1_0 would",
  );
  expect(run("truncate", "rows_1_0", "--rows", "3", "--yes").stdout).toBe(
    "local.rows_1_0 has lost its last 3 rows\n",
  );
  expect(run("query", "SELECT groupArray(id) AS left FROM rows_1_0").stdout).toBe('{"left":[0,1,2,3,4]}\n');
  expect(run("truncate", "--all", "--yes").stdout).toBe("local.rows_1_0 is empty\n");
  expect(run("query", "SELECT count() AS n FROM rows_1_0").stdout).toBe('{"n":"0"}\n');
  expect(run("query", "SELECT count() AS n FROM kept").stdout).toBe('{"n":"8"}\n');
});

const foreign = [
  "CREATE TABLE `odd name` (`a b` String COMMENT 'it''s', `class` Int8) ENGINE = MergeTree ORDER BY `a b`",
  "CREATE TABLE all_types (i8 Int8, u64 UInt64, i256 Int256, f32 Float32, f64 Float64, d Decimal(10, 2), s String, fs FixedString(4), u UUID, b Bool, dt DateTime, utc DateTime('UTC'), berlin DateTime('Europe/Berlin'), d64 DateTime64(3), d64b DateTime64(6, 'Asia/Tokyo'), da Date, d32 Date32, ip IPv4, e Enum8('a' = 1, 'b''c' = 2), n Nullable(String), lc LowCardinality(String), lcn LowCardinality(Nullable(String)), lcf LowCardinality(FixedString(2)), arr Array(String), arrn Array(Nullable(Int32)), aa Array(Array(UInt8)), m Map(String, UInt8), t Tuple(a String, b UInt8), ag AggregateFunction(sum, UInt64), j JSON) ENGINE = MergeTree ORDER BY tuple()",
  "CREATE TABLE modifiers (id UInt64 DEFAULT 7, at DateTime('UTC') DEFAULT now(), day Date MATERIALIZED toDate(at), twice UInt64 ALIAS id * 2, z String CODEC(ZSTD(3)), old Nullable(String) TTL at + toIntervalDay(1), q String DEFAULT 'it''s \"x\"') ENGINE = MergeTree ORDER BY (id, toDate(at)) PRIMARY KEY id PARTITION BY toYYYYMM(at) TTL at + toIntervalYear(9) SETTINGS ttl_only_drop_parts = 1 COMMENT 'about'",
  "CREATE TABLE parts (id UInt64, a String, b UInt32, INDEX ix lower(a) TYPE bloom_filter(0.01) GRANULARITY 4, PROJECTION pr (SELECT a, count() GROUP BY a), CONSTRAINT c CHECK id > 0) ENGINE = MergeTree ORDER BY (id, b) SAMPLE BY b PRIMARY KEY (id, b)",
  "CREATE TABLE replacing (id UInt64, v UInt32, gone UInt8) ENGINE = ReplacingMergeTree(v, gone) ORDER BY id",
  "CREATE TABLE summing (id UInt64, n UInt32, m UInt32) ENGINE = SummingMergeTree((n, m)) ORDER BY id",
  "CREATE TABLE summing_one (id UInt64, n UInt32) ENGINE = SummingMergeTree((n)) ORDER BY id",
  "CREATE TABLE collapsing (id UInt64, s Int8, v UInt8) ENGINE = VersionedCollapsingMergeTree(s, v) ORDER BY id",
  "CREATE TABLE aggregating (id UInt64, n SimpleAggregateFunction(max, UInt64)) ENGINE = AggregatingMergeTree ORDER BY id",
  "CREATE TABLE nothing (id UInt64) ENGINE = Null",
  "CREATE TABLE in_memory (id UInt64) ENGINE = Memory",
  "CREATE TABLE down (id UInt64, k Nullable(String)) ENGINE = MergeTree ORDER BY (k, id) SETTINGS allow_nullable_key = 1",
];

test("db pull writes models whose plan is empty, for the tables that the code does not declare", async () => {
  for (const statement of foreign) expect(run("query", statement).stderr).toBe("done\n");
  const pulled = run("db", "pull");
  expect(pulled.stderr).toBe("");
  expect(pulled.stdout).toContain(`app/externalModels.ts: ${foreign.length} tables`);
  const text = readFileSync(moose.project.path("app/externalModels.ts"), "utf8");
  expect(text).not.toContain('"kept"');
  expect(text).toContain("  /** it's */\n");
  const said = await moose.save({ "app/index.ts": `${code}export * from "./externalModels.js";\n` });
  expect(said).not.toContain("not done");
  const plan = run("plan");
  expect(plan.stdout).toContain("nothing to do");
  const again = run("db", "pull");
  expect(again.stdout).toContain(`app/externalModels.ts: ${foreign.length} tables`);
  expect(readFileSync(moose.project.path("app/externalModels.ts"), "utf8")).toBe(text);
  moose.project.save({ "app/mine.ts": "export const mine = 1;\n" });
  expect(run("db", "pull", "--file-path", "app/mine.ts").stderr).toContain(
    "was not written by moose db pull",
  );
});

describe("init", () => {
  test("makes a project that plans, and stays out of a folder with files", () => {
    const folder = mkdtempSync(join(tmpdir(), "moose-init-"));
    const init = (...args: readonly string[]) =>
      spawnSync(process.execPath, [main, "init", "shop", "--location", join(folder, "shop"), ...args], {
        encoding: "utf8",
      });
    try {
      expect(init().status).toBe(0);
      expect(existsSync(join(folder, "shop", "app", "index.ts"))).toBe(true);
      const made = JSON.parse(readFileSync(join(folder, "shop", "package.json"), "utf8"));
      expect(made.allowScripts).toHaveProperty(["@confluentinc/kafka-javascript"], true);
      expect(init().stderr).toContain("is not empty");
      expect(init("--no-fail-already-exists").status).toBe(0);
      const listed = spawnSync(process.execPath, [main, "ls", "--project", join(folder, "shop")], {
        encoding: "utf8",
      });
      expect(listed.stdout).toContain("page_visits_mv");
      expect(listed.stderr).toBe("");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
