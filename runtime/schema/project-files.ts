// The texts that the compiler reads: what the caller passed in, else what was on disk when it was first asked for.

import type ts from "typescript";
import type { Compiler } from "./compiler.js";

/** A change of one file: its new text, or `undefined` where it is gone. */
export interface FileChange {
  /** Absolute path. */
  readonly path: string;
  readonly text: string | undefined;
}

interface LanguageHost extends ts.LanguageServiceHost {
  /** Read by the compiler, though not in its published types: whether the imports of a file must be resolved anew. */
  hasInvalidatedResolutions(path: string): boolean;
}

interface FileText {
  readonly version: number;
  /** `undefined` where there is no such file. */
  readonly snapshot: ts.IScriptSnapshot | undefined;
}

/**
 * Texts by absolute path, each with a version. A text stays as it was first read until `set` replaces it, so that
 * what was analysed and what is run are the same.
 */
export class ProjectFiles {
  readonly #ts: Compiler;
  readonly #files = new Map<string, FileText>();
  #version = 0;
  #structureChanged = false;

  constructor(compiler: Compiler) {
    this.#ts = compiler;
  }

  /** Takes over a change; false where it changes nothing. */
  set({ path, text }: FileChange): boolean {
    const before = this.text(path);
    if (before === text) return false;
    if (before === undefined || text === undefined) this.#structureChanged = true;
    this.#version++;
    const snapshot = text === undefined ? undefined : this.#ts.ScriptSnapshot.fromString(text);
    this.#files.set(path, { version: this.#version, snapshot });
    return true;
  }

  text(path: string): string | undefined {
    const snapshot = this.#files.get(path)?.snapshot;
    return snapshot?.getText(0, snapshot.getLength());
  }

  /** Whether files came or went since the last call: then every import may lead elsewhere. */
  takeStructureChange(): boolean {
    const changed = this.#structureChanged;
    this.#structureChanged = false;
    return changed;
  }

  /** What the language service asks for. */
  host(root: string, options: ts.CompilerOptions, rootFiles: readonly string[]): LanguageHost {
    const { sys } = this.#ts;
    return {
      getCompilationSettings: () => options,
      getScriptFileNames: () => rootFiles.filter((path) => this.#exists(path)),
      getProjectVersion: () => `${this.#version}`,
      getScriptVersion: (path) => `${this.#read(path).version}`,
      getScriptSnapshot: (path) => this.#read(path).snapshot,
      getCurrentDirectory: () => root,
      getDefaultLibFileName: (settings) => this.#ts.getDefaultLibFilePath(settings),
      fileExists: (path) => this.#exists(path),
      readFile: (path) => this.text(path) ?? sys.readFile(path),
      directoryExists: sys.directoryExists,
      getDirectories: sys.getDirectories,
      readDirectory: sys.readDirectory,
      ...(sys.realpath === undefined ? {} : { realpath: sys.realpath }),
      useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
      hasInvalidatedResolutions: () => this.#structureChanged,
    };
  }

  #exists(path: string): boolean {
    const known = this.#files.get(path);
    return known === undefined ? this.#ts.sys.fileExists(path) : known.snapshot !== undefined;
  }

  #read(path: string): FileText {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const text = this.#ts.sys.readFile(path);
    const snapshot = text === undefined ? undefined : this.#ts.ScriptSnapshot.fromString(text);
    const file = { version: 0, snapshot };
    // A file that is missing now may appear later, so only what was found is kept.
    if (snapshot !== undefined) this.#files.set(path, file);
    return file;
  }
}
