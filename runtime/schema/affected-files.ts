// Which files an edit can have given other types or errors: as few as are certain to be all.

import type ts from "typescript";
import { declarationText, declaresGlobals } from "./compiler.js";
import { type ImportCache, withImporters } from "./import-graph.js";

/** An edit that was made, and not yet followed to those it affects. */
export interface Edit {
  /** The program as it was before. */
  readonly before: ts.Program;
  readonly paths: ReadonlySet<string>;
  /** Whether files came or went, so that imports may lead elsewhere. */
  readonly movesImports: boolean;
}

/**
 * Follows edits to the files that import what was edited. Where the declarations of an edited file are as before (an
 * edit in a function or in a table's options), nobody else is affected.
 */
export class AffectedFiles {
  readonly #declarations = new Map<string, string | undefined>();
  #imports: ImportCache = new WeakMap();

  /** The edited files and all that may see the edit; absolute paths. */
  of(edit: Edit, after: ts.Program): ReadonlySet<string> {
    if (edit.movesImports) this.#imports = new WeakMap();
    const inProgram = [...edit.paths].filter(
      (path) => edit.before.getSourceFile(path) !== undefined || after.getSourceFile(path) !== undefined,
    );
    const visible = inProgram.filter((path) => this.#isVisible(edit.before, after, path));
    const affected = new Set([...inProgram, ...this.#reached(edit, after, visible)]);
    for (const path of affected) {
      if (!edit.paths.has(path)) this.#declarations.delete(path);
    }
    return affected;
  }

  /** Whether other files can see the edit of a file. */
  #isVisible(before: ts.Program, after: ts.Program, path: string): boolean {
    const [old, current] = [before.getSourceFile(path), after.getSourceFile(path)];
    if (old === undefined || current === undefined) return true;
    const known = this.#declarations.has(path);
    const oldText = known ? this.#declarations.get(path) : declarationText(before, old);
    const text = declarationText(after, current);
    this.#declarations.set(path, text);
    return text === undefined || text !== oldText;
  }

  #reached(edit: Edit, after: ts.Program, visible: readonly string[]): Iterable<string> {
    if (visible.length === 0) return [];
    const isGlobal = (path: string) =>
      [edit.before.getSourceFile(path), after.getSourceFile(path)].some(
        (source) => source && declaresGlobals(source),
      );
    if (visible.some(isGlobal)) return after.getSourceFiles().map((source) => source.fileName);
    const reached = withImporters(after, visible, this.#imports);
    if (!edit.movesImports) return reached;
    return [...reached, ...withImporters(edit.before, visible, new WeakMap())];
  }
}
