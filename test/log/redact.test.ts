import fc from "fast-check";
import { expect, test } from "vitest";
import { hidden } from "../../runtime/log/hidden.js";
import { redact } from "../../runtime/log/redact.js";

/** Each pair: what goes in, what comes out. */
const examples: readonly (readonly [string, string])[] = [
  ["http://me:pw@host:8123/db", "http://me:[HIDDEN]@host:8123/db"],
  ["redis://:pw@host", "redis://:[HIDDEN]@host"],
  ["http://me:p@ss/w@host", "http://me:[HIDDEN]@host"],
  ["connect to http://host:8123/db failed", "connect to http://host:8123/db failed"],
  ["http://h/?user=u&password=pw&x=1", "http://h/?user=u&password=[HIDDEN]&x=1"],
  ["password=pw", "password=[HIDDEN]"],
  ['{"user":"u","password":"p\\"w"}', '{"user":"u","password":"[HIDDEN]"}'],
  ["MOOSE_CLICKHOUSE_CONFIG__PASSWORD=pw", "MOOSE_CLICKHOUSE_CONFIG__PASSWORD=[HIDDEN]"],
  ["kafka_sasl_password = 'pw', kafka_format = 'x'", "kafka_sasl_password = '[HIDDEN]', kafka_format = 'x'"],
  ["sasl.password: pw", "sasl.password: [HIDDEN]"],
  [
    'sasl.jaas.config=org.apache.PlainLoginModule required username="u" password="p";\nnext',
    "sasl.jaas.config=[HIDDEN]\nnext",
  ],
  ["Authorization: Basic dTpw", "Authorization: Basic [HIDDEN]"],
  ["authorization: Bearer abc.def-1", "authorization: Bearer [HIDDEN]"],
  ['"authorization":"Bearer abc"', '"authorization":"Bearer [HIDDEN]"'],
  ["X-ClickHouse-Key: pw", "X-ClickHouse-Key: [HIDDEN]"],
  ["sent Bearer eyJhbGciOi.J9 twice", "sent Bearer [HIDDEN] twice"],
  ["Basic understanding of Bearer bonds", "Basic understanding of Bearer bonds"],
  ["Unexpected token: SELECT", "Unexpected token: SELECT"],
  ["token=abc", "token=[HIDDEN]"],
  // The name of a variable is no secret.
  ["PASSWORD '__MOOSE_RUNTIME_ENV__:PW'", "PASSWORD '__MOOSE_RUNTIME_ENV__:PW'"],
  [
    "S3('u', 'id', '__MOOSE_RUNTIME_ENV__:PW', 'CSV')",
    "S3('u', '[HIDDEN]', '__MOOSE_RUNTIME_ENV__:PW', 'CSV')",
  ],
  ["password='__MOOSE_RUNTIME_ENV__:PW and more'", "password='[HIDDEN]'"],
  ["CREATE USER a IDENTIFIED BY 'pw'", "CREATE USER a IDENTIFIED BY '[HIDDEN]'"],
  [
    "IDENTIFIED WITH sha256_hash BY 'ab' SALT 'cd' DEFAULT ROLE x",
    "IDENTIFIED WITH sha256_hash BY '[HIDDEN]' SALT '[HIDDEN]' DEFAULT ROLE x",
  ],
  [
    "SOURCE(MYSQL(USER 'u' PASSWORD 'p''w\\'x' DB 'd'))",
    "SOURCE(MYSQL(USER 'u' PASSWORD '[HIDDEN]' DB 'd'))",
  ],
  [
    "ENGINE = S3('http://b/k', 'AK', 'SK', 'CSV')",
    "ENGINE = S3('http://b/k', '[HIDDEN]', '[HIDDEN]', 'CSV')",
  ],
  ["S3Queue('http://b/k', 'JSONEachRow', 'gzip')", "S3Queue('http://b/k', 'JSONEachRow', 'gzip')"],
  ["s3('http://b/k', concat('a', 'b'), 'CSV')", "s3('http://b/k', concat('a', 'b'), 'CSV')"],
  ["s3('http://b/k', NOSIGN, 'CSV')", "s3('http://b/k', NOSIGN, 'CSV')"],
  [
    `s3('http://b/k', 'AK', 'SK', '${"t".repeat(60)}', 'CSV')`,
    "s3('http://b/k', '[HIDDEN]', '[HIDDEN]', '[HIDDEN]', 'CSV')",
  ],
  ["s3(url = 'http://b', secret_access_key = 'x')", "s3(url = 'http://b', secret_access_key = '[HIDDEN]')"],
  ["PostgreSQL('h:1', 'd', 't', 'u', 'pw', 's')", "PostgreSQL('h:1', 'd', 't', 'u', '[HIDDEN]', 's')"],
  ["FROM remoteSecure('h', db.t, 'u', 'p(w')", "FROM remoteSecure('h', db.t, 'u', '[HIDDEN]')"],
  ["https://s/x?se=1&sig=a%2Fb&sp=r", "https://s/x?se=1&sig=[HIDDEN]&sp=r"],
  ["AccountName=a;AccountKey=abc==;x", "AccountName=a;AccountKey=[HIDDEN];x"],
];

