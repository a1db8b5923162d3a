// What a SchemaReader found, kept in a file: as long as nothing changed that it was read from, the compiler is not needed.

import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Insertion } from "../../src/declare/source-text.js";
import { sha256 } from "../../src/infra/sha256.js";
import { type SchemaReading, siteKey } from "./column-cache.js";
import { relativePath } from "./relative-path.js";
import type { ReaderOptions, ReadSources, SchemaReader, SourceUpdate } from "./schema-reader.js";

interface CacheFile {
  readonly format: number;
  /** Of this folder: another version of the reader may find something else. */
  readonly reader: string;
  readonly entry: string;
  /** The user's TypeScript, by path relative to the project: SHA-256 of the text, and where declarations are. */
  readonly sources: Readonly<
    Record<string, { readonly hash: string; readonly insertions: readonly Insertion[] }>
  >;
  /** Configuration and declarations that it was read with, absolute; `null` for a file that is not there. */
  readonly others: Readonly<Record<string, string | null>>;
  /** Names in the folders of the sources, and of the packages: a new one can be what an import means from then on. */
  readonly folders: Readonly<Record<string, string>>;
  /** As {@link SchemaReader.watchedFiles} gave them. */
  readonly watched: readonly string[];
  /** By sites. */
  readonly readings: Readonly<Record<string, SchemaReading>>;
}

const format = 1;

/** The part of a SchemaReader that is asked for once the sources are read. */
export type Readings = Pick<SchemaReader, "check" | "columnsFor">;

export interface CachedSchema extends Readings {
  readonly update: SourceUpdate;
  /** Absolute paths, as of {@link SchemaReader.watchedFiles}. */
  readonly files: readonly string[];
  /** The code declares something that it did not when the file was written: the answers do not count. */
  readonly isMissed: boolean;
}

/** Undefined where there is no such file, or anything has changed that it came from. */
export async function readSchemaCache(
  file: string,
  options: ReaderOptions,
): Promise<CachedSchema | undefined> {
  const cache = await readCacheFile(file);
  if (cache === undefined || cache.entry !== options.entry || cache.reader !== (await readerStamp()))
    return undefined;
  const [sources, areOthersSame, areFoldersSame] = await Promise.all([
    readSources(cache, options.root),
    areSame(cache.others, fileStamp),
    areSame(cache.folders, folderStamp),
  ]);
  if (sources === undefined || !areOthersSame || !areFoldersSame) return undefined;
  return cachedSchema(cache, sources);
}

function cachedSchema(cache: CacheFile, changed: SourceUpdate["changed"]): CachedSchema {
  let isMissed = false;
  return {
    update: { diagnostics: [], changed, removed: [] },
    files: cache.watched,
    get isMissed() {
      return isMissed;
    },
    check: () => [],
    columnsFor(sites) {
      const found = cache.readings[siteKey(sites)];
      if (found !== undefined) return found;
      isMissed = true;
      return { schema: undefined, diagnostics: [] };
    },
  };
}

/**
 * Keeps what was read without any problem. A file that cannot be written is no problem: it only saves time.
 *
 * @param readings - by {@link siteKey}
 */
export async function writeSchemaCache(
  file: string,
  options: ReaderOptions,
  { sources, others, ambientFolders, watched }: ReadSources,
  readings: ReadonlyMap<string, SchemaReading>,
): Promise<void> {
  const packages = join(options.root, "node_modules");
  const folders = new Set([...sources.map(({ path }) => dirname(path)), ...ambientFolders, packages]);
  const stamps = async (paths: Iterable<string>, stampOf: (path: string) => Promise<string | null>) =>
    Object.fromEntries(
      await Promise.all([...paths].map(async (path) => [path, await stampOf(path)] as const)),
    );
  const cache: CacheFile = {
    format,
    reader: await readerStamp(),
    entry: options.entry,
    sources: Object.fromEntries(
      sources.map(({ path, text, insertions }) => [
        relativePath(options.root, path),
        { hash: sha256(text), insertions },
      ]),
    ),
    others: await stamps([...others, join(options.root, "package.json")], fileStamp),
    folders: (await stamps(folders, folderStamp)) as CacheFile["folders"],
    watched,
    readings: Object.fromEntries(readings),
  };
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.${process.pid}`, JSON.stringify(cache));
    await rename(`${file}.${process.pid}`, file);
  } catch {
    // The next command reads the types again.
  }
}

async function readCacheFile(file: string): Promise<CacheFile | undefined> {
  try {
    const cache = JSON.parse(await readFile(file, "utf8"));
    return cache?.format === format ? cache : undefined;
  } catch {
    return undefined;
  }
}

async function readSources(cache: CacheFile, root: string): Promise<SourceUpdate["changed"] | undefined> {
  const read = await Promise.all(
    Object.entries(cache.sources).map(async ([name, { hash, insertions }]) => {
      const path = resolve(root, name);
      const text = await readFile(path, "utf8").catch(() => undefined);
      return text !== undefined && sha256(text) === hash ? { path, text, insertions } : undefined;
    }),
  );
  const same = read.filter((one) => one !== undefined);
  return same.length === read.length ? same : undefined;
}

async function areSame(
  stamps: Readonly<Record<string, string | null>>,
  stampOf: (path: string) => Promise<string | null>,
): Promise<boolean> {
  const now = await Promise.all(
    Object.entries(stamps).map(async ([path, before]) => (await stampOf(path)) === before),
  );
  return now.every(Boolean);
}

/** Declarations of packages are many and large; an installation gives them another time. */
async function fileStamp(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? null : `${found.size} ${found.mtimeMs}`;
}

async function folderStamp(path: string): Promise<string> {
  const names = await readdir(path).catch(() => []);
  return sha256(names.sort().join("\n"));
}

const ownFolder = dirname(fileURLToPath(import.meta.url));

async function readerStamp(): Promise<string> {
  const folders = [ownFolder, join(ownFolder, "columns")];
  const names = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).sort().map((name) => join(folder, name))),
  );
  return sha256((await Promise.all(names.flat().map(fileStamp))).join("\n"));
}
