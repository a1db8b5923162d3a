// Queries over HTTP against the embedded ClickHouse: answers, parameters, databases, errors, cancelling.

import { createHash } from "node:crypto";
import zlib from "node:zlib";
import { ClickHouseError, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, pause, raw, startTestServer, type TestServer, until } from "./harness.js";

let server: TestServer;
let url: string;
const client = () => createClient({ url, log: { level: ClickHouseLogLevel.OFF } });

beforeAll(async () => {
  server = await startTestServer();
  url = server.url;
});
afterAll(() => server.remove());

async function withClient<T>(work: (c: ReturnType<typeof createClient>) => Promise<T>): Promise<T> {
  const c = client();
  try {
    return await work(c);
  } finally {
    await c.close();
  }
}

describe("answers", () => {
  test("ping answers Ok.", async () => {
    expect((await raw(url, { method: "GET", path: "/ping" })).text).toBe("Ok.\n");
    expect(await withClient((c) => c.ping())).toEqual({ success: true });
  });

  test("an unknown path is 404", async () => {
    expect((await raw(url, { method: "GET", path: "/nowhere" })).status).toBe(404);
  });

  test.each([
    "JSON",
    "JSONCompact",
    "JSONEachRow",
    "JSONCompactEachRowWithNamesAndTypes",
    "JSONObjectEachRow",
  ] as const)("rows come in %s", async (format) => {
    const result = await withClient(async (c) => {
      const rows = await c.query({ query: "SELECT number AS n, 'é' AS s FROM numbers(3)", format });
      return JSON.stringify(await rows.json());
    });
    expect(result).toContain("é");
    expect(result).toContain("2");
  });

  test("a FORMAT clause in the statement wins over default_format, and the header names it", async () => {
    const answer = await raw(url, {
      body: "SELECT 1 AS a FORMAT JSONEachRow -- as lines\n;",
      params: { default_format: "CSV" },
    });
    expect(answer.text).toBe('{"a":1}\n');
    expect(answer.headers["x-clickhouse-format"]).toBe("JSONEachRow");
    const other = await raw(url, { body: "SELECT 1, 'x'", params: { default_format: "CSV" } });
    expect(other.text).toBe('1,"x"\n');
    expect(other.headers["x-clickhouse-format"]).toBe("CSV");
  });

  test("the statement may be in the URL, in the body, or in both", async () => {
    expect((await raw(url, { method: "GET", params: { query: "SELECT 1" } })).text).toBe("1\n");
    expect((await raw(url, { body: "SELECT 2" })).text).toBe("2\n");
    expect((await raw(url, { params: { query: "SELECT" }, body: "3" })).text).toBe("3\n");
  });

  test("64-bit integers are bare in JSON, the default of a current server, and quoted on request", async () => {
    const sql = "SELECT toUInt64(18446744073709551615) AS n FORMAT JSONEachRow";
    expect(await ask(url, sql)).toBe('{"n":18446744073709551615}');
    const quoted = await ask(url, sql, { output_format_json_quote_64bit_integers: "1" });
    expect(quoted).toBe('{"n":"18446744073709551615"}');
  });

  test("Parquet and RowBinary results are exact", async () => {
    const parquet = await raw(url, { body: "SELECT number FROM numbers(1000) FORMAT Parquet" });
    expect(parquet.body.subarray(0, 4).toString()).toBe("PAR1");
    expect(parquet.body.subarray(-4).toString()).toBe("PAR1");
    const binary = await raw(url, { body: "SELECT toUInt8(number) FROM numbers(256) FORMAT RowBinary" });
    expect([...binary.body]).toEqual(Array.from({ length: 256 }, (_, i) => i));
  });

  test("the query id is taken over and returned, also in system.processes", async () => {
    const answer = await raw(url, {
      body: "SELECT query_id FROM system.processes",
      params: { query_id: "my-id'1" },
    });
    expect(answer.headers["x-clickhouse-query-id"]).toBe("my-id'1");
    expect(answer.text.split("\n")).toContain("my-id\\'1");
  });

  test("the summary counts the result, and leaves out what is not known", async () => {
    const answer = await raw(url, { body: "SELECT number FROM numbers(1000)" });
    const summary = JSON.parse(String(answer.headers["x-clickhouse-summary"])) as Record<string, string>;
    expect(summary.result_rows).toBe("1000");
    expect(summary).not.toHaveProperty("read_rows");
  });

  test("progress headers and wait_end_of_query are accepted", async () => {
    const params = {
      wait_end_of_query: "1",
      send_progress_in_http_headers: "1",
      http_headers_progress_interval_ms: "100",
    };
    expect(await ask(url, "SELECT 1", params)).toBe("1");
  });

  test.each(["gzip", "deflate", "br"])("a %s answer is the plain one, packed", async (encoding) => {
    const answer = await raw(url, {
      body: "SELECT number FROM numbers(100000)",
      params: { enable_http_compression: "1" },
      headers: { "accept-encoding": encoding },
    });
    expect(answer.headers["content-encoding"]).toBe(encoding);
    const unpack = { gzip: zlib.gunzipSync, deflate: zlib.inflateSync, br: zlib.brotliDecompressSync }[
      encoding
    ];
    expect(unpack?.(answer.body).toString()).toBe(
      Array.from({ length: 100_000 }, (_, i) => `${i}\n`).join(""),
    );
    const plain = await raw(url, { body: "SELECT 1", headers: { "accept-encoding": encoding } });
    expect(plain.headers["content-encoding"]).toBeUndefined();
  });

  test("the client's own compression works both ways", async () => {
    const c = createClient({ url, compression: { request: true, response: true } });
    await c.command({ query: "CREATE TABLE packed (n UInt32) ENGINE=MergeTree ORDER BY n" });
    await c.insert({
      table: "packed",
      values: Array.from({ length: 5000 }, (_, n) => ({ n })),
      format: "JSONEachRow",
    });
    const rows = await c.query({ query: "SELECT sum(n) AS total FROM packed", format: "JSONEachRow" });
    expect(await rows.json()).toEqual([{ total: 12_497_500 }]);
    await c.close();
  });
});

