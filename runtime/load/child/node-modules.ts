// The parts of Node's CommonJS loader that running user code hangs on. They are old, and used by every such tool,
// but not part of the documented API: all of them are named here.

import Module from "node:module";

export interface LoadedModule {
  readonly filename: string;
  children: LoadedModule[];
  parent: LoadedModule | null | undefined;
  exports: unknown;
  _compile(code: string, filename: string, format: string): unknown;
}

type Handler = (module: LoadedModule, filename: string) => void;

interface Internals {
  readonly _cache: Record<string, LoadedModule | undefined>;
  readonly _pathCache: Record<string, string>;
  readonly _extensions: Record<string, Handler | undefined>;
  _load(request: string, parent: LoadedModule | null, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: LoadedModule | null, ...rest: readonly unknown[]): string;
}

export const nodeLoader = Module as unknown as Internals;
