// User code as modules in Node's CommonJS cache: after an edit, only the changed files and their importers run again.

import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { SourceText } from "../source-text.js";
import type { Collector } from "./collector.js";
import { type Compiler, loaderOf, metaName, parseJson, withMeta } from "./compile.js";
import { relativeFile } from "./errors.js";
import { type LoadedModule, nodeLoader } from "./node-modules.js";
import type { Positions } from "./positions.js";

export interface ProgramParts {
  readonly root: string;
  readonly entry: string;
  readonly library: string;
  readonly compiler: Compiler;
  readonly collector: Collector;
  readonly positions: Positions;
}

const typeScript = /\.(?:ts|tsx|mts|cts)$/;

export class Program {
  readonly #parts: ProgramParts;
  readonly #sources = new Map<string, SourceText>();
  /** Modules that failed, and who imported them: they run again on the next load, whatever changed. */
  readonly #failed = new Set<string>();
  /** The user's modules that are evaluated right now, outermost first. */
  readonly #running: string[] = [];

  constructor(parts: ProgramParts) {
    this.#parts = parts;
  }

  source(path: string): SourceText | undefined {
    return this.#sources.get(path);
  }

  /** User code is what moose was given, all TypeScript, and the project's own JavaScript. */
  isUserFile(path: string): boolean {
    if (this.#sources.has(path)) return true;
    if (path.startsWith(dirname(this.#parts.library) + sep) || isDependency(path)) return false;
    return typeScript.test(path) || path.startsWith(this.#parts.root + sep);
  }

  markFailed(path: string): void {
    this.#failed.add(path);
  }

  /** Every module runs again on the next load: for failures that cannot be laid at one module's door. */
  markAllFailed(): void {
    for (const path of Object.keys(nodeLoader._cache)) if (this.isUserFile(path)) this.#failed.add(path);
  }

  /** Takes over Node's handlers for source files; those of before stay in charge of dependencies. */
  install(nativeHandler: (module: LoadedModule, filename: string) => void): void {
    const json = nodeLoader._extensions[".json"];
    for (const extension of [".ts", ".tsx", ".mts", ".cts", ".jsx", ".js", ".mjs", ".cjs"]) {
      nodeLoader._extensions[extension] = (module, filename) => {
        const isUsers = this.isUserFile(filename) || typeScript.test(filename);
        this.#evaluate(filename, () =>
          isUsers ? this.#run(module, filename) : nativeHandler(module, filename),
        );
      };
    }
    nodeLoader._extensions[".json"] = (module, filename) => {
      const source = this.#sources.get(filename);
      this.#evaluate(filename, () => {
        if (source) module.exports = parseJson(source, relativeFile(this.#parts.root, filename));
        else json?.(module, filename);
      });
    };
    adoptChildrenOfCreateRequire();
    Object.assign(globalThis, { [metaName]: importMeta });
  }

  /** Brings the modules up to the given text, and runs what has to run again. */
  async load(changed: readonly SourceText[], removed: readonly string[]): Promise<void> {
    const { compiler, entry } = this.#parts;
    const added = changed.some(({ path }) => !this.#sources.has(path));
    const sources = changed.map((source) => (loaderOf(source.path) ? withMeta(source) : source));
    for (const source of sources) this.#sources.set(source.path, source);
    for (const path of removed) {
      this.#sources.delete(path);
      compiler.forget(path);
    }
    await compiler.prepare(sources);
    const seeds = new Set([...sources.map(({ path }) => path), ...removed, ...this.#failed]);
    if (added || removed.length > 0) {
      // A path may now lead elsewhere, and an entry that lists a folder must see the file.
      for (const key of Object.keys(nodeLoader._pathCache)) delete nodeLoader._pathCache[key];
      seeds.add(entry);
    }
    this.#failed.clear();
    this.#invalidate(seeds);
    this.#running.length = 0;
    nodeLoader._load(entry, null, false);
  }

  /** Drops what the entry no longer reaches, and says which files, relative to the project, it does reach. */
  settle(): ReadonlySet<string> {
    const reached = this.#reached();
    const unreached = Object.keys(nodeLoader._cache).filter(
      (path) => !reached.has(path) && this.isUserFile(path),
    );
    this.#drop(new Set(unreached));
    return new Set([...reached].map((path) => relativeFile(this.#parts.root, path)));
  }

  #reached(): ReadonlySet<string> {
    const reached = new Set([this.#parts.entry]);
    for (const path of reached) {
      for (const child of nodeLoader._cache[path]?.children ?? []) reached.add(child.filename);
    }
    return reached;
  }

  #evaluate(filename: string, run: () => void): void {
    const { collector, root } = this.#parts;
    const file = relativeFile(root, filename);
    const importer = this.#running.at(-1);
    this.#running.push(filename);
    collector.enter(file);
    try {
      run();
    } catch (error) {
      this.#failed.add(filename);
      if (importer !== undefined) this.#failed.add(importer);
      throw error;
    } finally {
      collector.leave(file);
      this.#running.pop();
    }
  }

  #run(module: LoadedModule, filename: string): void {
    const { compiler, positions } = this.#parts;
    const { code, map, source } = compiler.compile(filename);
    positions.remember(filename, map, () => source);
    module._compile(code, filename, "commonjs");
  }

  /** Drops the modules and, transitively, all that import them. */
  #invalidate(seeds: ReadonlySet<string>): void {
    const importers = new Map<string, string[]>();
    for (const [path, module] of Object.entries(nodeLoader._cache)) {
      for (const { filename } of module?.children ?? []) {
        const known = importers.get(filename);
        if (known) known.push(path);
        else importers.set(filename, [path]);
      }
    }
    const stale = new Set(seeds);
    for (const path of stale) for (const importer of importers.get(path) ?? []) stale.add(importer);
    this.#drop(stale);
  }

  #drop(stale: ReadonlySet<string>): void {
    const { collector, positions, root } = this.#parts;
    for (const path of stale) {
      collector.forget(relativeFile(root, path));
      positions.forget(path);
      const module = nodeLoader._cache[path];
      // Old modules would otherwise hold each other, load after load.
      if (module) module.children = [];
      delete nodeLoader._cache[path];
    }
    for (const module of Object.values(nodeLoader._cache)) {
      if (!module) continue;
      if (module.parent && stale.has(module.parent.filename)) module.parent = undefined;
      if (module.children.some(({ filename }) => stale.has(filename))) {
        module.children = module.children.filter(({ filename }) => !stale.has(filename));
      }
    }
  }
}

function isDependency(path: string): boolean {
  return path.includes(`${sep}node_modules${sep}`);
}

/** What `import.meta` is in a user's file. */
export function importMeta(path: string): Readonly<Record<string, unknown>> {
  const { resolve } = createRequire(path);
  return {
    url: pathToFileURL(path).href,
    filename: path,
    dirname: dirname(path),
    resolve: (specifier: string) => {
      const found = resolve(specifier);
      return found.startsWith(sep) ? pathToFileURL(found).href : found;
    },
  };
}

/**
 * `createRequire` makes a module of its own, which is in no cache: what it loads would seem to be imported by nobody.
 */
function adoptChildrenOfCreateRequire(): void {
  const load = nodeLoader._load;
  nodeLoader._load = (request, parent, isMain) => {
    try {
      return load.call(nodeLoader, request, parent, isMain);
    } finally {
      const cached = parent?.filename ? nodeLoader._cache[parent.filename] : undefined;
      if (parent && cached && cached !== parent) adopt(cached, parent.children);
    }
  };
}

function adopt(importer: LoadedModule, children: readonly LoadedModule[]): void {
  for (const child of children) if (!importer.children.includes(child)) importer.children.push(child);
}