describe("parameters and settings", () => {
  const values: Readonly<Record<string, string>> = {
    quotes: `a'b"c\`d`,
    lines: "first\nsecond\tthird\r\n",
    backslashes: "\\ \\\\ \\n \\'",
    unicode: "žluťoučký 🐎 {x:String} -- ; $$",
    empty: "",
  };

  test.each(Object.entries(values))("a string of %s arrives unchanged", async (_name, value) => {
    const result = await withClient(async (c) => {
      const rows = await c.query({
        query: "SELECT {v:String} AS v",
        query_params: { v: value },
        format: "JSONEachRow",
      });
      return rows.json();
    });
    expect(result).toEqual([{ v: value }]);
  });

  test("identifiers, arrays, maps, nullables and dates are parameters too", async () => {
    const at = new Date("2026-01-02T03:04:05.000Z");
    const rows = await withClient(async (c) => {
      const result = await c.query({
        query:
          "SELECT {list:Array(String)} AS list, {map:Map(String,UInt8)} AS map, {none:Nullable(String)} AS none, " +
          "toUnixTimestamp({at:DateTime}) AS at, {day:Date} AS day FROM {db:Identifier}.{tbl:Identifier}",
        query_params: {
          list: ["a'", "b\\", "c\n"],
          map: { k: 7 },
          none: null,
          at,
          day: "2026-01-02",
          db: "system",
          tbl: "one",
        },
        format: "JSONEachRow",
      });
      return result.json();
    });
    expect(rows).toEqual([
      { list: ["a'", "b\\", "c\n"], map: { k: 7 }, none: null, at: at.getTime() / 1000, day: "2026-01-02" },
    ]);
  });

  test("a parameter of a megabyte goes as a multipart body", async () => {
    const v = "x'\\".repeat(350_000);
    const rows = await withClient(async (c) => {
      const result = await c.query({
        query: "SELECT lower(hex(SHA256({v:String}))) AS h",
        query_params: { v },
        format: "JSONEachRow",
        use_multipart_params: true,
      });
      return result.json<{ h: string }>();
    });
    expect(rows[0]?.h).toBe(createHash("sha256").update(v).digest("hex"));
  });

  test("parameters of 20 requests at once never mix", async () => {
    const c = createClient({ url, max_open_connections: 20 });
    const one = async (i: number) => {
      const v = `value ${i} 'quoted' \\`;
      const rows = await c.query({
        query: "SELECT {v:String} AS v, sleepEachRow(0.002)",
        query_params: { v },
        format: "JSONEachRow",
      });
      const [row] = await rows.json<{ v: string }>();
      return row?.v === v;
    };
    const right = await Promise.all(Array.from({ length: 400 }, (_, i) => one(i)));
    expect(right.filter(Boolean)).toHaveLength(400);
    await c.close();
  });

  test("a missing parameter is told, also after a request that had it", async () => {
    expect(await ask(url, "SELECT {p:Int8}", { param_p: "5" })).toBe("5");
    const answer = await raw(url, { body: "SELECT {p:Int8}" });
    expect(answer.headers["x-clickhouse-exception-code"]).toBe("456");
  });

  test("settings in the URL hold for one request only", async () => {
    const sql = "SELECT getSetting('max_threads'), getSetting('log_comment')";
    expect(await ask(url, sql, { max_threads: "3", log_comment: "it's\\n" })).toBe("3\tit\\'s\\\\n");
    const after = await Promise.all(
      Array.from({ length: 30 }, () => ask(url, "SELECT getSetting('log_comment')")),
    );
    expect(new Set(after)).toEqual(new Set([""]));
  });

  test("SET and USE do not reach the next request", async () => {
    await ask(url, "CREATE DATABASE elsewhere");
    await ask(url, "SET max_block_size=77");
    await ask(url, "USE elsewhere");
    expect(await ask(url, "SELECT currentDatabase(), getSetting('max_block_size')")).not.toContain("77");
    expect(await ask(url, "SELECT currentDatabase()")).toBe("default");
  });
});

