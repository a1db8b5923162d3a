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

/** Up to so many importers are taken as affected unasked: to look at them costs less than to compare declarations. */
const fewImporters = 8;

/**
 * Follows edits to the files that import what was edited. Where many do, the declarations of the edited file are
 * compared first: if they are as before (the edit is in a function or in a table's options), nobody else is affected.
 */
export class AffectedFiles {
  readonly #declarations = new Map<string, string | undefined>();
  #imports: ImportCache = new WeakMap();

  /** The edited files and all that may see the edit; absolute paths. */
  of(edit: Edit, after: ts.Program): ReadonlySet<string> {
    if (edit.movesImports) this.#imports = new WeakMap();
    const edited = [...edit.paths].filter(
      (path) => edit.before.getSourceFile(path) !== undefined || after.getSourceFile(path) !== undefined,
    );
    const reached = new Set([...edited, ...this.#reached(edit, after, edited)]);
    const affected =
      reached.size <= edited.length + fewImporters ? reached : this.#thatSee(edit, after, edited, reached);
    for (const path of affected) {
      if (affected === reached || !edit.paths.has(path)) this.#declarations.delete(path);
    }
    return affected;
  }

  #thatSee(
    edit: Edit,
    after: ts.Program,
    edited: readonly string[],
    reached: ReadonlySet<string>,
  ): ReadonlySet<string> {
    const visible = edited.filter((path) => this.#isVisible(edit.before, after, path));
    if (visible.length === edited.length) return new Set(reached);
    return new Set([...edited, ...this.#reached(edit, after, visible)]);
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

  #reached(edit: Edit, after: ts.Program, paths: readonly string[]): Iterable<string> {
    if (paths.length === 0) return [];
    const isGlobal = (path: string) =>
      [edit.before.getSourceFile(path), after.getSourceFile(path)].some(
        (source) => source && declaresGlobals(source),
      );
    if (paths.some(isGlobal)) return after.getSourceFiles().map((source) => source.fileName);
    const reached = withImporters(after, paths, this.#imports);
    if (!edit.movesImports) return reached;
    return [...reached, ...withImporters(edit.before, paths, new WeakMap())];
  }
}
