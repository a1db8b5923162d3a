// A project in a folder of its own, read by the schema reader.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { SchemaReader, type SourceUpdate } from "../../runtime/schema/schema-reader.js";
import type { RowField } from "../../src/declare/row-schema.js";
import { type Diagnostic, formatPlace } from "../../src/diagnostic.js";
import { typeText } from "../../src/sql/type.js";

/** Files by their path in the project; the text `-> target` makes a symbolic link. */
export type Files = Readonly<Record<string, string>>;

export interface TestProject {
  readonly root: string;
  readonly reader: SchemaReader;
  readonly opened: SourceUpdate;
  /** Changes files in the reader alone, as the watcher does; `undefined` deletes. */
  edit(files: Readonly<Record<string, string | undefined>>): SourceUpdate;
}

const library = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
export const libraryImport = `import { OlapTable } from "@514labs/moose-lib";\n`;

export async function openProject(files: Files): Promise<TestProject> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "moose-schema-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) writeProjectFile(join(root, path), text);
  const entry = join(root, "app/index.ts");
  const reader = SchemaReader.create({ root, entry, library });
  onTestFinished(() => reader.close());
  const opened = reader.open();
  const edit: TestProject["edit"] = (changes) =>
    reader.apply(Object.entries(changes).map(([path, text]) => ({ path: join(root, path), text })));
  return { root, reader, opened, edit };
}

function writeProjectFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (text.startsWith("-> ")) symlinkSync(text.slice(3), path);
  else writeFileSync(path, text);
}

/** The sites of an update's `new` expressions, in the order of the source. */
export function newSites(update: SourceUpdate): readonly string[] {
  const insertions = update.changed.flatMap((source) => source.insertions);
  return insertions.filter(({ text }) => /^,"[^"]*"\)\)$/.test(text)).map(({ text }) => text.slice(2, -3));
}

/** `name Type [KEY] [DEFAULT expression] [CODEC(..)] [TTL ..] [RENAMED ..] [-- comment]` for each column. */
export function columnLines(fields: readonly RowField[]): readonly string[] {
  return fields.map((field) =>
    [
      field.name,
      typeText(field.type),
      ...(field.key ? ["KEY"] : []),
      ...(field.default === undefined ? [] : [`${field.default.kind} ${field.default.expression}`]),
      ...(field.codec === "" ? [] : [`CODEC(${field.codec})`]),
      ...(field.ttl === "" ? [] : [`TTL ${field.ttl}`]),
      ...(field.renamedFrom === undefined ? [] : [`RENAMED ${field.renamedFrom}`]),
      ...(field.comment === "" ? [] : [`-- ${field.comment}`]),
    ].join(" "),
  );
}

/** `code place summary` for each problem. */
export function problemLines(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(
    ({ code, place, summary }) => `${code} ${place ? formatPlace(place) : "-"} ${summary}`,
  );
}

/** Columns of a declaration, or its problems where it has any. */
export function read(reader: SchemaReader, sites: readonly string[]): readonly string[] {
  const { schema, diagnostics } = reader.columnsFor(sites);
  return schema === undefined ? problemLines(diagnostics) : columnLines(schema.fields);
}

/** The columns of the last table that `app/index.ts` declares; type errors come instead of them. */
export async function columnsOf(files: Files | string): Promise<readonly string[]> {
  const { reader, opened } = await openProject(typeof files === "string" ? { "app/index.ts": files } : files);
  const errors = [...opened.diagnostics, ...reader.check()];
  if (errors.length > 0) return problemLines(errors);
  const inIndex = newSites(opened).filter((site) => site.startsWith("app/index.ts:"));
  return read(reader, inIndex.slice(-1));
}
