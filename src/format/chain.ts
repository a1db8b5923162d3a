// A chain of migrations: each file names the state that it starts from, and what it does.

import type { Diagnostic } from "../diagnostic.js";
import { emptyInfraMap, type InfraMap } from "../infra/inframap.js";
import { type ChainLifeCycle, readLifeCycles, withLifeCycles, writeLifeCycles } from "./chain-lifecycles.js";
import { outOfNamespace, stateHash } from "./chain-state.js";
import { foldAll } from "./fold.js";
import type { MigrationOperation } from "./operation.js";
import { readOperation } from "./read-operation.js";
import { type FormatProblem, type PlainObject, ProblemList, Spot } from "./value.js";
import { writeOperation } from "./write-operation.js";
import { yamlComment, yamlEntry, yamlText } from "./yaml-text.js";

export interface Migration {
  /** Also the name of its file, without the ending. */
  readonly id: string;
  readonly description: string;
  /** Ours have the {@link stateHash} of the tables and topics that they start from; how the existing tool makes its hash is not known. */
  readonly parentStateHash: string;
  /** Id of the migration before; null for the first, undefined in the files of the existing tool, which do not tell. */
  readonly parent: string | null | undefined;
  readonly operations: readonly MigrationOperation[];
  /** Tables and topics that have another lifecycle from now on; no operation tells of it. */
  readonly lifeCycles?: readonly ChainLifeCycle[] | undefined;
  readonly createdAt: string;
}

/** A migration as it was read. */
export interface ChainFile extends Migration {
  /** Relative to the project folder. */
  readonly file: string;
  /** sha256 of the file's bytes. */
  readonly contentHash: string;
}

export interface ReadMigration {
  /** Undefined where there is any problem. */
  readonly migration: Migration | undefined;
  readonly problems: readonly FormatProblem[];
}

const idForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** @param defaultDatabase - database of operations that name none */
export function readMigration(value: unknown, defaultDatabase: string): ReadMigration {
  const problems = new ProblemList();
  const document = new Spot(value, [], problems);
  const parent = document.field("parent");
  const deltas = document.field("deltas").list();
  const operations = deltas.flatMap((delta, index) =>
    problems.about(
      `delta ${index + 1}`,
      () => readOperation(delta.field("type").text(), delta, defaultDatabase) ?? [],
    ),
  );
  const migration: Migration = {
    id: readId(document.field("id")),
    description: document.field("description").optionalText(),
    parentStateHash: document.field("parent_state_hash").text(),
    parent: parent.value === undefined ? undefined : parent.value === null ? null : readId(parent),
    operations,
    lifeCycles: readLifeCycles(document.field("life_cycles"), defaultDatabase),
    createdAt: document.field("created_at").optionalText(),
  };
  return { migration: problems.count === 0 ? migration : undefined, problems: problems.all };
}

function readId(spot: Spot): string {
  const id = spot.text();
  if (typeof spot.value === "string" && !idForm.test(id)) {
    spot.problem("format/bad-name", `${spot.name} may have letters, digits, dots, dashes and underscores`);
  }
  return id;
}

export function writeMigration(migration: Migration, defaultDatabase: string): PlainObject {
  return {
    id: migration.id,
    description: migration.description,
    ...(migration.parent === undefined ? {} : { parent: migration.parent }),
    parent_state_hash: migration.parentStateHash,
    deltas: migration.operations.map((operation) => ({
      type: operation.kind,
      ...writeOperation(operation, defaultDatabase),
    })),
    ...writeLifeCycles(migration.lifeCycles, defaultDatabase),
    created_at: migration.createdAt,
  };
}

/** Tells editors where the schema is. */
export const chainSchemaHeader = "# yaml-language-server: $schema=../.moose/chain_schema.json\n";

