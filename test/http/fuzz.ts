// Requests that nobody would send: any of them is answered, none with a fault, and none gets in without a token.

import type { InjectOptions } from "fastify";
import { random as randomOf } from "../faults/random.js";
import { adminToken, bearer, readToken, testServer } from "./harness.js";
import { type KnownRoute, planId, routes } from "./routes.js";
import { blocked } from "./statuses.js";

export interface FuzzReport {
  readonly requests: number;
  /** How often each code was answered. */
  readonly codes: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** Sends so many requests and says what went wrong. */
export async function fuzzRequests(seed: number, count: number): Promise<FuzzReport> {
  const random = dice(seed);
  const limits = { requestsPerMinute: 1e9, invalidTokensPerMinute: 1e9 };
  const { app, port, logged } = testServer(blocked, { limits });
  await app.ready();
  const codes: Record<string, number> = {};
  const problems: string[] = [];
  for (let n = 0; n < count && problems.length < 5; n++) {
    const { request, isIn } = anyRequest(random);
    const complaint = await send(request, isIn);
    if (complaint !== undefined)
      problems.push(`request ${n} of seed ${seed}, ${describe(request)}: ${complaint}`);
    if (n % 1_000 === 0) port.show({ ...blocked, generation: n });
    logged.length = 0;
  }
  const after = await app.inject({ url: "/admin/status", headers: bearer(adminToken.token) });
  if (after.statusCode !== 200) problems.push(`afterwards the status is answered with ${after.statusCode}`);
  await app.close();
  return { requests: count, codes, problems };

  async function send(request: InjectOptions, isIn: boolean): Promise<string | undefined> {
    const answer = await app.inject(request);
    const code = answer.statusCode;
    codes[code] = (codes[code] ?? 0) + 1;
    const path = pathOf(String(request.url));
    if (code >= 500 && !(code === 503 && /^\/(readyz|ready)$/.test(path))) return `${code} ${answer.body}`;
    if (code >= 200 && code < 300 && !isIn && !isOpen(path)) return `${code} without a token`;
    if (/\bat .*\.[tj]s:\d/.test(answer.body) && !path.startsWith("/admin/page/")) return "a stack is shown";
    if (
      code >= 400 &&
      code !== 503 &&
      !String(answer.headers["content-type"]).startsWith("application/problem+json")
    )
      return `${code} is ${answer.headers["content-type"]}`;
    return undefined;
  }
}

const openPaths = new Set(routes.filter(({ needs }) => needs === "open").map(({ route }) => route));

function isOpen(path: string): boolean {
  return openPaths.has(path) || path.startsWith("/admin/page/");
}

/** Half a character has no encoding of its own; its bytes are sent as they would be. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd")).replaceAll("%EF%BF%BD", "%ED%A0%80");
}

/** As it is when dots and encodings are resolved, as those who send requests do. */
function pathOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return url;
  }
}

function describe({ method, url, headers, payload }: InjectOptions): string {
  const { authorization: _, ...others } = headers ?? {};
  return JSON.stringify({ method, url, headers: others, payload: String(payload).slice(0, 200) });
}

interface Dice {
  pick<T>(things: readonly T[]): T;
  chance(probability: number): boolean;
  /** A whole number from 0, less than `limit`. */
  below(limit: number): number;
}

function dice(seed: number): Dice {
  const { between } = randomOf(seed);
  return {
    pick: (things) => things[between(0, things.length - 1)] as (typeof things)[number],
    chance: (probability) => between(1, 1_000) <= probability * 1_000,
    below: (limit) => between(0, limit - 1),
  };
}

interface AnyRequest {
  readonly request: InjectOptions;
  /** It has a valid token. */
  readonly isIn: boolean;
}

