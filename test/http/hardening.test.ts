import { type RequestOptions, request } from "node:https";
import { connect } from "node:net";
import { afterEach, beforeAll, expect, test } from "vitest";
import { readTlsFiles } from "../../runtime/http/tls-files.js";
import { type Certificates, makeCertificates } from "./certificates.js";
import { adminToken, bearer, type TestServer, testServer } from "./harness.js";
import { ready } from "./statuses.js";

const open: TestServer[] = [];
afterEach(async () => {
  for (const { app } of open.splice(0)) await app.close();
});

async function listening(server: TestServer): Promise<string> {
  open.push(server);
  return server.app.listen({ host: "127.0.0.1", port: 0 });
}

test("every answer forbids what the page does not need, and says nothing of the software", async () => {
  const { app } = testServer(ready);
  for (const url of ["/admin", "/admin/status", "/livez", "/nowhere", "/openapi.json", "/metrics"]) {
    const { headers } = await app.inject({
      url,
      headers: { ...bearer(adminToken.token), origin: "https://evil.example" },
    });
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    for (const absent of [
      "x-powered-by",
      "server",
      "access-control-allow-origin",
      "set-cookie",
      "strict-transport-security",
    ])
      expect([absent, headers[absent]]).toEqual([absent, undefined]);
  }
});

test("another origin is not let in by a preflight request", async () => {
  const { app } = testServer(ready);
  const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
  const answer = await app.inject({ method: "OPTIONS", url: "/admin/reconcile", headers });
  expect(answer.statusCode).toBe(404);
  expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
});

/** Sends text on a connection and gives what comes back until it is closed. */
function speak(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding("utf8");
    socket.on("data", (part) => {
      answer += part;
    });
    socket.on("error", () => resolve(answer));
    socket.on("close", () => resolve(answer));
  });
}

test("a request whose headers do not end is ended", async () => {
  const limits = { headersTimeoutMs: 300, requestTimeoutMs: 400, idleTimeoutMs: 1_500 };
  const url = await listening(testServer(ready, { limits }));
  const since = performance.now();
  await speak(url, "GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: ");
  expect(performance.now() - since).toBeLessThan(6_000);
});

test("headers over the limit are refused", async () => {
  const url = await listening(testServer(ready));
  const answer = await speak(url, `GET /livez HTTP/1.1\r\nhost: x\r\nx-long: ${"a".repeat(20_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
});

test.each([
  [
    "two lengths",
    "POST /admin/reconcile HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
  ],
  [
    "a length and chunks",
    "POST /admin/reconcile HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["no HTTP at all", "\u0016\u0003\u0001 hello\r\n\r\n"],
])("a request with %s is refused", async (_, text) => {
  const url = await listening(testServer(ready));
  const answer = await speak(url, text);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer).toContain("application/problem+json");
});

test("the bytes of a broken request are not logged: they may hold a token", async () => {
  const server = testServer(ready);
  const url = await listening(server);
  await speak(url, `GET /livez HTTP/1.1\r\nauthorization: Bearer ${adminToken.token}\r\nbroken\r\n\r\n`);
  const bytes = JSON.stringify([...Buffer.from(adminToken.token)]).slice(1, -1);
  expect(server.logged.join("")).not.toContain(bytes);
  expect(server.logged.join("")).not.toContain(adminToken.token);
});

test("a connection ends after so many requests", async () => {
  const url = await listening(testServer(ready, { limits: { requestsPerConnection: 2 } }));
  const one = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
  const answer = await speak(url, one + one + one);
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
});

let made: Certificates;
beforeAll(async () => {
  made = await makeCertificates();
});

function ask(
  url: string,
  options: RequestOptions,
): Promise<{ readonly code: number; readonly hsts: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/livez`, { ...options, agent: false }, (answer) => {
      answer.resume();
      resolve({ code: answer.statusCode ?? 0, hsts: answer.headers["strict-transport-security"] });
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("with a certificate it serves https, and tells browsers to keep to it", async () => {
  const { certFile, keyFile } = made.server;
  const tls = await readTlsFiles({ certFile, keyFile, clientCaFile: undefined });
  const url = await listening(testServer(ready, { tls }));
  expect(url).toMatch(/^https:/);
  const answer = await ask(url, { ca: made.authority.cert });
  expect(answer).toEqual({ code: 200, hsts: expect.stringContaining("max-age=") });
  await expect(ask(url, { ca: made.authority.cert, maxVersion: "TLSv1.1" })).rejects.toThrow();
});

test("with a client authority, only who has a certificate of it is answered", async () => {
  const { certFile, keyFile } = made.server;
  const tls = await readTlsFiles({ certFile, keyFile, clientCaFile: made.authority.certFile });
  const url = await listening(testServer(ready, { tls }));
  const { cert, key } = made.client;
  expect((await ask(url, { ca: made.authority.cert, cert, key })).code).toBe(200);
  await expect(ask(url, { ca: made.authority.cert })).rejects.toThrow();
  const strangers = (await makeCertificates()).client;
  await expect(
    ask(url, { ca: made.authority.cert, cert: strangers.cert, key: strangers.key }),
  ).rejects.toThrow();
});

test("certificate files that are missing or do not fit are named", async () => {
  const { certFile } = made.server;
  const clientCaFile = undefined;
  await expect(readTlsFiles({ certFile, keyFile: "/nowhere.pem", clientCaFile })).rejects.toThrow(
    "/nowhere.pem cannot be read",
  );
  await expect(readTlsFiles({ certFile, keyFile: made.client.keyFile, clientCaFile })).rejects.toThrow(
    "do not make up a certificate",
  );
});
