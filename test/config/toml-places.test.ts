import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { expect, test } from "vitest";
import { keyPath, locateKeys } from "../../runtime/config/toml-places.js";

const placesOf = (toml: string) =>
  Object.fromEntries([...locateKeys(toml)].map(([path, { line, column }]) => [path, `${line}:${column}`]));

test("keys, headers, lists of tables, dotted and quoted keys are found", () => {
  const toml = `# top
a = 1 # [not] = "this"
  "b c" = "x = 1"
d.e = '''
f = 2
'''
[s]
g = [ "]", # }
  { h = 1, i.j = """}""" },
]
[[s.list]]
name = "one"
[[s.list]]
name = "two"
[s.list.sub]
k = {}
l = """say "yes"""""
m = '''it's''''
[ q . "r.s" ]
t = 2020-01-01
`;
  expect(() => parse(toml)).not.toThrow();
  expect(placesOf(toml)).toEqual({
    a: "2:1",
    '"b c"': "3:3",
    "d.e": "4:1",
    s: "7:2",
    "s.g": "8:1",
    "s.g[1].h": "9:5",
    "s.g[1].i.j": "9:12",
    "s.list": "11:3",
    "s.list[0]": "11:3",
    "s.list[0].name": "12:1",
    "s.list[1]": "13:3",
    "s.list[1].name": "14:1",
    "s.list[1].sub": "15:2",
    "s.list[1].sub.k": "16:1",
    "s.list[1].sub.l": "17:1",
    "s.list[1].sub.m": "18:1",
    'q."r.s"': "19:3",
    'q."r.s".t': "20:1",
  });
});

/** The paths of all values that are no tables. */
function leaves(value: unknown, path: readonly (string | number)[]): readonly string[] {
  if (Array.isArray(value)) {
    const inner = value.flatMap((item, index) => leaves(item, [...path, index]));
    return inner.length === 0 || typeof value[0] !== "object" ? [keyPath(path)] : inner;
  }
  if (typeof value !== "object" || value === null) return [keyPath(path)];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
}

const key = fc.oneof(fc.stringMatching(/^[a-z0-9_-]{1,5}$/), fc.string({ minLength: 1, maxLength: 4 }));
const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
const { table } = fc.letrec<{ table: Record<string, unknown>; node: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    tie("table"),
    fc.array(tie("table"), { minLength: 1, maxLength: 3 }),
  ),
  table: fc.dictionary(key, tie("node"), { maxKeys: 4, noNullPrototype: true }),
}));

test("in any TOML text, every value has a place, at which its key stands", () => {
  fc.assert(
    fc.property(table, (value) => {
      const toml = stringify(value);
      const lines = toml.split("\n");
      const places = locateKeys(toml);
      for (const path of leaves(parse(toml), [])) {
        const place = places.get(path);
        expect(place, `${path} in\n${toml}`).toBeDefined();
        const rest = lines[(place?.line ?? 0) - 1]?.slice((place?.column ?? 0) - 1) ?? "";
        expect(rest).toMatch(/^("(\\.|[^"\\])*"|[A-Za-z0-9_-]+)/);
      }
    }),
    { numRuns: 300 },
  );
});

test("a text that is no TOML ends the search all the same", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("[", "]", "{", "}", "=", '"', "'", ",", "a", "\n", ".") }),
      (text) => {
        expect(locateKeys(text)).toBeInstanceOf(Map);
      },
    ),
  );
});
