// The current text of every file, and which of them a process does not have yet.

import type { SourceText } from "./source-text.js";

/** What changed at once. */
export interface Update {
  readonly changed: readonly SourceText[];
  /** Absolute paths. */
  readonly removed: readonly string[];
}

interface FileState {
  /** `undefined` for a file that was removed. */
  readonly source: SourceText | undefined;
  readonly revision: number;
}

export class CurrentTexts {
  readonly #files = new Map<string, FileState>();
  #revision = 0;

  /** Counts the updates; 0 before the first. */
  get revision(): number {
    return this.#revision;
  }

  apply({ changed, removed }: Update): void {
    this.#revision += 1;
    const revision = this.#revision;
    for (const source of changed) this.#files.set(source.path, { source, revision });
    for (const path of removed) this.#files.set(path, { source: undefined, revision });
  }

  /** What brings someone up to date who has the texts of `revision`; 0 means that they have none. */
  since(revision: number): Update {
    const newer = [...this.#files].filter(([, state]) => state.revision > revision);
    return {
      changed: newer.flatMap(([, { source }]) => source ?? []),
      removed: revision === 0 ? [] : newer.flatMap(([path, { source }]) => (source ? [] : path)),
    };
  }
}
