// User code as one ES module, for code that awaits at top level. It runs once in its process.

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { build, type Message, type OnResolveArgs, type OnResolveResult, type PluginBuild } from "esbuild";
import type { Diagnostic } from "../../../src/diagnostic.js";
import { applyInsertions, type SourceText } from "../source-text.js";
import { CompileError, diagnosticOf, loaderOf, metaName, prepended } from "./compile.js";
import { relativeFile } from "./errors.js";
import type { Positions } from "./positions.js";
import { libraryName } from "./resolve.js";

export interface BundleParts {
  readonly root: string;
  readonly entry: string;
  readonly library: string;
  readonly positions: Positions;
  isUserFile(path: string): boolean;
}

/** Called at the first and the last statement of each module; the first gives the module its `import.meta`. */
export const enterName = "__moose_enter";
export const leaveName = "__moose_leave";

/** @throws CompileError, or whatever the user's code throws */
export async function runBundle(parts: BundleParts, sources: Iterable<SourceText>): Promise<void> {
  const texts = new Map([...sources].map((source) => [source.path, source]));
  const { code, map } = await makeBundle(parts, texts);
  const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
  parts.positions.remember(url, map, (source) => texts.get(source));
  await import(url);
}

async function makeBundle(
  parts: BundleParts,
  texts: Map<string, SourceText>,
): Promise<{ code: string; map: string }> {
  const result = await build({
    entryPoints: [parts.entry],
    absWorkingDir: parts.root,
    bundle: true,
    write: false,
    outfile: `${parts.root}/moose-bundle.mjs`,
    format: "esm",
    platform: "node",
    target: `node${process.versions.node}`,
    conditions: [],
    // A module that only declares looks as if nobody needed it.
    ignoreAnnotations: true,
    keepNames: true,
    sourcemap: "external",
    sourcesContent: false,
    logLevel: "silent",
    define: { "import.meta": metaName },
    banner: {
      js: `import { createRequire as __moose_createRequire } from "node:module"; const require = __moose_createRequire(${JSON.stringify(parts.entry)});`,
    },
    plugins: [{ name: "moose", setup: (bundler) => installPlugin(bundler, parts, texts) }],
  }).catch((error: unknown) => {
    throw toBundleError(error, parts.root, texts);
  });
  const [map, code] = [".map", ".mjs"].map(
    (end) => result.outputFiles.find(({ path }) => path.endsWith(end))?.text,
  );
  return { code: code ?? "", map: withAbsoluteSources(map ?? "{}", parts.root) };
}

function installPlugin(bundler: PluginBuild, parts: BundleParts, texts: Map<string, SourceText>): void {
  bundler.onResolve({ filter: /.*/ }, (args) => resolveImport(bundler, args, parts));
  bundler.onLoad({ filter: /.*/, namespace: "file" }, async ({ path }) => {
    const loader = loaderOf(path);
    const given = texts.get(path);
    if (!loader)
      return given && path.endsWith(".json") ? { contents: given.text, loader: "json" } : undefined;
    const source = framed(given ?? { path, text: await readFile(path, "utf8"), insertions: [] }, parts.root);
    texts.set(path, source);
    return { contents: applyInsertions(source.text, source.insertions), loader };
  });
}

/** The module says when it starts and ends, so that what it declares is known to be its own. */
function framed(source: SourceText, root: string): SourceText {
  const file = JSON.stringify(relativeFile(root, source.path));
  const path = JSON.stringify(source.path);
  const opened = prepended(source, `var ${metaName} = globalThis.${enterName}(${file}, ${path});`);
  const end = { offset: source.text.length, text: `\n;globalThis.${leaveName}(${file});` };
  return { ...opened, insertions: [...opened.insertions, end] };
}

const resolving = Symbol("resolving");

async function resolveImport(
  bundler: PluginBuild,
  args: OnResolveArgs,
  parts: BundleParts,
): Promise<OnResolveResult | undefined> {
  if (args.pluginData === resolving || args.kind === "entry-point") return undefined;
  const { importer, kind, namespace, resolveDir } = args;
  const found = await bundler.resolve(args.path, {
    importer,
    kind,
    namespace,
    resolveDir,
    pluginData: resolving,
  });
  if (found.errors.length > 0) {
    if (args.path === libraryName) return outside(parts.library);
    return { errors: found.errors };
  }
  if (found.external || found.namespace !== "file") return found;
  const inBundle = parts.isUserFile(found.path) || found.path.endsWith(".json");
  return inBundle ? { path: found.path } : outside(found.path);
}

function outside(path: string): OnResolveResult {
  return { path: pathToFileURL(path).href, external: true };
}

function withAbsoluteSources(map: string, root: string): string {
  const parsed = JSON.parse(map) as { sources?: readonly string[] };
  const base = pathToFileURL(`${root}/`);
  const sources = (parsed.sources ?? []).map((source) => decodeURIComponent(new URL(source, base).pathname));
  return JSON.stringify({ ...parsed, sources });
}

const missing = /^Could not resolve/;

function toBundleError(error: unknown, root: string, texts: ReadonlyMap<string, SourceText>): unknown {
  const messages = (error as { errors?: readonly Message[] }).errors;
  if (!Array.isArray(messages) || messages.length === 0) return error;
  const diagnostics = messages.map((message: Message): Diagnostic => {
    const path = message.location ? `${root}/${message.location.file}` : "";
    const source = texts.get(path) ?? [...texts.values()].find((text) => path.endsWith(text.path));
    const diagnostic = diagnosticOf(message, source, relativeFile(root, source?.path ?? path));
    return missing.test(message.text) ? { ...diagnostic, code: "load/module-not-found" } : diagnostic;
  });
  return new CompileError(diagnostics, undefined);
}
