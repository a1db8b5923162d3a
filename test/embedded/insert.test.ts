// Inserts and large results: exact bytes, bounded memory, broken-off requests.

import http from "node:http";
import { Readable } from "node:stream";
import zlib from "node:zlib";
import { ClickHouseError, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask, pause, raw, startTestServer, type TestServer, until } from "./harness.js";

let server: TestServer;
let url: string;
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  server = await startTestServer();
  url = server.url;
  client = createClient({ url, log: { level: ClickHouseLogLevel.OFF } });
});
afterAll(async () => {
  await client.close();
  await server.remove();
});
beforeEach(async () => {
  await ask(url, "CREATE OR REPLACE TABLE t (a UInt32, s String DEFAULT 'none') ENGINE=MergeTree ORDER BY a");
});

const count = () => ask(url, "SELECT count(), sum(a) FROM t");
const summaryOf = (headers: http.IncomingHttpHeaders) =>
  JSON.parse(String(headers["x-clickhouse-summary"])) as Record<string, string>;

/** Sends a body in pieces; `breakAfter` pieces the connection is cut. */
function sendPieces(
  params: Record<string, string>,
  piece: Buffer,
  pieces: number,
  breakAfter = Infinity,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = http.request(`${url}/?${new URLSearchParams(params)}`, { method: "POST" });
    sent.once("response", (answer) => {
      answer.resume();
      answer.once("close", () => resolve(answer.statusCode ?? 0));
    });
    sent.once("error", (error) => (breakAfter < pieces ? resolve(-1) : reject(error)));
    const write = async () => {
      for (let i = 0; i < Math.min(pieces, breakAfter); i++)
        if (!sent.write(piece)) await new Promise((drained) => sent.once("drain", drained));
      if (breakAfter < pieces) {
        await pause(200);
        sent.destroy();
      } else sent.end();
    };
    void write();
  });
}

