import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { differing } from "../../runtime/cli/refresh-command.js";
import { changeLines } from "../../runtime/cli/remote-plan.js";
import { AdminClient } from "../../runtime/http/admin-client.js";
import { DiagnosticError } from "../../src/diagnostic.js";
import { adminToken, readToken, testServer } from "./harness.js";
import { blocked } from "./statuses.js";

async function clientOf(token = adminToken.token, pathPrefix = "") {
  const { app, port } = testServer(blocked, { pathPrefix });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  return { client: new AdminClient({ url: url + pathPrefix, token }), port };
}

/** A server that answers all with the same. */
async function answering(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Promise<AdminClient> {
  const server = createServer((_request, answer) => answer.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return new AdminClient({ url: `http://127.0.0.1:${port}`, token: adminToken.token, timeoutMs: 2_000 });
}

async function problemOf(work: Promise<unknown>) {
  const error = await work.then(
    () => new Error("nothing was refused"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnosticError)) throw error;
  return error.diagnostics[0];
}

test.each(["", "/analytics"])(
  "it gets through all of a server's routes, below the prefix %j too",
  async (prefix) => {
    const { client, port } = await clientOf(adminToken.token, prefix);
    expect(await client.infraMap()).toEqual({ default_database: "local", tables: {} });
    expect(await client.planAgainst({ tables: {} })).toEqual({ olap_changes: [], filtered_olap_changes: [] });
    expect(await client.realityCheck()).toEqual({
      unmappedTables: [{ name: "tmp" }],
      missingTables: ["gone"],
      mismatchedTables: [],
    });
    expect(await client.integrateChanges(["events"])).toEqual({
      message: "1 table was taken",
      updatedTables: ["events"],
    });
    expect(port.integrated).toEqual(["events"]);
  },
);

test("a refusal is told in the server's words, with what to do", async () => {
  const wrong = (await clientOf("wrong")).client;
  expect(await problemOf(wrong.infraMap())).toMatchObject({
    code: "http/refused-by-server",
    summary: expect.stringMatching(/\/admin\/inframap answered 401$/),
    detail: expect.stringContaining("The token is not valid"),
    hint: expect.stringContaining("MOOSE_ADMIN_TOKEN"),
  });
  const reads = (await clientOf(readToken.token)).client;
  expect((await problemOf(reads.integrateChanges(["events"])))?.hint).toContain("only read");
  const map = (await clientOf()).client;
  expect((await problemOf(map.planAgainst({ no: 1 })))?.detail).toContain("tables: is missing");
});

test("a refusal in plain text, as the existing tool has them, is told too", async () => {
  const client = await answering(400, "OLAP is disabled");
  expect((await problemOf(client.realityCheck()))?.detail).toBe("OLAP is disabled");
});

test.each([
  ["a page", "<html></html>", "the answer is no JSON"],
  ["other JSON", "{}", "the server's answer has no infra_map"],
  ["null", "null", "the server's answer has no infra_map"],
])("an answer that is %s is not taken for an InfraMap", async (_, body, summary) => {
  const client = await answering(200, body);
  expect(await problemOf(client.infraMap())).toMatchObject({
    code: "http/unlike-moose",
    summary: expect.stringContaining(summary),
  });
});

test("the token does not follow a redirect", async () => {
  let asked = 0;
  const elsewhere = createServer((_request, answer) => {
    asked += 1;
    answer.end("{}");
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void elsewhere.close());
  const { port } = elsewhere.address() as AddressInfo;
  const client = await answering(302, "", { location: `http://127.0.0.1:${port}/` });
  expect((await problemOf(client.infraMap()))?.code).toBe("http/no-server");
  expect(asked).toBe(0);
});

test("a server that is not there or does not answer is named", async () => {
  const gone = new AdminClient({ url: "http://127.0.0.1:1", token: "x" });
  expect(await problemOf(gone.infraMap())).toMatchObject({
    code: "http/no-server",
    summary: "the moose server at http://127.0.0.1:1 cannot be reached",
  });
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  const client = new AdminClient({ url: `http://127.0.0.1:${port}`, token: "x", timeoutMs: 100 });
  expect((await problemOf(client.infraMap()))?.code).toBe("http/no-server");
});

test.each(["", "localhost:4000", "ftp://host", "http://user:secret@host"])(
  "%j is no address of a server",
  (url) => {
    expect(() => new AdminClient({ url, token: "x" })).toThrow("--url is no address of a moose server");
  },
);

test("the changes of the existing tool read as lines", () => {
  const column = (name: string, type: unknown) => ({ name, data_type: type });
  const table = { name: "orders", columns: [] };
  const changes = {
    olap_changes: [
      { Table: { Added: { name: "events" } } },
      { Table: { Removed: { name: "old" } } },
      {
        Table: {
          Updated: {
            name: "orders",
            column_changes: [
              { Added: { column: column("a", "String"), position_after: "b" } },
              { Removed: column("c", "Int") },
              { Updated: { before: column("d", "Int"), after: column("d", { Nullable: "Int" }) } },
            ],
            order_by_change: { before: ["id"], after: ["id", "at"] },
            partition_by_change: { before: null, after: null },
            before: table,
            after: table,
          },
        },
      },
      { Table: { TtlChanged: { name: "orders", before: null, after: "at + 1", table } } },
      { Table: { SettingsChanged: { name: "orders", before_settings: {}, after_settings: {}, table } } },
      { MaterializedView: { Added: { name: "daily" } } },
      { SomethingNew: { Reinvented: { name: "x" } } },
    ],
    filtered_olap_changes: [{ reason: "it is protected", change: { Table: { Removed: { name: "kept" } } } }],
    streaming_engine_changes: [{ Topic: { Updated: { before: { name: "t" }, after: { name: "t" } } } }],
  };
  expect(changeLines(changes)).toEqual([
    "+ table events",
    "- table old",
    "~ table orders",
    "  + column a String",
    "  - column c",
    '  ~ column d: Int -> {"Nullable":"Int"}',
    "  ~ ORDER BY: id -> id, at",
    "~ table orders: TTL none -> at + 1",
    "~ table orders: settings",
    "+ materialized view daily",
    "~ something new x",
    "- table kept",
    "    blocked: it is protected",
    "~ topic t",
  ]);
});

test.each([
  null,
  1,
  "x",
  [],
  {},
  { olap_changes: [null, 1, {}, { Table: null }, { Table: { Updated: 1 } }] },
])("changes that are %j end in no exception", (changes) => {
  expect(Array.isArray(changeLines(changes))).toBe(true);
});

test("what differs is named once, and what nobody manages is left alone", () => {
  expect(
    differing({
      unmappedTables: [{ name: "tmp" }],
      missingTables: ["gone"],
      mismatchedTables: [
        { Table: { Updated: { name: "a", before: { name: "z" } } } },
        { Table: { TtlChanged: { name: "a" } } },
        1,
      ],
    }),
  ).toEqual(["gone", "a"]);
});
