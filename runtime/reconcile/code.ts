// code -> desired: reads the types and runs the code of a project, again after each edit.

import { relative, sep } from "node:path";
import { setImmediate as nextTick } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { type Declaration, type Desired, desired } from "../../src/declare/desired.js";
import { type DesiredTable, desiredTable } from "../../src/declare/desired-table.js";
import type { TopicOptions } from "../../src/declare/desired-topic.js";
import { hasColumns, type Registration } from "../../src/declare/registration.js";
import type { RowSchema } from "../../src/declare/row-schema.js";
import { withStandIn } from "../../src/declare/stand-in.js";
import { type Diagnostic, formatPlace, hasErrors } from "../../src/diagnostic.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
import { type LoadResult, UserCode, type UserCodeEvent } from "../load/user-code.js";
import { type SchemaReading, siteKey } from "../schema/column-cache.js";
import type { FileChange } from "../schema/project-files.js";
import { type Readings, readSchemaCache, writeSchemaCache } from "../schema/schema-cache.js";
import { SchemaReader, type SourceUpdate } from "../schema/schema-reader.js";

export interface CodeOptions {
  /** Project folder, absolute. */
  readonly root: string;
  /** The module that declares everything, or imports it; absolute. */
  readonly entry: string;
  /** Database of tables that name none. */
  readonly database: string;
  /** Whether the tables are for the embedded ClickHouse, which cannot have every engine. */
  readonly embedded?: boolean;
  /** Namespace and replicas of the topics of streams. */
  readonly streams?: Omit<TopicOptions, "database"> | undefined;
  /** Variables that the code sees. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long the code may take to run, in milliseconds. */
  readonly deadlineMs: number;
  readonly onEvent: (event: UserCodeEvent) => void;
  /** Called when the texts are on their way to the process that runs them, which from then on is at work beside this one. */
  readonly onSent?: (() => void) | undefined;
  /** Where types are kept between commands that read the code once; a session has them in memory. */
  readonly cacheFile?: string;
}

/** This library, for projects that have not installed it. */
const library = fileURLToPath(new URL("../../src/index.js", import.meta.url));

export class Code {
  readonly #options: CodeOptions;
  readonly #userCode: UserCode;
  /** Tables by the very schema that they were read from: what an edit does not touch stays the same value. */
  readonly #tables = new WeakMap<RowSchema, { registration: Registration; result: DesiredTable }>();
  #reader: SchemaReader | undefined;
  #cachedFiles: readonly string[] = [];
  /** What was last read of each declaration. */
  #readings: ReadonlyMap<string, SchemaReading> = new Map();
  /** Files that the code reaches and that have no text; relative to the project, like the sets below. */
  readonly #empty = new Set<string>();
  #declaring: ReadonlySet<string> = new Set();
  /** What `#declaring` was when the database was last brought into line. */
  #declaringBefore: ReadonlySet<string> | undefined;

  private constructor(options: CodeOptions) {
    this.#options = options;
    this.#userCode = UserCode.start({ ...options, library });
  }

  /** Starts the process that will run the code; it boots while the caller does something else. */
  static start(options: CodeOptions): Code {
    return new Code(options);
  }

