// The columns that were read, kept until an edit can have changed them.

import type { RowSchema } from "../../src/declare/row-schema.js";
import type { Diagnostic } from "../../src/diagnostic.js";

/** The columns of one declaration, or what is wrong with its row type. */
export interface SchemaReading {
  /** `undefined` where there are errors. */
  readonly schema: RowSchema | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

interface Entry {
  readonly reading: SchemaReading;
  /** Files of the sites and of the fields, as they stand in places. */
  readonly files: ReadonlySet<string>;
}

/** Readings by their chain of sites. */
export class ColumnCache {
  readonly #entries = new Map<string, Entry>();

  get(sites: readonly string[]): SchemaReading | undefined {
    return this.#entries.get(siteKey(sites))?.reading;
  }

  set(sites: readonly string[], reading: SchemaReading): void {
    const fields = reading.schema?.fields.map((field) => field.place.file) ?? [];
    const problems = reading.diagnostics.flatMap(({ place }) => (place === undefined ? [] : [place.file]));
    const files = new Set([...sites.map(siteFile), ...fields, ...problems]);
    this.#entries.set(siteKey(sites), { reading, files });
  }

  /** Forgets what depends on the given files, which are named as in places. */
  drop(files: ReadonlySet<string>): void {
    for (const [key, entry] of this.#entries) {
      if ([...entry.files].some((file) => files.has(file))) this.#entries.delete(key);
    }
  }
}

/** Names a declaration by the places that made it. */
export function siteKey(sites: readonly string[]): string {
  return sites.join("\n");
}

/** `app/a.ts` of the site `app/a.ts:3:7`. */
export function siteFile(site: string): string {
  return site.replace(/:\d+:\d+$/, "");
}
