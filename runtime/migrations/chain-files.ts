// The files of a chain of migrations: migrations/<time>_<name>.yaml, one a migration.

import type { Diagnostic } from "../../src/diagnostic.js";
import { type ChainFile, type Migration, migrationText, readMigration } from "../../src/format/chain.js";
import { inNamespace } from "../../src/format/chain-state.js";
import { chainSchema } from "../../src/format/migration-schema.js";
import { parseYaml, placed } from "./document.js";
import {
  listMigrationFiles,
  maxPlanBytes,
  migrationsFolder,
  readMigrationFile,
  tooLarge,
  writeProjectFile,
} from "./files.js";
import { problemAt, problemOf } from "./places.js";
import { schemaProblem } from "./validate.js";

export interface ReadChain {
  /** By name; `foldChain` orders and checks them. Counts only without diagnostics. */
  readonly files: readonly ChainFile[];
  readonly diagnostics: readonly Diagnostic[];
}

const maxFiles = 10_000;

/**
 * Every migration of the project, that of the single plan left out.
 *
 * @param defaultDatabase - database of operations that name none
 * @param namespace - prefix of the topics' names, which the files leave out; empty for none
 */
export async function readChain(
  project: string,
  defaultDatabase: string,
  namespace = "",
): Promise<ReadChain> {
  const names = (await listMigrationFiles(project)).filter((name) => name !== "plan.yaml");
  if (names.length > maxFiles) {
    const summary = `${migrationsFolder} has more than ${maxFiles} files`;
    return { files: [], diagnostics: [problemOf("migrations/too-large", migrationsFolder, summary)] };
  }
  const files: ChainFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const name of names) {
    const text = await readMigrationFile(project, name, maxPlanBytes);
    if (text.kind === "absent") continue;
    const read =
      text.kind === "refused"
        ? { diagnostics: [text.problem] }
        : readMigrationText(name, text, defaultDatabase);
    if ("file" in read) files.push(inNamespace(read.file, namespace));
    else diagnostics.push(...read.diagnostics);
  }
  return { files, diagnostics };
}

/** One migration of a text that is there already. */
export function readMigrationText(
  name: string,
  { text, hash }: { readonly text: string; readonly hash: string },
  defaultDatabase: string,
): { readonly file: ChainFile } | { readonly diagnostics: readonly Diagnostic[] } {
  const shown = `${migrationsFolder}/${name}`;
  const parsed = parseYaml(shown, text);
  if ("problem" in parsed) return { diagnostics: [parsed.problem] };
  const { document } = parsed;
  const { migration, problems } = readMigration(document.value, defaultDatabase);
  if (migration === undefined) return { diagnostics: placed(document, problems) };
  if (migration.id !== name.replace(/\.ya?ml$/, "")) {
    const summary = `the file ${name} has the migration ${migration.id}; both have one name`;
    return { diagnostics: [problemAt("migrations/wrong-name", document.placeOf(["id"]), summary)] };
  }
  const problem = schemaProblem("migration", document);
  if (problem !== undefined) return { diagnostics: [problem] };
  return { file: { ...migration, file: shown, contentHash: hash } };
}

/**
 * Adds a file to the chain; one of the same name is replaced.
 *
 * @param comments - put above operations, by their number from 0
 */
export async function writeMigrationFile(
  project: string,
  migration: Migration,
  defaultDatabase: string,
  comments: ReadonlyMap<number, string> = new Map(),
): Promise<readonly Diagnostic[]> {
  const name = `${migration.id}.yaml`;
  const text = migrationText(migration, defaultDatabase, comments);
  if (Buffer.byteLength(text) > maxPlanBytes) return [tooLarge(`${migrationsFolder}/${name}`, maxPlanBytes)];
  const schema = `${JSON.stringify(chainSchema, null, 2)}\n`;
  const problem =
    (await writeProjectFile(project, ".moose", "chain_schema.json", schema)) ??
    (await writeProjectFile(project, migrationsFolder, name, text));
  return problem === undefined ? [] : [problem];
}
