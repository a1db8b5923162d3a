// The objects that code has declared in this process, by kind and name. One store a process, shared by every copy of
// this library.

import type { RegistrationKind } from "./registration.js";

const declaredKey = Symbol.for("moose.declared");

type Store = Map<RegistrationKind, Map<string, object>>;
type Holder = { [declaredKey]?: Store };

function store(): Store {
  const holder = globalThis as Holder;
  holder[declaredKey] ??= new Map();
  return holder[declaredKey];
}

/** A second one of the same name takes the place of the first: a module may be run again. */
export function remember(kind: RegistrationKind, name: string, version: unknown, object: object): void {
  const key = typeof version === "string" && version !== "" ? `${name}_${version}` : name;
  const known = store().get(kind);
  if (known === undefined) store().set(kind, new Map([[key, object]]));
  else known.set(key, object);
}

/** Those of a kind, by `name` or `name_version`. */
export function declared<T extends object>(kind: RegistrationKind): ReadonlyMap<string, T> {
  return (store().get(kind) ?? new Map()) as ReadonlyMap<string, T>;
}