/** @param comments - by the number of the operation that they are put above, from 0 */
export function migrationText(
  migration: Migration,
  defaultDatabase: string,
  comments: ReadonlyMap<number, string> = new Map(),
): string {
  const { deltas, life_cycles, created_at, ...head } = writeMigration(migration, defaultDatabase);
  const tail = yamlText({
    ...(life_cycles === undefined ? {} : { life_cycles }),
    created_at: created_at ?? "",
  });
  const entries = (Array.isArray(deltas) ? deltas : []).map((delta, index) => {
    const comment = comments.get(index);
    return (comment === undefined ? "" : yamlComment(comment)) + yamlEntry(delta);
  });
  const list = entries.length === 0 ? "deltas: []\n" : `deltas:\n${entries.join("")}`;
  return `${chainSchemaHeader}\n${yamlText(head)}${list}${tail}`;
}

export interface NewMigration extends Pick<Migration, "operations" | "lifeCycles" | "createdAt"> {
  readonly name: string;
  /** Database that the files mean where they name none. */
  readonly defaultDatabase: string;
  /** Prefix of the topics' names, which the files leave out; empty for none. */
  readonly namespace?: string | undefined;
}

/**
 * The next migration of a chain, in the words of its files.
 *
 * @param state - the tables and topics after the last one, as {@link foldChain} gives them
 * @param createdAt - RFC 3339 in UTC; the id is made of it
 */
export function nextMigration(
  chain: readonly ChainFile[],
  state: InfraMap,
  { operations, lifeCycles, name, createdAt, defaultDatabase, namespace = "" }: NewMigration,
): Migration {
  const [, date = "", time = "", fraction = ""] = /^([\d-]+)T([\d:]+)(?:\.(\d+))?/.exec(createdAt) ?? [];
  const stamp = [
    date.replaceAll("-", ""),
    time.replaceAll(":", ""),
    fraction.padEnd(3, "0").slice(0, 3),
  ].join("_");
  const word = name.replace(/[^A-Za-z0-9-]+/g, "_").slice(0, 100);
  const migration: Migration = {
    id: `${stamp}_${word === "" ? "migration" : word}`,
    description: name,
    parentStateHash: stateHash(state, defaultDatabase, namespace),
    parent: chain.at(-1)?.id ?? null,
    operations,
    lifeCycles,
    createdAt,
  };
  return outOfNamespace(migration, namespace);
}

/** A migration with the tables that it starts from, and those that it leads to. */
export interface ChainLink {
  readonly file: ChainFile;
  readonly before: InfraMap;
  readonly after: InfraMap;
}

export interface FoldedChain {
  /** In the order in which they are to be applied; as far as there is one. */
  readonly files: readonly ChainFile[];
  /** The same with the tables around each. */
  readonly links: readonly ChainLink[];
  /** The tables after all of them; counts only without problems. */
  readonly map: InfraMap;
  readonly problems: readonly Diagnostic[];
}

/**
 * Orders the files, checks that each starts from what the one before ends with, and gives the tables after the last.
 *
 * @param defaultDatabase - the one that they were read with
 * @param namespace - of the topics, likewise
 */
export function foldChain(
  unordered: readonly ChainFile[],
  defaultDatabase: string,
  namespace = "",
): FoldedChain {
  const { files, problems } = orderChain(unordered);
  const links: ChainLink[] = [];
  const mapNow = () => links.at(-1)?.after ?? emptyInfraMap;
  if (problems.length > 0) return { files, links, map: emptyInfraMap, problems };
  const starts = new Map<string, { readonly id: string; readonly fingerprint: string }>();
  for (const file of files) {
    const before = mapNow();
    const wrong = wrongStart(file, stateHash(before, defaultDatabase, namespace), starts);
    if (wrong !== undefined) return { files, links, map: before, problems: [wrong] };
    const after = foldFile(before, file);
    if ("detail" in after) {
      const summary = `${file.id} does not fit the migrations before it`;
      const unfitting = problem("format/unfitting-migration", file, summary, after.detail);
      return { files, links, map: before, problems: [unfitting] };
    }
    links.push({ file, before, after: after.map });
  }
  return { files, links, map: mapNow(), problems: [] };
}

