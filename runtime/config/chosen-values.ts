// Picks, for every key, the valid value of the highest precedence.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { Given, Origin } from "./given.js";
import { type UsedPath, usedKeys, type ValueOf } from "./keys.js";
import { checkValue } from "./value.js";

export interface Chosen<T> {
  readonly value: T;
  /** `undefined` where it is the default. */
  readonly origin: Origin | undefined;
  /** -1 for a default. */
  readonly rank: number;
}

export class ChosenValues {
  readonly #byPath = new Map<string, Chosen<unknown>>();
  readonly diagnostics: readonly Diagnostic[];

  /** Every given value of a used key is checked, also one that another overrides. */
  constructor(given: readonly Given[]) {
    const diagnostics: Diagnostic[] = [];
    for (const key of usedKeys)
      this.#byPath.set(key.path, { value: key.default, origin: undefined, rank: -1 });
    for (const one of [...given].sort((a, b) => a.rank - b.rank)) {
      if (!this.#byPath.has(one.key.path)) continue;
      const checked = checkValue(one);
      if (!checked.ok) diagnostics.push(checked.diagnostic);
      else this.#byPath.set(one.key.path, { value: checked.value, origin: one.origin, rank: one.rank });
    }
    this.diagnostics = diagnostics;
  }

  get<P extends UsedPath>(path: P): ValueOf<P> {
    return this.chosen(path).value;
  }

  chosen<P extends UsedPath>(path: P): Chosen<ValueOf<P>> {
    // The constructor stored a default for each used key, and only values that fit their key's type.
    return this.#byPath.get(path) as Chosen<ValueOf<P>>;
  }
}
