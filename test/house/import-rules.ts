// The rules about imports: who may know whom.

import { type Finding, type Import, importsOf, type SourceText } from "./source.js";

/** The rooms of `src`, from the ground up; a room may import itself and those before it. */
const storeysOfSrc = [
  ["diagnostic.ts"],
  ["infra"],
  ["sql"],
  ["declare"],
  ["diff"],
  ["plan"],
  ["format"],
  ["policy"],
  ["apply"],
  ["status"],
  ["index.ts"],
];

/** Those of `runtime`; rooms of one storey do not know each other. */
const storeysOfRuntime = [
  ["config", "log", "process"],
  ["schema", "load", "clickhouse", "embedded", "kafka", "migrations"],
  ["reconcile"],
  ["data"],
  ["http"],
  ["cli"],
];

const storeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  src: storeysOfSrc,
  runtime: storeysOfRuntime,
};

/** All rooms that there are, as the first word of a diagnostic's code. */
export const rooms: ReadonlySet<string> = new Set(
  [...storeysOfSrc, ...storeysOfRuntime].flat().filter((room) => !room.endsWith(".ts")),
);

/** What pure code may use of Node: hashing. */
const builtInsOfSrc: ReadonlySet<string> = new Set(["node:crypto"]);

/** `src` imports nothing but itself and hashing; `runtime` imports nothing of test and examples. */
export function foreignImports(sources: readonly SourceText[]): readonly Finding[] {
  return eachImport(sources, (source, { specifier, target }) => {
    const half = halfOf(source.path);
    if (half === undefined) return undefined;
    if (target === undefined) {
      return half === "runtime" || builtInsOfSrc.has(specifier) ? undefined : `imports ${specifier}`;
    }
    const allowed = half === "src" ? ["src"] : ["src", "runtime"];
    return allowed.includes(halfOf(target) ?? "") ? undefined : `imports ${target}`;
  }).map((finding) => ({ rule: "foreign import", ...finding }));
}

/** Inside `src` and inside `runtime`, a room imports only itself and rooms of lower storeys. */
export function upwardImports(sources: readonly SourceText[]): readonly Finding[] {
  const strangers = sources.flatMap(({ path }) =>
    storeyOf(path) === undefined
      ? [{ place: path, what: `is in no known room of ${halfOf(path) ?? "the house"}` }]
      : [],
  );
  const upward = eachImport(sources, (source, { target }) => {
    if (target === undefined || halfOf(target) !== halfOf(source.path)) return undefined;
    const [from, to] = [storeyOf(source.path), storeyOf(target)];
    if (from === undefined || to === undefined || roomOf(source.path) === roomOf(target)) return undefined;
    if (to < from) return undefined;
    return `imports ${target}, which is ${to > from ? "above" : "beside"} it`;
  });
  return [...strangers, ...upward].map((finding) => ({ rule: "upward import", ...finding }));
}

/** Files that import each other in a circle, also where only types are imported. */
export function circularImports(sources: readonly SourceText[]): readonly Finding[] {
  const targets = new Map(
    sources.map((source) => [source.path, importsOf(source).flatMap(({ target }) => target ?? [])] as const),
  );
  return [...targets.keys()].flatMap((path) => {
    const circle = circleFrom(path, targets);
    // Each circle is told once, at the first of its files.
    if (circle === undefined || circle.some((member) => member < path)) return [];
    return [{ rule: "circular import", place: path, what: [...circle, path].join(" -> ") }];
  });
}

/** The shortest way from a file back to itself. */
function circleFrom(
  start: string,
  targets: ReadonlyMap<string, readonly string[]>,
): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of targets.get(way[way.length - 1] ?? "") ?? []) {
      if (next === start) return way;
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}

type Placed = Pick<Finding, "place" | "what">;

function eachImport(
  sources: readonly SourceText[],
  judge: (source: SourceText, one: Import) => string | undefined,
): readonly Placed[] {
  return sources.flatMap((source) =>
    importsOf(source).flatMap((one) => {
      const what = judge(source, one);
      return what === undefined ? [] : [{ place: source.path, what }];
    }),
  );
}

function halfOf(path: string): "src" | "runtime" | undefined {
  const half = path.split("/")[0];
  return half === "src" || half === "runtime" ? half : undefined;
}

function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function storeyOf(path: string): number | undefined {
  const all = storeys[halfOf(path) ?? ""] ?? [];
  const storey = all.findIndex((some) => some.includes(roomOf(path)));
  return storey === -1 ? undefined : storey;
}
