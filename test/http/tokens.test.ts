import { expect, test } from "vitest";
import { makePlainToken, makeToken, TokenCheck } from "../../runtime/http/tokens.js";

/** A pair of the existing tool. */
const token = "deadbeefdeadbeefdeadbeefdeadbeef.0123456789abcdef0123456789abcdef";
const hash = "445fd4696cfc5c49e28995c4aba05de44303a112";

test("a token and hash of the existing tool belong together", () => {
  const tokens = new TokenCheck({ admin: [hash], read: [] });
  expect(tokens.check(token)).toEqual({ right: "approve", name: "token 445fd469" });
  expect(tokens.check(token)).toEqual({ right: "approve", name: "token 445fd469" });
});

test("a hash in capitals is the same hash", () => {
  expect(new TokenCheck({ admin: [hash.toUpperCase()], read: [] }).check(token)?.name).toBe("token 445fd469");
});

test("tokens that are made fit their hashes, and no two are alike", () => {
  for (const make of [makeToken, makePlainToken]) {
    const [one, other] = [make(), make()];
    const tokens = new TokenCheck({ admin: [one.hash], read: [other.hash] });
    expect(tokens.check(one.token)?.right).toBe("approve");
    expect(tokens.check(other.token)?.right).toBe("read");
    expect(tokens.check(make().token)).toBeUndefined();
    expect(one.token).not.toBe(other.token);
  }
});

test("a made token has the form of the existing tool's: 32 hex digits, a dot, 32 hex digits", () => {
  expect(makeToken().token).toMatch(/^[0-9a-f]{32}\.[0-9a-f]{32}$/);
  expect(makeToken().hash).toMatch(/^[0-9a-f]{40}$/);
  expect(makePlainToken().hash).toMatch(/^[0-9a-f]{64}$/);
});

test("two admin tokens are valid at a time, so that one can be replaced", () => {
  const [old, next] = [makeToken(), makePlainToken()];
  const tokens = new TokenCheck({ admin: [old.hash, next.hash], read: [] });
  expect([old, next].map((one) => tokens.check(one.token)?.right)).toEqual(["approve", "approve"]);
});

test("a hash that is configured for both rights allows both", () => {
  expect(new TokenCheck({ admin: [hash], read: [hash] }).check(token)?.right).toBe("approve");
});

test("nothing is valid where no hash is configured", () => {
  const tokens = new TokenCheck({ admin: [], read: [] });
  expect(tokens.isClosed).toBe(true);
  expect(tokens.check(token)).toBeUndefined();
});

test.each([
  "",
  ".",
  "..",
  "deadbeefdeadbeefdeadbeefdeadbeef",
  `${token}.`,
  `${token} `,
  token.toUpperCase(),
  hash,
  "x".repeat(257),
  "\u0000",
  "é".repeat(40),
])("%j is not valid", (text) => {
  expect(new TokenCheck({ admin: [hash], read: [makePlainToken().hash] }).check(text)).toBeUndefined();
});

test("a text that is no hash is refused when the server is made, not when a token comes", () => {
  expect(() => new TokenCheck({ admin: ["not a hash"], read: [] })).toThrow(/40 or 64 hex digits/);
});
