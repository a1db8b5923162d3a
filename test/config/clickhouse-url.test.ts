import fc from "fast-check";
import { expect, test } from "vitest";
import { parseClickHouseUrl } from "../../runtime/config/clickhouse-url.js";

const urlOf = (text: string) => {
  const parsed = parseClickHouseUrl(text);
  return parsed.ok ? parsed.address.url : `problem: ${parsed.problem} | ${parsed.hint}`;
};

test("without a port it is the one of ClickHouse's HTTP interface", () => {
  expect(urlOf("http://h")).toBe("http://h:8123");
  expect(urlOf("https://h")).toBe("https://h:8443");
  expect(urlOf("clickhouse://h")).toBe("http://h:8123");
  expect(urlOf("clickhouse://h?secure=true")).toBe("https://h:8443");
  expect(urlOf("HTTPS://H.example")).toBe("https://h.example:8443");
});

test("a port that is the scheme's own is kept", () => {
  expect(urlOf("https://h:443")).toBe("https://h:443");
  expect(urlOf("http://u:p@h:80/db")).toBe("http://h:80");
  expect(urlOf("http://[::1]:80")).toBe("http://[::1]:80");
  expect(urlOf("http://[::1]")).toBe("http://[::1]:8123");
});

test("the parts come without percent-encoding", () => {
  expect(parseClickHouseUrl("http://a%40b:p%2F%23@h:1/my%20db?x=y&database=no")).toEqual({
    ok: true,
    address: { url: "http://h:1", user: "a@b", password: "p/#", database: "my db", options: { x: "y" } },
  });
  expect(parseClickHouseUrl("http://h?user=u&password=p&database=d&secure=0")).toEqual({
    ok: true,
    address: { url: "http://h:8123", user: "u", password: "p", database: "d", options: {} },
  });
});

test("any user, password and database come back as they were encoded", () => {
  const part = fc.string({ unit: "grapheme", minLength: 1 });
  fc.assert(
    fc.property(part, part, part, (user, password, name) => {
      // "." and ".." mean folders in the path of an address.
      const database = /^\.\.?$/.test(name) ? "db" : name.replaceAll("/", "_");
      const [u, p, d] = [user, password, database].map(encodeURIComponent);
      const parsed = parseClickHouseUrl(`https://${u}:${p}@h/${d}`);
      expect(parsed).toMatchObject({ ok: true, address: { user, password, database } });
    }),
  );
});

test("every mistake has its own words, and none shows user or password", () => {
  const form = "Write http://user:password@host:8123/database, or https:// for a server with TLS.";
  const encode = `${form} In user and password, write special characters as %40 for @, %2F for /, %23 for #.`;
  expect(urlOf("localhost:8123")).toBe(`problem: has no scheme | ${form}`);
  expect(urlOf("tcp://u:geheim@h")).toBe(`problem: has the unknown scheme "tcp" | ${form}`);
  expect(urlOf("http://")).toBe(`problem: cannot be read | ${encode}`);
  expect(urlOf("http://u:ge#heim@h")).toBe(`problem: cannot be read | ${encode}`);
  expect(urlOf("http://u:ge/heim@h")).toBe(`problem: cannot be read | ${encode}`);
  expect(urlOf("http://u:1#heim@h")).toBe(`problem: has a # | ${encode}`);
  expect(urlOf("http://u:100%@h")).toBe(`problem: has a % that begins no %XX | ${encode}`);
  expect(urlOf("http://h:99999")).toBe(`problem: cannot be read | ${encode}`);
  expect(urlOf("http://h/a/b")).toBe(`problem: has a path of more than one name | ${form}`);
  expect(urlOf("clickhouse://h:9000/db")).toBe(
    "problem: has port 9000, the native protocol | moose speaks HTTP: try port 8123.",
  );
  expect(urlOf("https://h:9440")).toBe(
    "problem: has port 9440, the native protocol | moose speaks HTTP: try port 8443.",
  );
  expect(urlOf("http://h?secure=1")).toBe("problem: says http and secure at once | Write https://.");
});

test("whatever is typed, the answer is an address or a problem", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(typeof parseClickHouseUrl(`http://${text}`).ok).toBe("boolean");
    }),
  );
});
