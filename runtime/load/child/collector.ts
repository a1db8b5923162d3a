// Collects what user code declares, file by file, so that a file's declarations can be forgotten before it runs again.

import type { Registration } from "../../../src/declare/registration.js";
import type { Registry } from "../../../src/declare/registry.js";
import { toPlainJson } from "./plain-json.js";
import { currentSites } from "./sites.js";

type Declared = Parameters<Registry["register"]>[0];

export class Collector implements Registry {
  readonly #byFile = new Map<string, Registration[]>();
  readonly #evaluating: string[] = [];
  readonly #onLate: (declared: Declared) => void;
  /** Used for a declaration that stands in no module's evaluation and has no site. */
  readonly #entry: string;
  #open = false;

  /** @param onLate - called for a declaration after its load was over; it is not kept */
  constructor(entry: string, onLate: (declared: Declared) => void) {
    this.#entry = entry;
    this.#onLate = onLate;
  }

  /** Between `open` and `close` declarations are accepted. */
  open(): void {
    this.#open = true;
    this.#evaluating.length = 0;
  }

  close(): void {
    this.#open = false;
  }

  /** The file, relative to the project, starts to run. What it declared before is forgotten. */
  enter(file: string): void {
    this.#byFile.delete(file);
    this.#evaluating.push(file);
  }

  leave(file: string): void {
    const index = this.#evaluating.lastIndexOf(file);
    if (index !== -1) this.#evaluating.length = index;
  }

  get evaluating(): string | undefined {
    return this.#evaluating.at(-1);
  }

  forget(file: string): void {
    this.#byFile.delete(file);
  }

  register(declared: Declared): void {
    if (!this.#open) {
      this.#onLate(declared);
      return;
    }
    const sites = currentSites();
    const file = this.evaluating ?? fileOfSite(sites.at(-1)) ?? this.#entry;
    const { kind, name, config } = declared;
    const registration: Registration = { kind, name, config: toPlainJson(config), sites, file };
    const known = this.#byFile.get(file);
    if (known) known.push(registration);
    else this.#byFile.set(file, [registration]);
  }

  /** Everything declared by the files that `isLoaded` accepts, ordered by file, then as declared. */
  registrations(isLoaded: (file: string) => boolean): readonly Registration[] {
    const files = [...this.#byFile.keys()].filter(isLoaded).sort();
    return files.flatMap((file) => this.#byFile.get(file) ?? []);
  }
}

function fileOfSite(site: string | undefined): string | undefined {
  return site?.replace(/:\d+:\d+$/, "");
}
