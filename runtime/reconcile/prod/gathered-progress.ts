// What operations report while they run, gathered: a plan of a thousand is not shown anew for each word of each of them.

import type { ProdOperation } from "./prod-state.js";

type Change = (operation: ProdOperation) => ProdOperation;

export class GatheredProgress {
  readonly #changes = new Map<string, Change>();

  note(id: string, change: Change): void {
    const before = this.#changes.get(id);
    this.#changes.set(id, before === undefined ? change : (operation) => change(before(operation)));
  }

  /** The operations as they are by now; what was gathered is forgotten. */
  applyTo(operations: readonly ProdOperation[]): readonly ProdOperation[] {
    if (this.#changes.size === 0) return operations;
    const now = operations.map((one) => this.#changes.get(one.status.id)?.(one) ?? one);
    this.#changes.clear();
    return now;
  }
}
