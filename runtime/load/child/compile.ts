// Turns one file of user code into CommonJS, or says at which place of the user's text that is impossible.

import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { type Loader, type Message, type TransformOptions, transform, transformSync } from "esbuild";
import type { Diagnostic } from "../../../src/diagnostic.js";
import { applyInsertions, type Insertion, originalPosition, type SourceText } from "../source-text.js";

export interface Compiled {
  readonly code: string;
  readonly map: string;
  readonly source: SourceText;
}

/** Thrown where a module is run that could not be compiled. */
export class CompileError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  /** The file awaits at top level, which CommonJS cannot. */
  readonly awaits: string | undefined;
  constructor(diagnostics: readonly Diagnostic[], awaits: string | undefined) {
    super(diagnostics.map((diagnostic) => diagnostic.summary).join("\n"));
    this.name = "SyntaxError";
    this.diagnostics = diagnostics;
    this.awaits = awaits;
  }
}

const loaders: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".jsx": "jsx",
  ".js": "jsx",
  ".mjs": "js",
  ".cjs": "js",
};

export function loaderOf(path: string): Loader | undefined {
  return loaders[extname(path)];
}

/** The call that gives a module its `import.meta`; it stands before the module's first statement. */
export const metaName = "__moose_meta";

type Result = Compiled | CompileError;

export class Compiler {
  readonly #tsconfigRaw: string;
  readonly #relative: (path: string) => string;
  readonly #results = new Map<string, Result>();

  constructor(tsconfigRaw: string, relative: (path: string) => string) {
    this.#tsconfigRaw = tsconfigRaw;
    this.#relative = relative;
  }

  /** Compiles ahead of time, in parallel; problems are kept until the module runs. */
  async prepare(sources: readonly SourceText[]): Promise<void> {
    await Promise.all(
      sources.map(async (source) => {
        const loader = loaderOf(source.path);
        if (!loader) return;
        const options = this.#options(source, loader);
        const result = await transform(applyInsertions(source.text, source.insertions), options).then(
          ({ code, map }) => ({ code: withFastInterop(code), map, source }),
          (error: unknown) => toCompileError(error, source, this.#relative(source.path)),
        );
        this.#results.set(source.path, result);
      }),
    );
  }

  forget(path: string): void {
    this.#results.delete(path);
  }

  /** @throws CompileError when the text is no valid TypeScript */
  compile(path: string): Compiled {
    const result = this.#results.get(path) ?? this.#compileFromDisk(path);
    if (result instanceof CompileError) throw result;
    return result;
  }

  /** A file that moose was not given: another package of the workspace, for instance. */
  #compileFromDisk(path: string): Result {
    const source = withMeta({ path, text: readFileSync(path, "utf8"), insertions: [] });
    const text = applyInsertions(source.text, source.insertions);
    const loader = loaderOf(path) ?? "js";
    const result = attempt(
      () => transformSync(text, this.#options(source, loader)),
      source,
      this.#relative(path),
    );
    this.#results.set(path, result);
    return result;
  }

  #options(source: SourceText, loader: Loader): TransformOptions & { sourcemap: "external" } {
    return {
      loader,
      format: "cjs",
      platform: "node",
      target: `node${process.versions.node}`,
      sourcefile: source.path,
      sourcemap: "external",
      sourcesContent: false,
      keepNames: true,
      logLevel: "silent",
      tsconfigRaw: this.#tsconfigRaw,
      // A native import() would go past the hooks of the CommonJS loader.
      supported: { "dynamic-import": false },
      define: { "import.meta": metaName },
    };
  }
}

function attempt(run: () => { code: string; map: string }, source: SourceText, file: string): Result {
  try {
    const { code, map } = run();
    return { code: withFastInterop(code), map, source };
  } catch (error) {
    return toCompileError(error, source, file);
  }
}

/** The same text with the line that makes `import.meta`, where the text mentions it. */
export function withMeta(source: SourceText): SourceText {
  if (!source.text.includes("import.meta")) return source;
  return prepended(source, `var ${metaName} = globalThis.${metaName}(__filename);`);
}

export function prepended(source: SourceText, text: string): SourceText {
  const hashbang = source.text.startsWith("#!") ? source.text.indexOf("\n") + 1 || source.text.length : 0;
  const insertion: Insertion = { offset: hashbang, text };
  return { ...source, insertions: [insertion, ...source.insertions] };
}

/**
 * esbuild's helper copies every export of every imported module, each time a module runs. Modules that say
 * that they are ES modules can be used as they are, which takes 40 % off a reload.
 */
function withFastInterop(code: string): string {
  return code.replace(
    "var __toESM = (mod, isNodeMode, target) => (",
    "var __toESM = (mod, isNodeMode, target) => mod && mod.__esModule ? mod : (",
  );
}

/** @throws CompileError when it is no JSON */
export function parseJson(source: SourceText, file: string): unknown {
  const text = source.text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(text);
  } catch (error) {
    // Not every version of Node says where; esbuild does.
    const result = attempt(() => transformSync(text, { loader: "json", logLevel: "silent" }), source, file);
    throw result instanceof CompileError ? result : error;
  }
}

const topLevelAwait = /top-level await/i;

export function toCompileError(error: unknown, source: SourceText, file: string): CompileError {
  const messages = (error as { errors?: readonly Message[] }).errors;
  if (!Array.isArray(messages) || messages.length === 0) throw error;
  const awaits = messages.some(({ text }: Message) => topLevelAwait.test(text));
  const diagnostics = messages.map((message: Message) => diagnosticOf(message, source, file));
  return new CompileError(diagnostics, awaits ? source.path : undefined);
}

/** What esbuild complains about, at its place in the user's text. */
export function diagnosticOf(message: Message, source: SourceText | undefined, file: string): Diagnostic {
  const { location, text } = message;
  const diagnostic = { code: "load/syntax", severity: "error", summary: text } as const;
  if (!location) return diagnostic;
  // esbuild counts columns in bytes of UTF-8, from 0.
  const column = Buffer.from(location.lineText).subarray(0, location.column).toString().length + 1;
  const position = { line: location.line, column };
  const place = source ? originalPosition(source.text, source.insertions, position) : position;
  return { ...diagnostic, place: { file, ...place } };
}
