// Values that come from the environment reach the server, and nothing else: plans, reports and journal have the markers.

import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type ClickHouse, connect } from "../../runtime/clickhouse/client.js";
import { inspectViews } from "../../runtime/clickhouse/inspect-views.js";
import { desired } from "../../src/declare/desired.js";
import type { RowField } from "../../src/declare/row-schema.js";
import { DiagnosticError } from "../../src/diagnostic.js";
import { writeInfraMap } from "../../src/format/inframap-json.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { markerOf } from "../../src/sql/runtime-variable.js";
import { type LiveEngine, type LiveProject, startLive } from "./live-engine.js";
import { column, outcomes, table } from "./tables.js";

const keyId = "AKIA-canary-1";
const secret = "it's-a-canary-\\2";
const [KEY_ID, SECRET] = [markerOf("STORE_KEY_ID"), markerOf("STORE_SECRET")];

let engine: LiveEngine;
let clickhouse: ClickHouse;
let project: LiveProject;
let store: Server;
let storeUrl: string;
const requests: IncomingHttpHeaders[] = [];
beforeAll(async () => {
  engine = await startLive();
  clickhouse = await connect(
    { url: engine.url, user: "default", password: "" },
    { STORE_KEY_ID: keyId, STORE_SECRET: secret },
  );
  store = createServer((request, response) => {
    requests.push(request.headers);
    response.end("a\t1.5\n");
  });
  await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
  const address = store.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  storeUrl = `http://127.0.0.1:${address.port}`;
});
afterEach(() => {
  requests.length = 0;
});
afterAll(async () => {
  store.closeAllConnections();
  store.close();
  await clickhouse.close();
  await engine.stop();
});

async function open(through = clickhouse): Promise<LiveProject> {
  return (await engine.newProject()).reopened([], through);
}

