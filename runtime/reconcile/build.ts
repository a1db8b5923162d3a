// moose build: the schema of a project, computed once, so that a server can start without code, compiler and types.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { SourcePlace } from "../../src/diagnostic.js";
import { writeInfraMap } from "../../src/format/inframap-json.js";
import { type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import { inframapText, readInframapText } from "../../src/infra/inframap-text.js";
import { sha256 } from "../../src/infra/sha256.js";
import { mentionsMarker } from "../../src/sql/runtime-variable.js";
import type { Settings } from "../config/settings.js";
import { mapWithoutSecrets } from "./build-secrets.js";
import { workFolder } from "./server.js";

/** Relative to the project. The existing tool's file of the same name has the same sections. */
export const buildFile = `${workFolder}/infrastructure_map.json`;

export interface Build {
  readonly map: InfraMap;
  /** When it was made, in Unix milliseconds. */
  readonly builtAtMs: number;
}

export type BuildResult =
  | { readonly kind: "read"; readonly build: Build }
  | { readonly kind: "absent" }
  /** It is there and does not count; the reason is a clause, `app/index.ts has changed since`. */
  | {
      readonly kind: "stale";
      readonly reason: string;
      /** Whether it lacks secrets that the code spells out or has had when it was made. */
      readonly hasSecrets?: boolean;
    };

interface BuildSection {
  readonly format: number;
  /** Of moose. */
  readonly version: string;
  readonly builtAt: string;
  readonly defaultDatabase: string;
  /** SHA-256 of each file that the schema came from, by its path in the project. */
  readonly files: Readonly<Record<string, string>>;
  /** Of `map`, so that a file that was cut short or edited is not taken for whole. */
  readonly sha256: string;
  /** Addresses of what has secrets: an image can be read by many, so that they are not kept here. */
  readonly incomplete: readonly string[];
  /** Where the code declares what has values from the environment, by address: for the message where one is missing. */
  readonly places?: Readonly<Record<string, SourcePlace>>;
  /** The map as the library has it; the sections beside it are for other tools, and not read. */
  readonly map: string;
}

const format = 2;

/** Files beside the code that decide what it means. */
const otherFiles = ["package.json", "tsconfig.json"];

/**
 * Writes the build of a project.
 *
 * @param files - from which the schema was read, absolute
 */
export async function writeBuild(
  settings: Settings,
  {
    map,
    files,
    version,
  }: { readonly map: InfraMap; readonly files: readonly string[]; readonly version: string },
): Promise<void> {
  const { database } = settings.clickhouse;
  const paths = [...files, ...otherFiles.map((name) => join(settings.folder, name))];
  const hashes = await Promise.all(
    [...new Set(paths)].sort().map(async (path) => [shown(settings, path), await hashOf(path)] as const),
  );
  const { map: kept, incomplete } = mapWithoutSecrets(map, settings.secrets);
  const text = inframapText(kept);
  const section: BuildSection = {
    format,
    version,
    builtAt: new Date().toISOString(),
    defaultDatabase: database,
    files: Object.fromEntries(hashes.flatMap(([path, hash]) => (hash === undefined ? [] : [[path, hash]]))),
    sha256: sha256(text),
    incomplete,
    places: placesOfMarked(kept),
    map: text,
  };
  const path = join(settings.folder, buildFile);
  await mkdir(dirname(path), { recursive: true });
  const content = { ...writeInfraMap(kept, database), moose_build: section };
  await writeFile(`${path}.new`, `${JSON.stringify(content)}\n`);
  await rename(`${path}.new`, path);
}

/** The build of a project, if it is there and the code is still what it was made from. Code that is not there has not changed. */
export async function readBuild(settings: Settings, version: string): Promise<BuildResult> {
  const text = await readFile(join(settings.folder, buildFile), "utf8").catch(() => undefined);
  if (text === undefined) return { kind: "absent" };
  const section = sectionOf(text);
  if (section === undefined) return { kind: "stale", reason: `${buildFile} is not a build of moose` };
  if (section.version !== version)
    return { kind: "stale", reason: `it was made by moose ${section.version}, and this is ${version}` };
  const changed = await changedFile(settings, section.files);
  if (changed !== undefined) return { kind: "stale", reason: `${changed} has changed since` };
  if (sha256(section.map) !== section.sha256)
    return { kind: "stale", reason: `${buildFile} is not as it was written` };
  if (section.incomplete.length > 0)
    return {
      kind: "stale",
      reason: `${buildFile} does not keep the secrets of ${section.incomplete.join(", ")}`,
      hasSecrets: true,
    };
  const map = inDatabase(
    withPlaces(readInframapText(section.map), section.places ?? {}),
    section.defaultDatabase,
    settings.clickhouse.database,
  );
  return { kind: "read", build: { map, builtAtMs: Date.parse(section.builtAt) } };
}

function sectionOf(text: string): BuildSection | undefined {
  try {
    const section: Partial<BuildSection> | undefined = JSON.parse(text)?.moose_build;
    const isOurs =
      section?.format === format &&
      typeof section.version === "string" &&
      typeof section.map === "string" &&
      typeof section.sha256 === "string" &&
      Array.isArray(section.incomplete) &&
      typeof section.files === "object" &&
      Number.isFinite(Date.parse(section.builtAt ?? ""));
    return isOurs ? (section as BuildSection) : undefined;
  } catch {
    return undefined;
  }
}

async function changedFile(settings: Settings, files: BuildSection["files"]): Promise<string | undefined> {
  const found = await Promise.all(
    Object.entries(files).map(
      async ([path, hash]) => [path, hash, await hashOf(resolve(settings.folder, path))] as const,
    ),
  );
  // An image may have the build alone, with none of the code that it came from.
  const isCodeThere = found.some(
    ([path, , now]) => now !== undefined && !path.startsWith("../") && !otherFiles.includes(path),
  );
  const changed = found.find(([, hash, now]) => now !== hash && (now !== undefined || isCodeThere));
  return changed?.[0];
}

function placesOfMarked({ tables, views }: InfraMap): Readonly<Record<string, SourcePlace>> {
  const marked = [...tables, ...views].filter(([, one]) => mentionsMarker(JSON.stringify(one)));
  return Object.fromEntries(
    marked.flatMap(([address, { place }]) => (place === undefined ? [] : [[address, place]])),
  );
}

function withPlaces(map: InfraMap, places: Readonly<Record<string, SourcePlace>>): InfraMap {
  const placed = <T>(objects: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...objects].map(([address, one]) => [address, { ...one, place: places[address] }]));
  return { ...map, tables: placed(map.tables), views: placed(map.views) };
}

/** Tables that named no database are in the one that the server is told of. */
function inDatabase(map: InfraMap, from: string, to: string): InfraMap {
  if (from === to) return map;
  const moved = <T extends { readonly database: string }>(objects: ReadonlyMap<string, T>): readonly T[] =>
    [...objects.values()].map((one) => (one.database === from ? { ...one, database: to } : one));
  const views = moved(map.views).map((view) =>
    view.target?.database === from ? { ...view, target: { ...view.target, database: to } } : view,
  );
  return infraMapOf(moved(map.tables), views, map.topics.values(), moved(map.sqlResources));
}

function shown(settings: Settings, path: string): string {
  return relative(settings.folder, path).split(sep).join("/");
}

async function hashOf(path: string): Promise<string | undefined> {
  const content = await readFile(path).catch(() => undefined);
  return content && sha256(content);
}
