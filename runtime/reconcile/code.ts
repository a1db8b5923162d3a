// code -> desired: reads the types and runs the code of a project, again after each edit.

import { setImmediate as nextTick } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Declaration, type Desired, desired } from "../../src/declare/desired.js";
import { type DesiredTable, desiredTable } from "../../src/declare/desired-table.js";
import type { Registration } from "../../src/declare/registration.js";
import type { RowSchema } from "../../src/declare/row-schema.js";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
import { UserCode, type UserCodeEvent } from "../load/user-code.js";
import type { FileChange } from "../schema/project-files.js";
import { SchemaReader, type SourceUpdate } from "../schema/schema-reader.js";

export interface CodeOptions {
  /** Project folder, absolute. */
  readonly root: string;
  /** The module that declares everything, or imports it; absolute. */
  readonly entry: string;
  /** Database of tables that name none. */
  readonly database: string;
  /** Variables that the code sees. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onEvent: (event: UserCodeEvent) => void;
}

/** This library, for projects that have not installed it. */
const library = fileURLToPath(new URL("../../src/index.js", import.meta.url));

export class Code {
  readonly #options: CodeOptions;
  readonly #userCode: UserCode;
  /** Tables by the very schema that they were read from: what an edit does not touch stays the same value. */
  readonly #tables = new WeakMap<RowSchema, { registration: Registration; result: DesiredTable }>();
  #reader: SchemaReader | undefined;

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
    const { root, entry } = this.#options;
    this.#reader = await SchemaReader.create({ root, entry, library: library.replace(/\.js$/, ".d.ts") });
    return this.#read(this.#reader, this.#reader.open());
  }

  /** The same after edits. */
  async edit(changes: readonly FileChange[]): Promise<Desired> {
    if (this.#reader === undefined) return this.open();
    return this.#read(this.#reader, this.#reader.apply(changes));
  }

  /** Files whose edits matter. */
  get files(): readonly string[] {
    return this.#reader?.watchedFiles() ?? [];
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
    if (known?.registration === registration) return known.result;
    const result = desiredTable(registration, schema, database);
    this.#tables.set(schema, { registration, result });
    return result;
  };

  async #read(reader: SchemaReader, update: SourceUpdate): Promise<Desired> {
    if (hasErrors(update.diagnostics)) return nothing(update.diagnostics);
    const loading = this.#userCode.load(update);
    // The message must be on its way before the type checker keeps this process busy.
    await nextTick();
    const typeErrors = reader.check();
    const loaded = await loading;
    if (!loaded.ok) return nothing([...loaded.diagnostics, ...typeErrors]);
    if (hasErrors(typeErrors)) return nothing(typeErrors);
    const problems: Diagnostic[] = [...typeErrors];
    const declarations = loaded.registrations.map((registration): Declaration => {
      const { schema, diagnostics } = reader.columnsFor(registration.sites);
      problems.push(...diagnostics);
      return { registration, schema };
    });
    const result = desired(declarations, { database: this.#options.database }, this.#readTable);
    return { map: result.map, diagnostics: [...problems, ...result.diagnostics] };
  }
}

/** Not an empty schema: with an error among the diagnostics the map is not to be applied. */
function nothing(diagnostics: readonly Diagnostic[]): Desired {
  return { map: emptyInfraMap, diagnostics };
}
