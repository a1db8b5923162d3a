// The compiler options under which a project is read: its tsconfig.json, with what moose needs laid over it.

import { dirname, join, resolve } from "node:path";
import type ts from "typescript";
import type { Diagnostic } from "../../src/diagnostic.js";
import type { Compiler } from "./compiler.js";
import { toDiagnostic } from "./type-errors.js";

/** How to read a project. */
export interface ProjectConfig {
  readonly options: ts.CompilerOptions;
  /** Declaration files of the project that no import leads to; absolute paths. */
  readonly ambientFiles: readonly string[];
  /** tsconfig.json and what it extends; absolute paths. After a change of one, the project is read anew. */
  readonly configFiles: readonly string[];
  /** Whether the project itself says which global names exist (`lib`, `types`). */
  readonly declaresEnvironment: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** The name under which user code imports this library. */
export const libraryName = "@514labs/moose-lib";

/**
 * Reads `tsconfig.json` of the project folder; without one, the defaults suit current Node code with bundler-like
 * resolution. `strict` is always on, so that optional fields are seen; rules of style never stop moose.
 *
 * @param library - the library's own source or declarations, for projects where it is not installed
 */
export function readProjectConfig(
  compiler: Compiler,
  paths: { readonly root: string; readonly entry: string; readonly library: string },
): ProjectConfig {
  const configPath = join(paths.root, "tsconfig.json");
  const parsed = compiler.sys.fileExists(configPath) ? parseConfig(compiler, configPath) : undefined;
  const own = parsed?.options ?? defaultOptions(compiler);
  const options = { ...own, ...forcedOptions(compiler), ...environmentOptions(own) };
  return {
    options: withLibrary(compiler, options, paths),
    ambientFiles: (parsed?.fileNames ?? []).filter((file) => /\.d\.[cm]?ts$/.test(file)),
    configFiles: [configPath, ...(parsed?.extended ?? [])],
    declaresEnvironment: own.lib !== undefined || own.types !== undefined,
    diagnostics: (parsed?.errors ?? []).map((error) =>
      toDiagnostic(compiler, paths.root, error, "schema/tsconfig"),
    ),
  };
}

interface ParsedConfig {
  readonly options: ts.CompilerOptions;
  readonly fileNames: readonly string[];
  readonly extended: readonly string[];
  readonly errors: readonly ts.Diagnostic[];
}

/** "No inputs were found": a project whose entry lies outside of `include` is still a project. */
const noInputs = 18003;

function parseConfig(compiler: Compiler, path: string): ParsedConfig {
  const source = compiler.readJsonConfigFile(path, compiler.sys.readFile) as ts.TsConfigSourceFile;
  const parsed = compiler.parseJsonSourceFileConfigFileContent(
    source,
    compiler.sys,
    dirname(path),
    undefined,
    path,
  );
  const syntax =
    (source as unknown as { parseDiagnostics?: readonly ts.Diagnostic[] }).parseDiagnostics ?? [];
  const errors = [...syntax, ...parsed.errors].filter((error) => error.code !== noInputs);
  return {
    options: parsed.options,
    fileNames: parsed.fileNames,
    extended: (source.extendedSourceFiles ?? []).map((file) => resolve(dirname(path), file)),
    errors,
  };
}

function defaultOptions(compiler: Compiler): ts.CompilerOptions {
  return {
    target: compiler.ScriptTarget.ES2023,
    module: compiler.ModuleKind.ESNext,
    moduleResolution: compiler.ModuleResolutionKind.Bundler,
    esModuleInterop: true,
    resolveJsonModule: true,
    allowImportingTsExtensions: true,
  };
}

function forcedOptions(compiler: Compiler): ts.CompilerOptions {
  return {
    strict: true,
    strictNullChecks: true,
    strictPropertyInitialization: false,
    // Without the types of Node, which are not loaded, many callbacks would have such parameters.
    noImplicitAny: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    noImplicitReturns: false,
    noFallthroughCasesInSwitch: false,
    allowUnreachableCode: true,
    allowUnusedLabels: true,
    isolatedDeclarations: false,
    skipLibCheck: true,
    noLib: false,
    noEmit: true,
    noEmitOnError: false,
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false,
    emitDeclarationOnly: false,
    removeComments: false,
    stripInternal: false,
    ignoreDeprecations: "6.0",
    newLine: compiler.NewLineKind.LineFeed,
  };
}

/** The browser's and Node's types cost more than all the rest; they are read only where the project names them. */
function environmentOptions(own: ts.CompilerOptions): ts.CompilerOptions {
  return { lib: own.lib ?? ["lib.es2023.d.ts"], types: own.types ?? [] };
}

/** The import of the library leads to the installed package, else to this library itself. */
function withLibrary(
  compiler: Compiler,
  options: ts.CompilerOptions,
  { entry, library }: { readonly entry: string; readonly library: string },
): ts.CompilerOptions {
  const found = compiler.resolveModuleName(libraryName, entry, options, compiler.sys).resolvedModule;
  if (found !== undefined && /\.[cm]?ts$/.test(found.resolvedFileName)) return options;
  return { ...options, paths: { ...options.paths, [libraryName]: [library] } };
}
