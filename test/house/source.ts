// The source files of the project as the rules of the house see them.

import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

export interface SourceText {
  /** Relative to the project, with forward slashes: `src/diff/table.ts`. */
  readonly path: string;
  readonly text: string;
}

/** A broken rule. */
export interface Finding {
  readonly rule: string;
  /** `src/a.ts` or `src/a.ts:3`. */
  readonly place: string;
  readonly what: string;
}

/** All files below the folders, or the files themselves, whose names pass; folders that do not exist have none. */
export function readSources(
  roots: readonly string[],
  accept: (path: string) => boolean,
): readonly SourceText[] {
  return roots
    .flatMap((root) => filesBelow(root))
    .filter(accept)
    .map((path) => ({ path, text: readFileSync(join(projectFolder, path), "utf8") }));
}

const skipped: ReadonlySet<string> = new Set(["node_modules", "dist", ".moose"]);

function filesBelow(path: string): readonly string[] {
  try {
    return readdirSync(join(projectFolder, path), { withFileTypes: true })
      .filter((entry) => !skipped.has(entry.name))
      .flatMap((entry) => {
        const inner = posix.join(path, entry.name);
        if (entry.isDirectory()) return filesBelow(inner);
        return entry.isFile() ? [inner] : [];
      })
      .sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return [path];
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

const parsed = new WeakMap<SourceText, ts.SourceFile>();

export function astOf(source: SourceText): ts.SourceFile {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  const ast = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true);
  parsed.set(source, ast);
  return ast;
}

/** Every node of the file in order, parents before children; comments are left out. */
export function* nodesOf(source: SourceText): Generator<ts.Node> {
  const open: ts.Node[] = [astOf(source)];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => void children.push(child));
    open.push(...children.reverse());
  }
}

export function lineOf(source: SourceText, node: ts.Node): number {
  return astOf(source).getLineAndCharacterOfPosition(node.getStart()).line + 1;
}

export function placeOf(source: SourceText, node: ts.Node): string {
  return `${source.path}:${lineOf(source, node)}`;
}

/** One import or re-export, also of types and by `import()`. */
export interface Import {
  /** As it is written: `./table.js`, `node:fs`, `pino`. */
  readonly specifier: string;
  /** The project file that it means, for relative ones. */
  readonly target: string | undefined;
}

export function importsOf(source: SourceText): readonly Import[] {
  return ts.preProcessFile(source.text, true, true).importedFiles.map(({ fileName }) => ({
    specifier: fileName,
    target: fileName.startsWith(".")
      ? posix.join(posix.dirname(source.path), fileName).replace(/\.js$/, ".ts")
      : undefined,
  }));
}