function foldFile(
  before: InfraMap,
  file: ChainFile,
): { readonly map: InfraMap } | { readonly detail: string } {
  const folded = foldAll(before, file.operations);
  if ("problem" in folded) return { detail: `delta ${folded.index + 1}: ${folded.problem}` };
  return withLifeCycles(folded.map, file.lifeCycles ?? []);
}

/** Ours are compared by their hash; of the existing tool's it can only be told that two name one state. */
function wrongStart(
  file: ChainFile,
  start: string,
  starts: Map<string, { readonly id: string; readonly fingerprint: string }>,
): Diagnostic | undefined {
  if (file.parent !== undefined) {
    if (file.parentStateHash === start) return undefined;
    const summary = `${file.id} was made for another state than the migrations before it lead to`;
    const detail = "A migration before it was edited, or two branches were merged.";
    return problem("format/unfitting-migration", file, summary, detail);
  }
  const same = starts.get(file.parentStateHash);
  if (same === undefined) starts.set(file.parentStateHash, { id: file.id, fingerprint: start });
  return same === undefined || same.fingerprint === start ? undefined : forked(file, same.id);
}

/** Follows the parents from the first file; what cannot be reached, and what has two successors, is a problem. */
function orderChain(unordered: readonly ChainFile[]): Pick<FoldedChain, "files" | "problems"> {
  const byId = unordered.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const double = byId.find(({ id }, index) => byId[index + 1]?.id === id);
  if (double !== undefined) {
    return {
      files: [],
      problems: [problem("format/double-name", double, `two migrations have the id ${double.id}`)],
    };
  }
  const next = new Map<string | null, ChainFile>();
  for (const [index, file] of byId.entries()) {
    const parent = file.parent === undefined ? (byId[index - 1]?.id ?? null) : file.parent;
    const sibling = next.get(parent);
    if (sibling !== undefined) return { files: [], problems: [forked(file, sibling.id)] };
    next.set(parent, file);
  }
  const files: ChainFile[] = [];
  for (let file = next.get(null); file !== undefined; file = next.get(file.id)) {
    files.push(file);
    if (files.length > byId.length) break;
  }
  const reached = new Set(files.map(({ id }) => id));
  return { files, problems: byId.filter(({ id }) => !reached.has(id)).map(orphaned) };
}

function forked(file: ChainFile, other: string): Diagnostic {
  return {
    ...problem("format/forked-chain", file, `${file.id} and ${other} start from the same state`),
    detail: "Both were made on branches that did not know of each other.",
    hint: `remove the one that is not applied anywhere yet, and generate it again on top of the other`,
  };
}

function orphaned(file: ChainFile): Diagnostic {
  const parent = file.parent ?? "the first";
  return problem(
    "format/orphaned-migration",
    file,
    `${file.id} comes after ${parent}, which leads to no beginning`,
  );
}

function problem(code: string, { file }: ChainFile, summary: string, detail?: string): Diagnostic {
  return { code, severity: "error", summary, detail, place: { file, line: 1, column: 1 } };
}

/**
 * A diagnostic for each file that was edited after it was applied, and for each that is gone.
 *
 * @param applied - hash of each file's content by its id, or the beginning of the hash
 */
export function changedSinceApplied(
  files: readonly ChainFile[],
  applied: ReadonlyMap<string, string>,
): readonly Diagnostic[] {
  const byId = new Map(files.map((file) => [file.id, file]));
  return [...applied].flatMap(([id, contentHash]): readonly Diagnostic[] => {
    const file = byId.get(id);
    const hint = "bring the file back as it was, and write what is to change as another migration";
    if (file === undefined) {
      const summary = `${id} was applied to this database, and its file is gone`;
      return [{ code: "format/missing-migration", severity: "error", summary, hint }];
    }
    if (file.contentHash.startsWith(contentHash)) return [];
    return [{ ...problem("format/edited-migration", file, `${id} was edited after it was applied`), hint }];
  });
}
