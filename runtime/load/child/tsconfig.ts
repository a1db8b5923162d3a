// The compiler options of the user's tsconfig.json that change what code does when it runs.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { runInNewContext } from "node:vm";

type Options = Readonly<Record<string, unknown>>;

const maximumExtends = 16;

/** The merged `compilerOptions` for a project folder, as the text that esbuild takes; `extends` is followed. */
export function readTsconfigRaw(root: string): string {
  const path = findUp(root);
  const options = path === undefined ? {} : readOptions(path, 0);
  // `paths` and `baseUrl` are for the resolution, and relative to files that esbuild cannot know here.
  const { paths: _paths, baseUrl: _baseUrl, ...compilerOptions } = options;
  return JSON.stringify({ compilerOptions });
}

function findUp(folder: string): string | undefined {
  const path = join(folder, "tsconfig.json");
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : findUp(parent);
}

function readOptions(path: string, depth: number): Options {
  if (depth > maximumExtends) throw new Error(`${path}: "extends" is nested too deeply`);
  const config = parse(path);
  const inherited = [config.extends ?? []].flat().map((base) => readOptions(locate(base, path), depth + 1));
  return Object.assign({}, ...inherited, config.compilerOptions) as Options;
}

interface Tsconfig {
  readonly extends?: string | readonly string[];
  readonly compilerOptions?: Options;
}

/** JSON with comments and trailing commas is a JavaScript expression; this process runs the user's code anyway. */
function parse(path: string): Tsconfig {
  const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  try {
    return (runInNewContext(`(${text.trim() === "" ? "{}" : text}\n)`, {}, { timeout: 1000 }) ??
      {}) as Tsconfig;
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function locate(base: string, from: string): string {
  if (!base.startsWith(".") && !isAbsolute(base)) return locatePackage(base, from);
  const path = resolve(dirname(from), base);
  return existsSync(path) && path.endsWith(".json") ? path : `${path}.json`;
}

function locatePackage(base: string, from: string): string {
  const { resolve: find } = createRequire(from);
  for (const candidate of [base, `${base}.json`, `${base}/tsconfig.json`]) {
    try {
      const found = find(candidate);
      if (found.endsWith(".json")) return found;
    } catch {
      // The next spelling may be the right one.
    }
  }
  throw new Error(`${from}: cannot find "${base}", which it extends`);
}
