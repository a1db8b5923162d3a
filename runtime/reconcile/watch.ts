// Watches files: one call with the paths that changed, after a short quiet time.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type FSWatcher, watch } from "chokidar";

export interface WatchOptions {
  /** Files and folders, absolute. */
  readonly paths: readonly string[];
  /** Look at the files in turn, for mounts that send no events. */
  readonly poll: boolean;
  /** True for a path that is of no interest; asked for folders too. */
  readonly ignored: (path: string) => boolean;
  /** Called at once with the first event; {@link onChange} follows after the quiet time. */
  readonly onFirst: () => void;
  /** Called with the changed paths and the time (`performance.now()`) of the first event among them. */
  readonly onChange: (paths: ReadonlySet<string>, firstEventMs: number) => void;
}

/** Editors write in several events; this long after the first of a path its text is taken as whole. */
const debounceMs = 10;
const pollIntervalMs = 100;
/** How often a watched folder that was taken away is looked for. */
const returnIntervalMs = 100;

export class Watcher {
  readonly #options: WatchOptions;
  readonly #watcher: FSWatcher;
  #pending = new Set<string>();
  #firstEventMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** One for each folder that was taken away, until it is back. */
  readonly #returns = new Map<string, NodeJS.Timeout>();
  readonly #returned = new Map<string, FSWatcher>();

  private constructor(options: WatchOptions) {
    this.#options = options;
    this.#watcher = this.#watch(options.paths, true);
  }

  #watch(paths: readonly string[], ignoreInitial: boolean): FSWatcher {
    const { poll, ignored } = this.#options;
    const watcher = watch([...paths], { ignoreInitial, usePolling: poll, interval: pollIntervalMs, ignored });
    watcher.on("all", (_event, path) => this.#note(path));
    // chokidar drops a change within 50 ms of the one before on the same path; its raw events have them all.
    watcher.on("raw", (_event, name, details) => this.#noteRaw(name, details));
    watcher.on("unlinkDir", (path) => this.#awaitReturn(path));
    watcher.on("error", () => {});
    return watcher;
  }

  /** Resolves when changes are seen from now on. */
  static start(options: WatchOptions): Promise<Watcher> {
    const watcher = new Watcher(options);
    return new Promise((resolve) => watcher.#watcher.once("ready", () => resolve(watcher)));
  }

  /** Watches more files; those that are watched already are left as they are. */
  add(paths: readonly string[]): void {
    if (paths.length > 0) this.#watcher.add([...paths]);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    for (const timer of this.#returns.values()) clearInterval(timer);
    await Promise.all([this.#watcher, ...this.#returned.values()].map((watcher) => watcher.close()));
  }

  /** chokidar gives up a folder of ours that is removed or renamed, as a checkout does. */
  #awaitReturn(path: string): void {
    if (!this.#options.paths.includes(path) || this.#returns.has(path)) return;
    const look = (): void => {
      if (!existsSync(path)) return;
      clearInterval(this.#returns.get(path));
      this.#returns.delete(path);
      void this.#returned.get(path)?.close();
      // All that is found in it counts as new.
      this.#returned.set(path, this.#watch([path], false));
    };
    this.#returns.set(path, setInterval(look, returnIntervalMs));
  }

  #noteRaw(name: unknown, details: unknown): void {
    const watched = (details as { watchedPath?: unknown } | undefined)?.watchedPath;
    if (typeof watched !== "string" || typeof name !== "string") return;
    this.#note(watched.endsWith(name) ? watched : join(watched, name));
  }

  #note(path: string): void {
    if (this.#options.ignored(path)) return;
    if (this.#pending.size === 0) {
      this.#firstEventMs = performance.now();
      this.#options.onFirst();
    }
    this.#pending.add(path);
    this.#timer ??= setTimeout(() => this.#flush(), debounceMs);
  }

  #flush(): void {
    this.#timer = undefined;
    const paths = this.#pending;
    this.#pending = new Set();
    this.#options.onChange(paths, this.#firstEventMs);
  }
}