describe("small inserts", () => {
  test("arrays, object streams and CSV text go in, and the summary counts them", async () => {
    const values = [
      { a: 1, s: "x" },
      { a: 2, s: "y;'\\\n" },
    ];
    const first = await client.insert({ table: "t", values, format: "JSONEachRow" });
    expect(first.summary?.written_rows).toBe("2");
    await client.insert({ table: "t", values: Readable.from([{ a: 3 }, { a: 4 }]), format: "JSONEachRow" });
    await client.insert({
      table: "t",
      values: Readable.from(["5,five\n", "6,six\n"], { objectMode: false }),
      format: "CSV",
    });
    expect(await count()).toBe("6\t21");
    expect(await ask(url, "SELECT s FROM t WHERE a=2 FORMAT JSONEachRow")).toBe('{"s":"y;\'\\\\\\n"}');
  });

  test.each([
    ["VALUES in the body", {}, "INSERT INTO t VALUES (1,'a;b'),(2,'c')"],
    ["VALUES and no space", {}, "INSERT INTO t(a)VALUES(1),(2)"],
    ["FORMAT and data in the body", {}, "INSERT INTO t FORMAT CSV\n1,x\n2,y\n"],
    ["settings before the format", {}, "INSERT INTO t (a) SETTINGS async_insert=1 FORMAT TSV\n1\n2\n"],
    ["the statement in the URL", { query: "INSERT INTO t (a) FORMAT JSONCompactEachRow" }, "[1]\n[2]"],
    ["VALUES in the URL, rows in the body", { query: "INSERT INTO default.t (a) VALUES" }, "(1),(2)"],
    ["data begun in the URL", { query: "INSERT INTO t (a) VALUES (1)," }, "(2)"],
    [
      "expressions among the values",
      {},
      "INSERT INTO t VALUES (0 + 1, concat('a', ';')), (length('xx'), toString(now()))",
    ],
    ["a comment and a semicolon behind it", {}, "INSERT INTO t (a) VALUES (1), (2) ;\n"],
    ["a column called format", {}, "INSERT INTO t (a, `s`) /* FORMAT x */ VALUES (1,'format'),(2,'')"],
  ])("an insert with %s", async (_name, params, body) => {
    const answer = await raw(url, { params, body });
    expect(answer.text).toBe("");
    expect(summaryOf(answer.headers).written_rows).toBe("2");
    expect(await count()).toBe("2\t3");
  });

  test("INSERT .. SELECT counts what it wrote, with parameters too", async () => {
    const answer = await raw(url, {
      body: "INSERT INTO t (a) SELECT number FROM numbers({n:UInt32})",
      params: { param_n: "7" },
    });
    expect(summaryOf(answer.headers).written_rows).toBe("7");
    await ask(url, "INSERT INTO t (a) WITH 2 AS x SELECT x");
    await ask(url, "INSERT INTO t (a) (SELECT 3)");
    expect(await count()).toBe("9\t26");
  });

  test("no data at all writes nothing, but the table must exist", async () => {
    const answer = await raw(url, { params: { query: "INSERT INTO t FORMAT JSONEachRow" } });
    expect(answer.status).toBe(200);
    expect(summaryOf(answer.headers).written_rows).toBe("0");
    expect((await raw(url, { params: { query: "INSERT INTO nowhere FORMAT JSONEachRow" } })).status).toBe(
      404,
    );
  });

  test("bad rows are refused with the server's code, and nothing is written", async () => {
    const values = [{ a: 1 }, { a: "x" }];
    const error = await client.insert({ table: "t", values, format: "JSONEachRow" }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ClickHouseError);
    expect(error).toMatchObject({ code: "27" });
    expect(await ask(url, "SELECT count() FROM t")).toBe("0");
  });

  test.each(["RowBinary", "Native", "Parquet", "Arrow", "ArrowStream", "ORC", "Avro", "MsgPack"])(
    "%s goes in byte for byte",
    async (format) => {
      await ask(url, "CREATE OR REPLACE TABLE b (a UInt32, s String) ENGINE=MergeTree ORDER BY a");
      const source = "SELECT toUInt32(number) AS a, unhex(hex(number * 2654435761)) AS s FROM numbers(2000)";
      const data = await raw(url, {
        body: `${source} FORMAT ${format}`,
        params: { output_format_arrow_string_as_string: "0" },
      });
      expect(data.status).toBe(200);
      const answer = await raw(url, { params: { query: `INSERT INTO b FORMAT ${format}` }, body: data.body });
      expect(answer.text).toBe("");
      const sum = (from: string) => ask(url, `SELECT count(), sum(cityHash64(a, s)) FROM ${from}`);
      expect(await sum("b")).toBe(await sum(`(${source})`));
    },
  );

  test("settings of the input format hold for the data", async () => {
    const query = "INSERT INTO t FORMAT JSONEachRow";
    const body = '{"a":1,"unknown":true}';
    expect((await raw(url, { params: { query, input_format_skip_unknown_fields: "0" }, body })).status).toBe(
      400,
    );
    expect((await raw(url, { params: { query, input_format_skip_unknown_fields: "1" }, body })).status).toBe(
      200,
    );
    const csv = { query: "INSERT INTO t SETTINGS format_csv_delimiter='|' FORMAT CSV" };
    expect((await raw(url, { params: csv, body: "2|x" })).text).toBe("");
    expect(await count()).toBe("2\t3");
  });

  test("data that looks like the end of a statement goes in whole", async () => {
    const s = "one;\n\ntwo; SELECT 1;\n;";
    const values = Array.from({ length: 50 }, (_, a) => ({ a, s }));
    await client.insert({ table: "t", values, format: "JSONEachRow" });
    const csv = `"100","${s}"\n"101",";"\n`;
    await raw(url, { params: { query: "INSERT INTO t FORMAT CSV" }, body: csv });
    await raw(url, { body: `INSERT INTO t FORMAT CSV\n"102","${s}"\n` });
    expect(await ask(url, "SELECT count(), uniqExact(s) FROM t")).toBe("53\t2");
  });

  test.each(["gzip", "deflate", "br"])("a %s body is unpacked", async (encoding) => {
    const pack = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync }[encoding];
    const body = pack?.(Buffer.from("1\n2\n"));
    const answer = await raw(url, {
      params: { query: "INSERT INTO t (a) FORMAT CSV" },
      headers: { "content-encoding": encoding },
      ...(body === undefined ? {} : { body }),
    });
    expect(answer.text).toBe("");
    expect(await count()).toBe("2\t3");
  });

  test("a broken gzip body and an unknown encoding are told", async () => {
    const params = { query: "INSERT INTO t (a) FORMAT CSV" };
    const broken = await raw(url, { params, headers: { "content-encoding": "gzip" }, body: "not gzip" });
    expect(broken.headers["x-clickhouse-exception-code"]).toBe("354");
    const unknown = await raw(url, { params, headers: { "content-encoding": "lzma" }, body: "x" });
    expect(unknown.headers["x-clickhouse-exception-code"]).toBe("48");
  });

  test("what needs the file system of the server is refused", async () => {
    const answer = await raw(url, { body: "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV" });
    expect(answer.headers["x-clickhouse-exception-code"]).toBe("78");
  });
});

