// Ids of the plans of late: a plan that has changed is told from one that never was.

/** How many are remembered. */
const mostKnown = 100;

export class KnownPlans {
  readonly #ids = new Set<string>();

  add(id: string | undefined): void {
    if (id === undefined) return;
    this.#ids.delete(id);
    this.#ids.add(id);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= mostKnown) return;
      this.#ids.delete(oldest);
    }
  }

  /** Why a plan that is not the current one cannot be decided about. */
  refusal(id: string): "changed" | "unknown-plan" {
    return this.#ids.has(id) ? "changed" : "unknown-plan";
  }
}
