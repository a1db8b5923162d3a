// Which files import which, and so which files an edit can reach.

import type ts from "typescript";
import { importedPaths } from "./compiler.js";

/** Imports of a file, kept as long as the compiler keeps the parsed file. */
export type ImportCache = WeakMap<ts.SourceFile, readonly string[]>;

/**
 * The given files and all files that import them, directly or through others.
 *
 * An unchanged file in between does not end the search: a barrel (`export * from`) passes on what it imports.
 */
export function withImporters(
  program: ts.Program,
  edited: Iterable<string>,
  cache: ImportCache,
): ReadonlySet<string> {
  const importers = importersByPath(program, cache);
  const reached = new Set(edited);
  // A set that grows while it is walked is walked to its end; each path enters once.
  for (const path of reached) {
    for (const importer of importers.get(path) ?? []) reached.add(importer);
  }
  return reached;
}

function importersByPath(program: ts.Program, cache: ImportCache): Map<string, string[]> {
  const importers = new Map<string, string[]>();
  for (const source of program.getSourceFiles()) {
    if (program.isSourceFileDefaultLibrary(source)) continue;
    for (const path of cachedImports(program, source, cache)) {
      const list = importers.get(path);
      if (list === undefined) importers.set(path, [source.fileName]);
      else list.push(source.fileName);
    }
  }
  return importers;
}

function cachedImports(program: ts.Program, source: ts.SourceFile, cache: ImportCache): readonly string[] {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const paths = importedPaths(program, source);
  cache.set(source, paths);
  return paths;
}