describe("large inserts", () => {
  const rows = (n: number) => Buffer.from(`{"a":1,"s":"${"x".repeat(100)}"}\n`.repeat(n));

  test("120 MB of rows stream in without being held in memory", async () => {
    const beforeBytes = server.server.rssBytes() ?? 0;
    const piece = rows(10_000);
    let highestBytes = 0;
    const timer = setInterval(() => {
      highestBytes = Math.max(highestBytes, server.server.rssBytes() ?? 0);
    }, 20);
    expect(await sendPieces({ query: "INSERT INTO t FORMAT JSONEachRow" }, piece, 100)).toBe(200);
    clearInterval(timer);
    expect(await count()).toBe("1000000\t1000000");
    const grownMb = (highestBytes - beforeBytes) / 1e6;
    expect(grownMb, `grew by ${grownMb.toFixed(0)} MB`).toBeLessThan(450);
  });

  test("quoted line ends in a large CSV stay whole", async () => {
    const piece = Buffer.from(`1,"line\nline ""quoted"", ${"y".repeat(80)}"\r\n`.repeat(10_000));
    expect(await sendPieces({ query: "INSERT INTO t FORMAT CSV" }, piece, 12)).toBe(200);
    expect(
      await ask(url, "SELECT count(), uniqExact(s), countIf(s LIKE 'line\\nline \"quoted\"%') FROM t"),
    ).toBe("120000\t1\t120000");
  });

  test("a bad row in a large insert ends in an error that the client gets to read", async () => {
    const body = Buffer.concat([rows(60_000), Buffer.from('{"a":"bad"}\n'), rows(60_000)]);
    const answer = await raw(url, { params: { query: "INSERT INTO t FORMAT JSONEachRow" }, body });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("Code: 27.");
    expect(answer.text).not.toContain("INFILE");
  });

  test("an insert whose client breaks off is not taken for a complete one", async () => {
    expect(
      await sendPieces(
        { query: "INSERT INTO t FORMAT JSONEachRow", query_id: "broken" },
        rows(10_000),
        20,
        8,
      ),
    ).toBe(-1);
    await until(
      async () => (await ask(url, "SELECT count() FROM system.processes WHERE query_id='broken'")) === "0",
    );
    expect(await ask(url, "SELECT count() FROM t")).toBe("0");
    await ask(url, "INSERT INTO t VALUES (1,'still works')");
  });

  test("a large statement that is not an insert is refused with code 229", async () => {
    const answer = await raw(url, { body: `SELECT '${"x".repeat(17 * 1024 * 1024)}'` });
    expect(answer.status).toBe(413);
  });
});

describe("large results", () => {
  test.each(["JSONEachRow", "JSON", "RowBinary"])(
    "a million rows in %s stream out without being held in memory",
    async (format) => {
      const sql = `SELECT number, repeat('x', 90) AS s FROM numbers(1000000) FORMAT ${format}`;
      await raw(url, { body: `SELECT number, repeat('x', 90) AS s FROM numbers(100000) FORMAT ${format}` });
      const beforeBytes = server.server.rssBytes() ?? 0;
      let highestBytes = 0;
      let lengthBytes = 0;
      await new Promise<void>((resolve, reject) => {
        const sent = http.request(url, { method: "POST" }, (answer) => {
          answer.on("data", (piece: Buffer) => {
            lengthBytes += piece.length;
            if (lengthBytes % 7 === 0) highestBytes = Math.max(highestBytes, server.server.rssBytes() ?? 0);
          });
          answer.once("end", resolve);
          answer.once("error", reject);
        });
        sent.end(sql);
      });
      expect(lengthBytes).toBeGreaterThan(98_000_000);
      const grownMb = (highestBytes - beforeBytes) / 1e6;
      expect(grownMb, `grew by ${grownMb.toFixed(0)} MB`).toBeLessThan(100);
    },
  );

  test("a client that reads slowly slows the query down, and gets all of it", async () => {
    const result = await client.query({
      query: "SELECT number AS n FROM numbers(400000)",
      format: "JSONEachRow",
    });
    let seen = 0;
    for await (const batch of result.stream<{ n: number }>()) {
      for (const row of batch) if (row.json().n === seen) seen++;
      if (seen % 3 === 0) await pause(1);
    }
    expect(seen).toBe(400_000);
  });
});