describe("databases", () => {
  test("default is an Atomic database, so its tables have a UUID and can be undropped", async () => {
    expect(await ask(url, "SELECT engine FROM system.databases WHERE name='default'")).toBe("Atomic");
    await ask(url, "CREATE TABLE kept (a Int8) ENGINE=MergeTree ORDER BY a");
    await ask(url, "INSERT INTO kept VALUES (1)");
    await ask(url, "DROP TABLE kept");
    await ask(url, "UNDROP TABLE kept");
    expect(await ask(url, "SELECT count() FROM kept")).toBe("1");
  });

  test("the database can be named in the URL, in a header, and by the client", async () => {
    await ask(url, "CREATE DATABASE `odd ``name`");
    const name = "odd `name";
    expect(await ask(url, "SELECT currentDatabase()", { database: name })).toBe(name);
    const answer = await raw(url, {
      body: "SELECT currentDatabase()",
      headers: { "x-clickhouse-database": name },
    });
    expect(answer.text).toBe(`${name}\n`);
    const c = createClient({ url, database: name });
    const rows = await c.query({ query: "SELECT currentDatabase() AS d", format: "JSONEachRow" });
    expect(await rows.json()).toEqual([{ d: name }]);
    await c.close();
  });

  test.each([
    "SELECT not valid sql at",
    "SELECT 1; SELECT 2",
    "",
    "CREATE TABLE default.fenced (a Int8) ENGINE=Memory",
    "INSERT INTO default.kept VALUES (9)",
  ])("an unknown database is code 81 before anything is done: %s", async (body) => {
    const answer = await raw(url, { body, params: { database: "_moose_e7" } });
    expect(answer.status).toBe(404);
    expect(answer.text).toMatch(
      /^Code: 81\. DB::Exception: Database _moose_e7 does not exist\. .*\(UNKNOWN_DATABASE\) \(version /,
    );
    expect(await ask(url, "EXISTS TABLE default.fenced")).toBe("0");
  });

  test("a database renamed away is refused from then on", async () => {
    await ask(url, "CREATE DATABASE epoch_1");
    expect(await ask(url, "SELECT 1", { database: "epoch_1" })).toBe("1");
    await ask(url, "RENAME DATABASE epoch_1 TO epoch_2");
    expect(
      (await raw(url, { body: "SELECT 1", params: { database: "epoch_1" } })).headers[
        "x-clickhouse-exception-code"
      ],
    ).toBe("81");
  });
});

describe("errors", () => {
  test.each([
    ["SELECT * FROM missing", 60, 404, "UNKNOWN_TABLE"],
    ["SELECT nope", 47, 404, "UNKNOWN_IDENTIFIER"],
    ["SELECT 1 FRM x", 62, 400, "SYNTAX_ERROR"],
    ["1+1", 62, 400, "SYNTAX_ERROR"],
    ["SELECT 1; SELECT 2", 62, 400, "SYNTAX_ERROR"],
    ["", 62, 400, "SYNTAX_ERROR"],
    ["SELECT throwIf(1)", 395, 500, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 358, 500, "INTO_OUTFILE_NOT_ALLOWED"],
    ["SELECT 1 FORMAT NoSuch", 73, 404, "UNKNOWN_FORMAT"],
    ["CREATE USER u", 497, 403, "ACCESS_DENIED"],
  ])("%s is code %d, status %d", async (body, code, status, name) => {
    const answer = await raw(url, { body });
    expect(answer.status).toBe(status);
    expect(answer.headers["x-clickhouse-exception-code"]).toBe(String(code));
    expect(answer.text).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: [\\s\\S]*\\(${name}\\) \\(version 2`),
    );
    expect(answer.text).not.toContain("OUTFILE '");
  });

  test("the client gets a ClickHouseError with code and type", async () => {
    const error = await withClient((c) => c.command({ query: "DROP TABLE missing" })).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(ClickHouseError);
    expect(error).toMatchObject({ code: "60", type: "UNKNOWN_TABLE" });
  });

  test("a semicolon in a string, a comment or at the end is not a second statement", async () => {
    expect(await ask(url, "SELECT ';' AS a, $$;'$$ /* ; */ -- ;\n;;")).toBe(";\t;\\'");
  });

  test("an exception in the middle of a result is an error to the client, and cuts the answer off", async () => {
    const sql = "SELECT throwIf(number = 2000000) AS a FROM numbers(3000000)";
    const error = await withClient(async (c) => {
      const rows = await c.query({ query: sql, format: "JSONEachRow" });
      return rows.json();
    }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ClickHouseError);
    expect(error).toMatchObject({ code: "395" });
    const answer = await raw(url, { body: sql });
    expect(answer.status).toBe(200);
    expect(answer.cut).toBe(true);
    expect(answer.text).toContain("__exception__");
  });

  test("an exception in the middle of a packed result is an error too", async () => {
    const c = createClient({ url, compression: { response: true }, log: { level: ClickHouseLogLevel.OFF } });
    const query = "SELECT throwIf(number = 2000000) AS a FROM numbers(3000000)";
    const error = await c
      .query({ query, format: "JSONEachRow" })
      .then((r) => r.json())
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    await c.close();
  });

  test("GET is read-only", async () => {
    for (const query of [
      "CREATE TABLE g (a Int8) ENGINE=Memory",
      "INSERT INTO kept VALUES (1)",
      "DROP TABLE kept",
    ]) {
      const answer = await raw(url, { method: "GET", params: { query } });
      expect(answer.headers["x-clickhouse-exception-code"]).toBe("164");
    }
    expect(await ask(url, "EXISTS TABLE g")).toBe("0");
  });
});

describe("time and cancelling", () => {
  const endless = "SELECT count() FROM system.numbers WHERE NOT ignore(number)";
  const running = (mark: string) =>
    ask(
      url,
      `SELECT count() FROM system.processes WHERE query LIKE '%${mark}%' AND query NOT LIKE '%processes%'`,
    );

  test("max_execution_time stops a query with code 159", async () => {
    const answer = await raw(url, { body: endless, params: { max_execution_time: "0.3" } });
    expect(answer.headers["x-clickhouse-exception-code"]).toBe("159");
    expect(answer.status).toBe(408);
  });

  test("a client that goes away stops its query", async () => {
    const stopper = new AbortController();
    const c = client();
    const query = c
      .query({ query: `${endless} AND 'gone_1'='gone_1'`, abort_signal: stopper.signal })
      .catch((e: unknown) => e);
    await until(async () => (await running("gone_1")) === "1");
    stopper.abort();
    expect(await query).toBeInstanceOf(Error);
    await until(async () => (await running("gone_1")) === "0", 3000);
    await c.close();
  });

  test("a client that goes away in the middle of a result stops its query", async () => {
    const c = client();
    const rows = await c.query({
      query: "SELECT number, 'gone_2' FROM system.numbers",
      format: "JSONEachRow",
    });
    await until(async () => (await running("gone_2")) === "1");
    rows.close();
    await until(async () => (await running("gone_2")) === "0", 3000);
    await c.close();
  });

  test.each(["ASYNC", "SYNC", ""])("KILL QUERY %s finds a query by the id its client gave", async (mode) => {
    const id = `kill-me-${mode}`;
    const victim = raw(url, { body: endless, params: { query_id: id } });
    await until(
      async () => (await ask(url, `SELECT count() FROM system.processes WHERE query_id='${id}'`)) === "1",
    );
    expect(await ask(url, `KILL QUERY WHERE query_id = '${id}' ${mode}`)).toContain("waiting");
    expect((await victim).headers["x-clickhouse-exception-code"]).toBe("394");
  });

  test("a second query of the same id is refused with code 216 while the first runs", async () => {
    const params = { query_id: "once-at-a-time" };
    const first = raw(url, { body: "SELECT sleep(0.5)", params });
    await pause(150);
    expect((await raw(url, { body: "SELECT 1", params })).headers["x-clickhouse-exception-code"]).toBe("216");
    expect((await first).status).toBe(200);
    expect((await raw(url, { body: "SELECT 1", params })).status).toBe(200);
  });

  test("a slow query does not hold others up", async () => {
    const slow = raw(url, { body: "SELECT sleep(1), (SELECT sleep(0.5))" });
    await pause(100);
    const startMs = performance.now();
    for (let i = 0; i < 10; i++)
      expect(await ask(url, "SELECT {i:Int32}", { param_i: String(i) })).toBe(String(i));
    expect(performance.now() - startMs).toBeLessThan(800);
    expect((await slow).status).toBe(200);
  });

  test("more statements than run at once wait their turn", async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => ask(url, `SELECT ${i}, sleep(0.05)`)),
    );
    expect(answers.map((text) => text.split("\t")[0])).toEqual(
      Array.from({ length: 60 }, (_, i) => String(i)),
    );
  });
});