function anyRequest(random: Dice): AnyRequest {
  const known = random.pick(routes);
  const isIn = random.chance(0.4);
  const token = random.pick([adminToken.token, readToken.token]);
  const authorization = isIn ? `Bearer ${token}` : mangled(random, `Bearer ${token}`);
  const method = random.chance(0.7) ? known.method : random.pick(methods);
  const url = anyUrl(random, String(known.request.url));
  const headers = { ...(authorization === undefined ? {} : { authorization }), ...anyHeaders(random) };
  const payload = method === "GET" ? {} : { payload: anyBody(random, known.request.payload) };
  return { request: { method, url, headers, ...payload }, isIn };
}

const methods = [
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "HEAD",
  "TRACE",
] as KnownRoute["method"][];

/** Never a valid one. */
function mangled(random: Dice, header: string): string | undefined {
  const at = 7 + random.below(header.length - 7);
  return random.pick([
    undefined,
    "",
    "Bearer",
    "Bearer  ",
    `Bearer ${adminToken.hash}`,
    header.slice(7),
    header.slice(0, -1),
    `${header}0`,
    `${header.slice(0, at)}!${header.slice(at + 1)}`,
    `Basic ${header.slice(7)}`,
    `Bearer ${"a".repeat(random.below(4_000))}`,
    `Bearer ${".".repeat(random.below(30))}`,
  ]);
}

function anyUrl(random: Dice, url: string): string {
  const odd = random.pick(oddTexts);
  return random.pick([
    url,
    url,
    `${url}/`,
    `${url}?${encoded(odd)}=${encoded(odd)}`,
    `${url}?limit=${encoded(odd)}`,
    url.replace(planId, encoded(odd)),
    url.replace("admin", encoded(odd)),
    url.replaceAll("/", random.pick(["//", "/./", "/x/../", "%2f"])),
    url.toUpperCase(),
    `/admin/page/${encoded(odd)}`,
    `/${encoded(odd)}`,
    `${url}%`,
    `${url}%zz`,
    `${url}/${"a".repeat(random.below(3_000))}`,
  ]);
}

function anyHeaders(random: Dice): Record<string, string> {
  const type = random.pick([
    "application/json",
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "",
    "a/b;;;",
  ]);
  const more = random.pick([
    {},
    {},
    { "if-none-match": "*" },
    { "accept-version": "9" },
    { accept: "application/protobuf" },
    { "x-forwarded-for": random.pick(oddTexts).replace(/[^\x20-\x7e]/g, "") },
    { expect: "100-continue" },
    { "content-length": "-1" },
    { range: "bytes=0-1" },
    { "transfer-encoding": "gzip" },
    { host: "" },
  ]);
  return { "content-type": type, ...more } as Record<string, string>;
}

function anyBody(random: Dice, known: unknown): string {
  const whole = JSON.stringify(known ?? {});
  const odd = random.pick(oddTexts);
  const cut = random.below(whole.length + 1);
  return random.pick([
    whole,
    whole,
    whole.slice(0, cut),
    whole.slice(cut),
    "",
    "null",
    "[]",
    "0",
    '"x"',
    odd,
    JSON.stringify({ infra_map: odd, tables: [odd], operation: odd, by: odd }),
    JSON.stringify({ operation: odd }),
    JSON.stringify({ by: odd }),
    JSON.stringify({ infra_map: { tables: { [odd]: odd } } }),
    JSON.stringify({ tables: [odd, random.below(10), null] }),
    `{"__proto__":{"isAdmin":true}}`,
    `${"[".repeat(random.below(3_000))}`,
    `{"infra_map":${'{"a":'.repeat(500)}1${"}".repeat(500)}}`,
    `{"tables":["${"x".repeat(random.below(90_000))}"]}`,
  ]);
}

const oddTexts = [
  "",
  " ",
  "..",
  "../../../etc/passwd",
  "\u0000",
  "\r\nx: y",
  "%00",
  "'; DROP TABLE users; --",
  "<script>alert(1)</script>",
  "{{7*7}}",
  "__proto__",
  "constructor",
  "toString",
  "NaN",
  "-1",
  "1e999",
  "9007199254740993",
  "\ud83d\ude00",
  "\ud800",
  "\u202e",
  "a".repeat(5_000),
  "true",
  "null",
  "[object Object]",
  planId,
];
