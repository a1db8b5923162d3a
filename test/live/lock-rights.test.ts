// The lock of a user who may not make databases. The embedded engine has no rights, so a proxy refuses as a server would.

import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, connect } from "../../runtime/clickhouse/client.js";
import { acquireLock, type LockOptions } from "../../runtime/clickhouse/lock.js";
import { DiagnosticError } from "../../src/diagnostic.js";
import { type LiveEngine, startLive, uniqueName } from "./live-engine.js";

let engine: LiveEngine;
let proxy: http.Server;
let limited: ClickHouse;

beforeAll(async () => {
  engine = await startLive();
  proxy = http.createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    if (/^(CREATE|DROP) DATABASE/.test(body.toString())) {
      response.writeHead(403, { "x-clickhouse-exception-code": "497" });
      return response.end("Code: 497. DB::Exception: jo: Not enough privileges. (ACCESS_DENIED)");
    }
    const { connection: _, "transfer-encoding": __, ...headers } = request.headers;
    const onward = http.request(
      `${engine.url}${request.url ?? "/"}`,
      { method: request.method ?? "POST", headers: { ...headers, "content-length": String(body.length) } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    onward.end(body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  limited = await connect({ url: `http://127.0.0.1:${port}`, user: "default", password: "" });
});

afterAll(async () => {
  await limited.close();
  proxy.closeAllConnections();
  proxy.close();
  await engine.stop();
});

function take(project: string, more: Partial<LockOptions> = {}) {
  const owner = { id: "r1", host: "here", pid: 7, command: "moose migrate" };
  return acquireLock(limited, { project, owner, timeoutMs: 0, ...more });
}

test("without the right to make databases it is said what to grant", async () => {
  const refused = await take(uniqueName("p")).catch((error) => error);
  expect(refused).toBeInstanceOf(DiagnosticError);
  expect(refused.diagnostics).toMatchObject([
    { code: "clickhouse/cannot-lock", hint: expect.stringContaining("GRANT CREATE DATABASE") },
  ]);
});

test("in a given database the lock still lets in one at a time, and says that no fence enforces it", async () => {
  const project = uniqueName("p");
  await engine.clickhouse.command(`CREATE DATABASE ${project}_db`);
  const told: string[] = [];
  const place: Partial<LockOptions> = {
    databaseWithoutRights: `${project}_db`,
    onUnfenced: (problem) => told.push(problem.code),
  };
  const results = await Promise.allSettled([1, 2, 3].map(() => take(project, place)));
  const locks = results.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  expect(locks).toHaveLength(1);
  expect(told).toEqual(Array(3).fill("clickhouse/lock-not-fenced"));
  await locks[0]?.clickhouse.command(`CREATE TABLE ${project}_db.a (n Int8) ENGINE = Log`);
  await locks[0]?.release();
  const next = await take(project, place);
  expect(next).toMatchObject({ epoch: 2, database: `${project}_db` });
  await next.release();
});