  /** Everything the project declares. */
  async open(): Promise<Desired> {
    const { root, entry, cacheFile } = this.#options;
    const options = { root, entry, library: library.replace(/\.js$/, ".d.ts") };
    const cached = cacheFile === undefined ? undefined : await readSchemaCache(cacheFile, options);
    if (cached !== undefined) {
      const result = await this.#read(cached, cached.update);
      this.#cachedFiles = cached.files;
      if (!cached.isMissed) return result;
    }
    this.#reader = SchemaReader.create(options);
    const result = await this.#read(this.#reader, this.#reader.open());
    if (cacheFile !== undefined && result.diagnostics.every(({ severity }) => severity === "notice"))
      await writeSchemaCache(cacheFile, options, this.#reader.readSources(), this.#readings);
    return result;
  }

  /** The same after edits. */
  async edit(changes: readonly FileChange[]): Promise<Desired> {
    if (this.#reader === undefined) return this.open();
    return this.#read(this.#reader, this.#reader.apply(changes));
  }

  /** Files whose edits matter. */
  get files(): readonly string[] {
    return this.#reader?.watchedFiles() ?? this.#cachedFiles;
  }

  /** The database now has what the code declared when it was last read. */
  applied(): void {
    this.#declaringBefore = this.#declaring;
  }

  /**
   * Files without text that the code still reaches and that declared something when `applied` was last called; before
   * the first call, all files without text. An editor or a full disk leaves such files; nobody wrote them.
   */
  get emptied(): readonly string[] {
    return [...this.#empty].filter((file) => this.#declaringBefore?.has(file) ?? true).sort();
  }

  /** Whether a change of this file asks for everything to be read anew. */
  isConfig(path: string): boolean {
    return this.#reader?.isConfig(path) === true;
  }

  close(): Promise<void> {
    return this.#userCode.close();
  }

  readonly #readTable: typeof desiredTable = (registration, schema, database) => {
    const known = this.#tables.get(schema);
    // All registrations come anew with each load. What is known has been said.
    if (known !== undefined && isDeepStrictEqual(known.registration, registration)) return known.result;
    const declared = desiredTable(registration, schema, database);
    const result = this.#options.embedded === true ? withStandIn(declared) : declared;
    const diagnostics = result.diagnostics.filter(({ severity }) => severity !== "notice");
    this.#tables.set(schema, { registration, result: { ...result, diagnostics } });
    return result;
  };

  async #read(reader: Readings, update: SourceUpdate): Promise<Desired> {
    if (hasErrors(update.diagnostics)) return nothing(update.diagnostics);
    this.#noteEmpty(update);
    const loading = this.#load(update);
    // The message must be on its way before the type checker keeps this process busy.
    await nextTick();
    this.#options.onSent?.();
    const typeErrors = reader.check();
    const loaded = await loading;
    if (!loaded.ok) return nothing([...loaded.diagnostics, ...elsewhere(typeErrors, loaded.diagnostics)]);
    if (hasErrors(typeErrors)) return nothing(typeErrors);
    this.#declaring = new Set(loaded.registrations.map(({ file }) => file));
    const problems: Diagnostic[] = [...typeErrors];
    const readings = new Map<string, SchemaReading>();
    const declarations = loaded.registrations.map((registration): Declaration => {
      if (!hasColumns(registration)) return { registration, schema: undefined };
      const reading = reader.columnsFor(registration.sites);
      readings.set(siteKey(registration.sites), reading);
      problems.push(...reading.diagnostics);
      return { registration, schema: reading.schema };
    });
    this.#readings = readings;
    const { database, streams } = this.#options;
    const result = desired(declarations, { ...streams, database }, this.#readTable);
    return { ...result, diagnostics: [...problems, ...result.diagnostics] };
  }

  /** A process that was killed is no fault of the code unless it happens again. */
  async #load(update: SourceUpdate): Promise<LoadResult> {
    const first = await this.#userCode.load(update);
    const wasKilled = !first.ok && first.diagnostics.some(({ code }) => code === "load/crashed");
    return wasKilled ? this.#userCode.load({ changed: [], removed: [] }) : first;
  }

  #noteEmpty({ changed, removed }: SourceUpdate): void {
    for (const path of removed) this.#empty.delete(this.#shown(path));
    for (const { path, text } of changed) {
      if (text.trim() === "") this.#empty.add(this.#shown(path));
      else this.#empty.delete(this.#shown(path));
    }
  }

  #shown(path: string): string {
    return relative(this.#options.root, path).split(sep).join("/");
  }
}

/** Without those at a place that another problem has named already: a missing module is missed twice. */
function elsewhere(problems: readonly Diagnostic[], named: readonly Diagnostic[]): readonly Diagnostic[] {
  const places = new Set(named.flatMap(({ place }) => (place === undefined ? [] : [formatPlace(place)])));
  return problems.filter(({ place }) => place === undefined || !places.has(formatPlace(place)));
}

/** Not an empty schema: with an error among the diagnostics the map is not to be applied. */
function nothing(diagnostics: readonly Diagnostic[]): Desired {
  return { map: emptyInfraMap, diagnostics };
}