/** Whatever a round says, and what moose has written down. */
async function everythingKept(...said: readonly unknown[]): Promise<string> {
  const state = `_moose_${project.name}_e1`;
  const tables = await engine.clickhouse.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = '${state}'`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) => engine.clickhouse.rows(`SELECT * FROM ${state}.${name}`)),
  );
  expect(rows.flat().length).toBeGreaterThan(0);
  return JSON.stringify([said, rows]);
}

describe("a table of an object store", () => {
  const s3 = (path = "a", secretKey = SECRET) =>
    table(project.database, [column("id", "String"), column("n", "Float64")], {
      engine: `S3('${storeUrl}/bucket/${path}.tsv', '${KEY_ID}', '${secretKey}', 'TSV')`,
      orderBy: "",
      primaryKey: "",
    });

  test("is made with the values, and the next plan is empty", async () => {
    project = await open();
    const made = await project.round([s3()]);
    expect(outcomes(made)).toEqual(["CreateTable applied"]);
    await clickhouse.rows(`SELECT * FROM ${project.database}.t`).catch(() => undefined);
    expect(String(requests[0]?.authorization)).toContain(`Credential=${keyId}/`);
    const again = await (await project.reopened([], clickhouse)).round([s3()]);
    expect(outcomes(again)).toEqual([]);
    const kept = await everythingKept(made, again);
    expect(kept).toContain("__MOOSE_RUNTIME_ENV__:STORE_SECRET");
    for (const canary of [keyId, "a-canary-"]) expect(kept).not.toContain(canary);
  });

  test("is made anew with the values, not with what the server shows instead of them", async () => {
    project = await open();
    await project.round([s3()]);
    const report = await project.round([s3("b")]);
    expect(outcomes(report)).toEqual(["RecreateTable applied"]);
    const sql = JSON.stringify(report.operations.map(({ operation }) => operation));
    expect(sql).not.toContain("[HIDDEN]");
    expect(sql).not.toContain(keyId);
    await clickhouse.rows(`SELECT * FROM ${project.database}.t`).catch(() => undefined);
    expect(String(requests[0]?.authorization)).toContain(`Credential=${keyId}/`);
  });

  test("with a literal secret is made anew with that secret", async () => {
    project = await open();
    await project.round([s3("a", "literal")]);
    const report = await project.round([s3("b", "literal")]);
    const steps = report.operations.flatMap(({ operation }) => operation.steps.map(({ sql }) => sql));
    expect(steps.find((sql) => sql.startsWith("CREATE TABLE"))).toContain("'literal'");
  });

  test("without the variable nothing is sent, and the variable is named", async () => {
    project = await open();
    const none = await connect({ url: engine.url, user: "default", password: "" }, { STORE_KEY_ID: keyId });
    const failed = await (await project.reopened([], none)).round([s3()]).catch((error: unknown) => error);
    await none.close();
    expect(failed).toBeInstanceOf(DiagnosticError);
    expect((failed as DiagnosticError).diagnostics).toMatchObject([
      { code: "clickhouse/missing-variable", summary: expect.stringContaining("STORE_SECRET") },
    ]);
    expect(await project.table("t")).toBeUndefined();
  });
});

test("a value that the server repeats in an error is not told", async () => {
  project = await open();
  const wrong = table(project.database, [column("id", "String")], {
    engine: `S3('${storeUrl}/a.tsv', '${KEY_ID}', '${SECRET}', '${SECRET}')`,
    orderBy: "",
    primaryKey: "",
  });
  const report = await project.round([wrong]);
  const text = JSON.stringify(report);
  expect(text).toMatch(/format|compression/i);
  expect(text).not.toContain("a-canary-");
});

describe("a dictionary", () => {
  const place = { file: "app/index.ts", line: 1, column: 1 };
  const field = (name: string, type: string): RowField => ({
    ...{ name, type: { kind: "simple", name: type }, key: false, default: undefined },
    ...{ comment: "", codec: "", ttl: "", place },
  });
  const declared = (lifetime = 60): InfraMap => {
    const config = {
      externalSource: {
        type: "http",
        url: `${storeUrl}/prices`,
        format: "TSV",
        credentials: { user: KEY_ID, password: SECRET },
        headers: { header: { name: "X-Key", value: SECRET } },
      },
      primaryKey: ["product"],
      layout: { type: "complex_key_hashed" },
      lifetime,
    };
    const registration = { kind: "OlapDictionary", name: "d", config, sites: [], file: place.file } as const;
    const schema = { fields: [field("product", "String"), field("price", "Float64")], place };
    const { map, diagnostics } = desired([{ registration, schema }], { database: project.database });
    expect(diagnostics).toEqual([]);
    return map;
  };
  const look = () => engine.clickhouse.rows(`SELECT dictGet('${project.database}.d', 'price', tuple('a'))`);
  const basic = `Basic ${Buffer.from(`${keyId}:${secret}`).toString("base64")}`;

  test("asks with the values, also when it was replaced, and the next plan is empty", async () => {
    project = await open();
    const made = await project.reconciler.reconcile(declared());
    expect(outcomes(made)).toEqual(["CreateDictionary applied"]);
    await look();
    expect(requests.at(-1)).toMatchObject({ authorization: basic, "x-key": secret });
    const fresh = await project.reopened([], clickhouse);
    expect(outcomes(await fresh.reconciler.reconcile(declared()))).toEqual([]);

    requests.length = 0;
    const replaced = await fresh.reconciler.reconcile(declared(90));
    expect(outcomes(replaced)).toEqual(["ReplaceDictionary applied"]);
    await look();
    expect(requests.at(-1)).toMatchObject({ authorization: basic, "x-key": secret });
    expect(outcomes(await fresh.reconciler.reconcile(declared(90)))).toEqual([]);
    const kept = await everythingKept(made, replaced);
    expect(kept).toContain("__MOOSE_RUNTIME_ENV__:STORE_SECRET");
    for (const canary of [keyId, "a-canary-"]) expect(kept).not.toContain(canary);
    const shown = await inspectViews(engine.clickhouse, [project.database]);
    expect(JSON.stringify([...shown])).not.toContain("__MOOSE_RUNTIME_ENV__");
  });

  test("is written into files with the names of its variables", async () => {
    project = await open();
    expect(JSON.stringify(writeInfraMap(declared(), project.database))).toContain(
      "PASSWORD '__MOOSE_RUNTIME_ENV__:STORE_SECRET'",
    );
  });
});
