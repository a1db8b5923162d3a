import { expect, test } from "vitest";
import { makePlainToken } from "../../runtime/http/tokens.js";
import { adminToken, bearer, testServer } from "./harness.js";
import { ready } from "./statuses.js";

const headers = bearer(adminToken.token);

test("one address gets so many answers in a minute, and others still get theirs", async () => {
  const { app } = testServer(ready, { limits: { requestsPerMinute: 5 } });
  const codes = [];
  for (let n = 0; n < 7; n++) codes.push((await app.inject({ url: "/admin/status", headers })).statusCode);
  expect(codes).toEqual([200, 200, 200, 200, 200, 429, 429]);
  const refused = await app.inject({ url: "/admin/status", headers });
  expect(refused.json()).toMatchObject({ status: 429, code: "http/too-many-requests" });
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  const other = await app.inject({ url: "/admin/status", headers, remoteAddress: "10.1.2.3" });
  expect(other.statusCode).toBe(200);
});

test("the limit comes before the token, and counts what has none and what is no route", async () => {
  const { app } = testServer(ready, { limits: { requestsPerMinute: 2 } });
  const code = async (url: string) => (await app.inject(url)).statusCode;
  expect([await code("/admin/status"), await code("/admin/status"), await code("/admin/status")]).toEqual([
    401, 401, 429,
  ]);
  const missing = testServer(ready, { limits: { requestsPerMinute: 2 } }).app;
  const codes = [];
  for (let n = 0; n < 3; n++) codes.push((await missing.inject(`/nowhere/${n}`)).statusCode);
  expect(codes).toEqual([404, 404, 429]);
});

test("probes are not counted", async () => {
  const { app } = testServer(ready, { limits: { requestsPerMinute: 1 } });
  for (let n = 0; n < 5; n++) {
    expect((await app.inject("/readyz")).statusCode).toBe(200);
    expect((await app.inject("/livez")).statusCode).toBe(200);
  }
});

test("whoever guesses tokens is stopped, and a valid token of the same address is not", async () => {
  const { app } = testServer(ready, { limits: { invalidTokensPerMinute: 3 } });
  const codes = [];
  for (let n = 0; n < 5; n++) {
    const guess = bearer(makePlainToken().token);
    codes.push((await app.inject({ url: "/admin/status", headers: guess })).statusCode);
  }
  expect(codes).toEqual([401, 401, 401, 429, 429]);
  const last = await app.inject({ url: "/admin/status", headers: bearer("guess") });
  expect(last.json().code).toBe("http/too-many-invalid-tokens");
  expect(Number(last.headers["retry-after"])).toBeGreaterThan(0);
  expect((await app.inject({ url: "/admin/status", headers })).statusCode).toBe(200);
});

test("an address that a client claims counts only where its proxy is trusted", async () => {
  const claim = (app: ReturnType<typeof testServer>["app"], address: string) =>
    app.inject({ url: "/admin/status", headers: { ...headers, "x-forwarded-for": address } });
  const direct = testServer(ready, { limits: { requestsPerMinute: 1 } }).app;
  expect([(await claim(direct, "1.1.1.1")).statusCode, (await claim(direct, "2.2.2.2")).statusCode]).toEqual([
    200, 429,
  ]);
  const behind = testServer(ready, { limits: { requestsPerMinute: 1 }, trustProxy: ["127.0.0.0/8"] }).app;
  expect([(await claim(behind, "1.1.1.1")).statusCode, (await claim(behind, "2.2.2.2")).statusCode]).toEqual([
    200, 200,
  ]);
});
