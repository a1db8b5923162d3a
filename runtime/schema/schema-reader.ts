// Reads the row types of a project: keeps its program up to date with edits, and gives the columns of declarations.

import { dirname, resolve } from "node:path";
import type ts from "typescript";
import type { RowSchema } from "../../src/declare/row-schema.js";
import type { Diagnostic, SourcePlace } from "../../src/diagnostic.js";
import { AffectedFiles, type Edit } from "./affected-files.js";
import { ColumnCache, type SchemaReading, siteFile } from "./column-cache.js";
import { typeName } from "./columns/context.js";
import { readContext, readRow } from "./columns/read-row.js";
import { type Compiler, loadCompiler } from "./compiler.js";
import { type ProjectConfig, readProjectConfig } from "./project-config.js";
import { type FileChange, ProjectFiles } from "./project-files.js";
import { missingEntry, noDeclaration, noExpression, noTypeArgument } from "./reading-problems.js";
import { relativePath } from "./relative-path.js";
import { rowType } from "./row-type.js";
import { type FileSites, findSites, type SiteExpression, type SourceText } from "./sites.js";
import { isMissingEnvironment, toDiagnostic } from "./type-errors.js";

/** A project to read; all paths are absolute. */
export interface ReaderOptions {
  /** Project folder; sites and places are relative to it. */
  readonly root: string;
  /** The module that imports all others, `<root>/app/index.ts`. */
  readonly entry: string;
  /** This library's own `index.ts` or `index.d.ts`, read where the project has not installed the package. */
  readonly library: string;
}

/** What an edit means for the code that is to be run. */
export interface SourceUpdate {
  /** Syntax errors, and what makes the project unreadable. With any, nothing is to be run, and `changed` and `removed` wait for the next update. */
  readonly diagnostics: readonly Diagnostic[];
  /** Files of the project reachable from the entry that are new or have another text than in the last update. */
  readonly changed: readonly SourceText[];
  /** Absolute paths of files that the entry no longer reaches. */
  readonly removed: readonly string[];
}

export interface ReadSources {
  /** The user's TypeScript. */
  readonly sources: readonly SourceText[];
  /** Configuration and declarations; absolute paths, of files that may not exist. */
  readonly others: readonly string[];
  /** Folders of declarations that no import leads to. */
  readonly ambientFolders: readonly string[];
  /** As {@link SchemaReader.watchedFiles} gives them. */
  readonly watched: readonly string[];
}

/**
 * Reads a project's types. It lives as long as its tsconfig.json stays the same (`isConfig`).
 *
 * `open` and `apply` only parse, so that the caller can start running the code; `check` and `columnsFor` then ask the
 * type checker, and answer for the latest texts.
 *
 * @example
 * const reader = SchemaReader.create({ root, entry, library });
 * const { changed } = reader.open();
 * const errors = reader.check();
 * const { schema } = reader.columnsFor(["app/index.ts:4:15"]);
 * reader.apply([{ path, text }]);
 */
export class SchemaReader {
  readonly #ts: Compiler;
  readonly #options: ReaderOptions;
  readonly #config: ProjectConfig;
  readonly #files: ProjectFiles;
  readonly #service: ts.LanguageService;
  readonly #affected = new AffectedFiles();
  readonly #columns = new ColumnCache();
  readonly #sites = new WeakMap<ts.SourceFile, FileSites>();
  /** Texts of the last update that had no syntax errors, by path. */
  readonly #delivered = new Map<string, string>();
  /** Type errors by path of the files that have any. */
  readonly #errors = new Map<string, readonly Diagnostic[]>();
  #unchecked = new Set<string>();
  #program: ts.Program | undefined;
  #edit: Edit | undefined;