for (const [before, after] of examples) {
  test(`${JSON.stringify(before)} is shown as ${JSON.stringify(after)}`, () => {
    expect(redact(before)).toBe(after);
    expect(redact(after)).toBe(after);
  });
}

test("ordinary statements stay as they are", () => {
  const sql =
    "ALTER TABLE `local`.`events` ADD COLUMN IF NOT EXISTS `note` Nullable(String) DEFAULT 'a:b@c' AFTER `id`";
  expect(redact(sql)).toBe(sql);
});

const secret = fc.oneof(
  fc.string({ minLength: 4, maxLength: 12 }),
  fc.string({ unit: "grapheme", minLength: 4, maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom("a", "'", '"', "\\", "%", " ", "/", "\n", "é"),
    minLength: 4,
    maxLength: 6,
  }),
);

/** The ways in which a secret comes to stand in a text. */
const spellings: Readonly<Record<string, (secret: string) => string>> = {
  plain: (text) => text,
  percent: (text) => encodeURIComponent(text),
  percentLower: (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  allPercent: (text) =>
    [...new TextEncoder().encode(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  form: (text) => new URLSearchParams({ p: text }).toString().slice(2),
  userInfo: (text) => {
    const url = new URL("http://h");
    url.password = text;
    return url.password;
  },
  json: (text) => JSON.stringify(text).slice(1, -1),
  sql: (text) => text.replace(/[\\']/g, "\\$&"),
  sqlDoubled: (text) => text.replaceAll("'", "''"),
};

/** The text between the marks, so that a mark's own letters do not count. */
const pieces = (text: string) => text.split(hidden);

for (const [name, spell] of Object.entries(spellings)) {
  test(`a known secret never stays, whatever stands around it (${name})`, () => {
    fc.assert(
      fc.property(
        secret,
        fc.string({ maxLength: 20 }),
        fc.string({ maxLength: 20 }),
        (known, before, after) => {
          const spelt = spell(known);
          for (const piece of pieces(redact(before + spelt + after, [known]))) {
            expect(piece.includes(known)).toBe(false);
            expect(spelt.length < 4 || piece.includes(spelt)).toBe(false);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
}

test("of several secrets none stays, also where one is part of another", () => {
  fc.assert(
    fc.property(secret, secret, fc.string({ maxLength: 5 }), (one, other, middle) => {
      const known = [one, one + other, other];
      for (const piece of pieces(redact(`${one}${other}${middle}${other}${one}`, known))) {
        for (const text of known) expect(piece.includes(text)).toBe(false);
      }
    }),
  );
});

test("where one secret begins with another, the whole of the longer is hidden", () => {
  expect(redact("x abcdefgh y", ["abcd", "abcdefgh"])).toBe("x [HIDDEN] y");
});

test("secrets of fewer than four characters are not looked for", () => {
  expect(redact("a cat", ["cat", "", "a"])).toBe("a cat");
  expect(redact("a cats", ["cats"])).toBe("a [HIDDEN]");
});

test("a long text is cleaned in time that grows with its length alone", () => {
  const known = Object.freeze(["correct horse", "battery/staple"]);
  for (const unit of ["a", "password", "s3('", "http://a:", "''", "\\", "x@", " ", "token = "]) {
    const text = unit.repeat(100_000 / unit.length);
    const start = performance.now();
    redact(text, known);
    expect(performance.now() - start, unit).toBeLessThan(5000);
  }
});
