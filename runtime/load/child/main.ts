// Entry of the process that runs user code: takes the text from moose, runs it, and answers with what it declared.

import { dirname, sep } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { register as registerTsx } from "tsx/cjs/api";
import { setRegistry } from "../../../src/declare/registry.js";
import type { Diagnostic } from "../../../src/diagnostic.js";
import { restingCollector } from "../../config/heap.js";
import type { AwaitsAtTopLevel, ChildMessage, ChildSettings, LoadReply, LoadRequest } from "../protocol.js";
import type { SourceText } from "../source-text.js";
import { enterName, leaveName, runBundle } from "./bundle.js";
import { Collector } from "./collector.js";
import { CompileError, Compiler } from "./compile.js";
import { describeError, relativeFile, type Territory } from "./errors.js";
import { dieWithParent, type ExitCalled, replaceExit } from "./guards.js";
import { nodeLoader } from "./node-modules.js";
import { Positions } from "./positions.js";
import { importMeta, Program } from "./program.js";
import { installResolution } from "./resolve.js";
import { followCall, followNew, resetSites } from "./sites.js";
import { readTsconfigRaw } from "./tsconfig.js";

const settings = JSON.parse(process.argv[2] ?? "{}") as ChildSettings;
const { root, entry, library, mode } = settings;
const ours = [dirname(fileURLToPath(import.meta.url)), dirname(library)].map((folder) => folder + sep);

const sendToParent = process.send?.bind(process);
const send = (message: ChildMessage): void => void sendToParent?.(message);

/** What went wrong outside of the stack of the load: it fails the load, since a declaration may be missing. */
let strays: unknown[] = [];
let loading = false;

const positions = new Positions();
const collector = new Collector(relativeFile(root, entry), ({ kind, name }) => {
  const [described] = describeError(new Error("declared here"), territory);
  problem({
    code: "load/late-declaration",
    severity: "warning",
    summary: `${kind} "${name}" was declared after its file had finished running, and is left out`,
    place: described?.place,
    hint: "declare it at the top level of a file; top-level await is supported",
  });
});

function problem(diagnostic: Diagnostic): void {
  send({ type: "problem", diagnostic });
}

const territory: Territory = {
  root,
  isUserFile: (path) => program?.isUserFile(path) ?? false,
  isOurs: (path) =>
    ours.some((folder) => path.startsWith(folder)) || /[\\/]node_modules[\\/](?:tsx|esbuild)[\\/]/.test(path),
  lineOf: (path, line) => texts.get(path)?.text.split("\n")[line - 1],
};

/** The user's files as moose sent them. */
const texts = new Map<string, SourceText>();
let program: Program | undefined;
let unfit: unknown;

function boot(): void {
  const nativeHandler = nodeLoader._extensions[".js"];
  registerTsx();
  // Stacks are mapped by us; Node would parse the source maps of all dependencies.
  process.setSourceMapsEnabled(false);
  positions.install();
  const compiler = new Compiler(readTsconfigRaw(root), (path) => relativeFile(root, path));
  const made = new Program({ root, entry, library, compiler, collector, positions });
  made.install((module, filename) => nativeHandler?.(module, filename));
  installResolution(library, { onMissing: (importer) => made.markFailed(importer) });
  program = made;
}

function installGlobals(): void {
  Object.assign(globalThis, {
    __moose_new: followNew,
    __moose_call: followCall,
    [enterName]: (file: string, path: string) => {
      collector.enter(file);
      return importMeta(path);
    },
    [leaveName]: (file: string) => collector.leave(file),
  });
  setRegistry(collector);
}

function installGuards(): void {
  dieWithParent(settings.parentPid);
  replaceExit((called: ExitCalled) => {
    if (loading) strays.push(called);
  });
  // Ctrl-C in a terminal reaches this process too; the parent decides when it ends.
  process.on("SIGINT", () => {});
  const onStray = (thrown: unknown): void => {
    if (loading) strays.push(thrown);
    else for (const diagnostic of describeError(thrown, territory)) problem(diagnostic);
  };
  process.on("uncaughtException", onStray);
  process.on("unhandledRejection", onStray);
  // User code has no business with the channel.
  process.send = undefined as never;
  process.argv = [process.execPath, entry];
}

async function load(request: LoadRequest): Promise<LoadReply> {
  const { id, changed, removed } = request;
  for (const source of changed) texts.set(source.path, source);
  for (const path of removed) texts.delete(path);
  if (!program) return failed(id, [unfit]);
  resetSites();
  strays = [];
  loading = true;
  collector.open();
  const thrown: unknown[] = [];
  try {
    await run(program, changed, removed);
    // Dynamic imports are promises; they, and what they reject with, come out before the second turn.
    await nextTurn();
    await nextTurn();
  } catch (error) {
    thrown.push(error);
  } finally {
    collector.close();
    loading = false;
  }
  if (strays.length > 0) program.markAllFailed();
  const problems = [...thrown, ...strays];
  return problems.length > 0 ? failed(id, problems) : loaded(id, program);
}

async function run(
  modules: Program,
  changed: readonly SourceText[],
  removed: readonly string[],
): Promise<void> {
  if (mode === "modules") return modules.load(changed, removed);
  return runBundle({ root, entry, library, positions, isUserFile: territory.isUserFile }, texts.values());
}

function loaded(id: number, settled: Program): LoadReply {
  const reached = mode === "bundle" ? undefined : settled.settle();
  const registrations = collector.registrations((file) => reached?.has(file) ?? true);
  return { type: "loaded", id, registrations, rssBytes: process.memoryUsage.rss() };
}

function failed(id: number, problems: readonly unknown[]): LoadReply {
  const distinct = [...new Set(problems)];
  const diagnostics = distinct.flatMap((thrown) => describeError(thrown, territory));
  const awaits =
    mode === "modules" ? distinct.map(whoAwaits).find((found) => found !== undefined) : undefined;
  return { type: "failed", id, diagnostics, rssBytes: process.memoryUsage.rss(), awaits, unfit: !program };
}

function whoAwaits(thrown: unknown): AwaitsAtTopLevel | undefined {
  if (thrown instanceof CompileError) {
    return thrown.awaits === undefined
      ? undefined
      : { path: thrown.awaits, summary: relativeFile(root, thrown.awaits) };
  }
  const isAsync =
    thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === "ERR_REQUIRE_ASYNC_MODULE";
  return isAsync ? { path: undefined, summary: "a dependency" } : undefined;
}

installGuards();
installGlobals();
try {
  boot();
  // Starts esbuild's own process while moose is busy with other things.
  void transform("", { loader: "ts" }).catch(() => {});
} catch (error) {
  unfit = error;
}
const worked = restingCollector();
process.on("message", (request: LoadRequest) => {
  void load(request).then(send).then(worked);
});
send({ type: "ready" });