  private constructor(compiler: Compiler, options: ReaderOptions) {
    this.#ts = compiler;
    this.#options = options;
    this.#config = readProjectConfig(compiler, options);
    this.#files = new ProjectFiles(compiler);
    const rootFiles = [options.entry, ...this.#config.ambientFiles];
    const host = this.#files.host(options.root, this.#config.options, rootFiles);
    this.#service = compiler.createLanguageService(host, compiler.createDocumentRegistry());
  }

  /** Loads the compiler (200 ms the first time) and the project's configuration; reads no source yet. */
  static create(options: ReaderOptions): SchemaReader {
    return new SchemaReader(loadCompiler(), options);
  }

  /** Reads the project from the disk. */
  open(): SourceUpdate {
    const program = this.#currentProgram();
    this.#unchecked = new Set(
      program
        .getSourceFiles()
        .filter((file) => this.#isOwn(file))
        .map((file) => file.fileName),
    );
    return this.#update(program);
  }

  /** Takes over edits. A change that changes no text costs nothing. */
  apply(changes: readonly FileChange[]): SourceUpdate {
    const before = this.#currentProgram();
    const edited = changes.filter((change) => this.#files.set(change)).map((change) => change.path);
    const program = this.#currentProgram();
    const movesImports = this.#files.takeStructureChange();
    if (edited.length > 0) {
      this.#edit = {
        before: this.#edit?.before ?? before,
        paths: new Set([...(this.#edit?.paths ?? []), ...edited]),
        movesImports: movesImports || this.#edit?.movesImports === true,
      };
    }
    return this.#update(program);
  }

  /** The type errors of the whole project; only what the edits since the last call can have touched is checked. */
  check(): readonly Diagnostic[] {
    const program = this.#settledProgram();
    for (const path of this.#unchecked) {
      const source = program.getSourceFile(path);
      const errors = source !== undefined && this.#isOwn(source) ? this.#typeErrors(program, source) : [];
      if (errors.length > 0) this.#errors.set(path, errors);
      else this.#errors.delete(path);
    }
    this.#unchecked.clear();
    // A file that is no longer imported has no say any more.
    for (const path of [...this.#errors.keys()]) {
      if (program.getSourceFile(path) === undefined) this.#errors.delete(path);
    }
    return [...this.#errors].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, errors]) => errors);
  }

  /**
   * The columns of one declaration.
   *
   * @param sites - the places that made it, as its registration has them: generic calls, then the `new` expression
   */
  columnsFor(sites: readonly string[]): SchemaReading {
    const program = this.#settledProgram();
    const known = this.#columns.get(sites);
    if (known !== undefined) return known;
    const reading = this.#read(program, sites);
    this.#columns.set(sites, reading);
    return reading;
  }

  /** Absolute paths of all files whose edits matter: sources reached from the entry, and the configuration. */
  watchedFiles(): readonly string[] {
    const program = this.#currentProgram();
    const sources = program.getSourceFiles().filter((source) => this.#isWatched(program, source));
    return [...sources.map((source) => source.fileName), ...this.#config.configFiles];
  }

  /** What was read, for whoever wants to know later whether it is still the same. */
  readSources(): ReadSources {
    const files = this.#currentProgram().getSourceFiles();
    const own = files.filter((source) => this.#isOwn(source));
    const declarations = files.filter((source) => !this.#isOwn(source)).map(({ fileName }) => fileName);
    return {
      sources: own.map((source) => this.#sourceText(source)),
      others: [...this.#config.configFiles, ...declarations],
      ambientFolders: this.#config.ambientFiles.map((file) => dirname(file)),
      watched: this.watchedFiles(),
    };
  }

  /** Whether a change of this file asks for a new reader. */
  isConfig(path: string): boolean {
    return this.#config.configFiles.includes(path);
  }

  close(): void {
    this.#service.dispose();
  }

  #currentProgram(): ts.Program {
    const program = this.#service.getProgram();
    if (program === undefined) throw new Error("the compiler gave no program");
    this.#program = program;
    return program;
  }

  /** The program, with everything forgotten that the edits since the last call can have touched. */
  #settledProgram(): ts.Program {
    const program = this.#program ?? this.#currentProgram();
    if (this.#edit === undefined) return program;
    const affected = this.#affected.of(this.#edit, program);
    this.#edit = undefined;
    for (const path of affected) this.#unchecked.add(path);
    this.#columns.drop(new Set([...affected].map((path) => relativePath(this.#options.root, path))));
    return program;
  }

  #update(program: ts.Program): SourceUpdate {
    const unreadable = [...this.#config.diagnostics, ...this.#missingEntry(program)];
    if (unreadable.length > 0) return { diagnostics: unreadable, changed: [], removed: [] };
    const own = program.getSourceFiles().filter((source) => this.#isOwn(source));
    const edited = own.filter((source) => this.#delivered.get(source.fileName) !== source.text);
    const errors = edited.flatMap((source) => program.getSyntacticDiagnostics(source));
    if (errors.length > 0) {
      const diagnostics = errors.map((error) =>
        toDiagnostic(this.#ts, this.#options.root, error, "schema/syntax"),
      );
      return { diagnostics, changed: [], removed: [] };
    }
    const reached = new Set(own.map((source) => source.fileName));
    const removed = [...this.#delivered.keys()].filter((path) => !reached.has(path));
    for (const path of removed) this.#delivered.delete(path);
    for (const source of edited) this.#delivered.set(source.fileName, source.text);
    return { diagnostics: [], changed: edited.map((source) => this.#sourceText(source)), removed };
  }

  /** Without its entry a project declares nothing, which must not be taken as a wish to drop everything. */
  #missingEntry(program: ts.Program): readonly Diagnostic[] {
    if (program.getSourceFile(this.#options.entry) !== undefined) return [];
    return [missingEntry(relativePath(this.#options.root, this.#options.entry))];
  }

  #sourceText(source: ts.SourceFile): SourceText {
    return { path: source.fileName, text: source.text, insertions: this.#sitesOf(source).insertions };
  }

  #sitesOf(source: ts.SourceFile): FileSites {
    const known = this.#sites.get(source);
    if (known !== undefined) return known;
    const sites = findSites(this.#ts, source, relativePath(this.#options.root, source.fileName));
    this.#sites.set(source, sites);
    return sites;
  }

  /** Whether a file is the user's TypeScript, to be run by moose: of the project, or of a workspace package. */
  #isOwn(source: ts.SourceFile): boolean {
    const path = source.fileName;
    if (source.isDeclarationFile || !/\.[cm]?tsx?$/.test(path)) return false;
    return !path.includes("/node_modules/") && !path.startsWith(`${dirname(this.#options.library)}/`);
  }

  #isWatched(program: ts.Program, source: ts.SourceFile): boolean {
    return !program.isSourceFileDefaultLibrary(source) && !source.fileName.includes("/node_modules/");
  }

  #typeErrors(program: ts.Program, source: ts.SourceFile): readonly Diagnostic[] {
    return program
      .getSemanticDiagnostics(source)
      .filter((error) => error.category === this.#ts.DiagnosticCategory.Error)
      .filter((error) => this.#config.declaresEnvironment || !isMissingEnvironment(error))
      .map((error) => toDiagnostic(this.#ts, this.#options.root, error, "schema/type-error"));
  }

  #read(program: ts.Program, sites: readonly string[]): SchemaReading {
    const expressions = sites.map((site) => this.#expressionAt(program, site));
    const made = expressions.at(-1);
    const calls = expressions.slice(0, -1).filter((call) => call !== undefined);
    if (made === undefined || calls.length < sites.length - 1) return noExpression(sites);
    const place = sitePlace(sites.at(-1) ?? "");
    const row = rowType(this.#ts, program.getTypeChecker(), made, calls);
    switch (row.kind) {
      case "found":
        return this.#readRow(program, row.type, place);
      case "noTypeArgument":
        return noTypeArgument(made, place);
      case "noDeclaration":
        return noDeclaration(made, place);
    }
  }

  #expressionAt(program: ts.Program, site: string): SiteExpression | undefined {
    const source = program.getSourceFile(resolve(this.#options.root, siteFile(site)));
    return source && this.#sitesOf(source).expressions.get(site);
  }

  #readRow(program: ts.Program, type: ts.Type, place: SourcePlace): SchemaReading {
    const checker = program.getTypeChecker();
    const problems: Diagnostic[] = [];
    const context = readContext({ ts: this.#ts, program, checker, root: this.#options.root, problems });
    const fields = readRow(context, type, place);
    if (problems.length === 0) return { schema: { fields, place } satisfies RowSchema, diagnostics: [] };
    const detail = `in the row type ${typeName(context, type)} of ${place.file}:${place.line}:${place.column}`;
    return { schema: undefined, diagnostics: problems.map((found) => ({ ...found, detail })) };
  }
}

function sitePlace(site: string): SourcePlace {
  const [, line, column] = /:(\d+):(\d+)$/.exec(site) ?? [];
  return { file: siteFile(site), line: Number(line ?? 1), column: Number(column ?? 1) };
}
