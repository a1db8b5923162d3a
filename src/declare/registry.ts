// Where declarations are collected while user code runs. One registry a process, shared by every copy of this library.

import { remember } from "./declared.js";
import type { Registration } from "./registration.js";

/**
 * Static mark of the classes whose `new` expressions moose follows. A symbol of the global registry, so that
 * it is also found on the classes of another copy of this library; subclasses inherit it.
 */
export const declarationBrand: unique symbol = Symbol.for("moose.declaration") as never;

/** What moose sets up before it runs user code; a plain script that imports the library has none. */
export interface Registry {
  /** Called by each constructor. */
  register(registration: Omit<Registration, "sites" | "file">): void;
}

const registryKey = Symbol.for("moose.registry");

type Holder = { [registryKey]?: Registry | undefined };

/** Installs the collector of this process; `undefined` takes it away. */
export function setRegistry(registry: Registry | undefined): void {
  (globalThis as Holder)[registryKey] = registry;
}

/** Whether moose is running the code to learn what it declares. */
export function isCollecting(): boolean {
  return (globalThis as Holder)[registryKey] !== undefined;
}

/**
 * Without a registry, as in a script that only uses the library, declaring does nothing.
 *
 * @param object - what was declared, for those who ask for it by its name
 */
export function register(registration: Omit<Registration, "sites" | "file">, object?: object): void {
  if (object !== undefined)
    remember(registration.kind, registration.name, registration.config.version, object);
  (globalThis as Holder)[registryKey]?.register(registration);
}
