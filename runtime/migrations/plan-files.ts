// The single plan of a project: migrations/plan.yaml with the state it was made from and the one it was made for.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Diagnostic } from "../../src/diagnostic.js";
import { infraMapText, readInfraMap } from "../../src/format/inframap-json.js";
import { withKnownSqlResources } from "../../src/format/known-sql-resources.js";
import { migrationSchema } from "../../src/format/migration-schema.js";
import { type MigrationPlan, planText, readPlan } from "../../src/format/plan-document.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { type ParsedDocument, parseJson, parseYaml, placed } from "./document.js";
import {
  type FileText,
  maxPlanBytes,
  maxStateBytes,
  migrationsFolder,
  readMigrationFile,
  removeMigrationFile,
  tooLarge,
  writeProjectFile,
} from "./files.js";
import { problemOf } from "./places.js";
import { schemaProblem } from "./validate.js";

export interface PlanFiles {
  readonly plan: MigrationPlan;
  /** The tables that the database must have before. */
  readonly remoteState: InfraMap;
  /** The tables of the code that the plan was made for. */
  readonly localInfraMap: InfraMap;
  /** Database of tables that name none. */
  readonly defaultDatabase: string;
}

export type PlanFilesResult =
  /** There is no plan.yaml. */
  | { readonly kind: "absent" }
  /** `hash` is the sha256 of plan.yaml's bytes. */
  | { readonly kind: "read"; readonly files: PlanFiles; readonly hash: string }
  | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] };

const names = { plan: "plan.yaml", remote: "remote_state.json", local: "local_infra_map.json" } as const;

/** @param project - the project's folder */
export function hasPlanFile(project: string): boolean {
  return existsSync(join(project, migrationsFolder, names.plan));
}

/** @param project - the project's folder */
export async function readPlanFile(project: string): Promise<PlanFilesResult> {
  const [plan, remote, local] = await Promise.all([
    readMigrationFile(project, names.plan, maxPlanBytes),
    readMigrationFile(project, names.remote, maxStateBytes),
    readMigrationFile(project, names.local, maxStateBytes),
  ]);
  if (plan.kind === "absent") return { kind: "absent" };
  const texts = [plan, remote, local].map((file) => (file.kind === "read" ? file.text : undefined));
  const diagnostics = [
    unread(names.plan, plan),
    unread(names.remote, remote),
    unread(names.local, local),
  ].flat();
  const [planYaml, remoteJson, localJson] = texts;
  if (plan.kind !== "read" || planYaml === undefined || remoteJson === undefined || localJson === undefined) {
    return { kind: "refused", diagnostics };
  }
  const read = await readPlanTexts({ plan: planYaml, remote: remoteJson, local: localJson });
  return "files" in read
    ? { kind: "read", files: read.files, hash: plan.hash }
    : { kind: "refused", diagnostics: read.diagnostics };
}

function unread(name: string, file: FileText): readonly Diagnostic[] {
  if (file.kind === "refused") return [file.problem];
  if (file.kind === "read") return [];
  const shown = `${migrationsFolder}/${name}`;
  const hint = "`moose generate migration --save` writes it beside plan.yaml; commit both";
  return [problemOf("migrations/missing-file", shown, `${shown} is missing`, hint)];
}

/** The same of texts that are there already. Large ones take a while: between them the process gets to its other work. */
export async function readPlanTexts(texts: {
  readonly plan: string;
  readonly remote: string;
  readonly local: string;
}): Promise<{ readonly files: PlanFiles } | { readonly diagnostics: readonly Diagnostic[] }> {
  const remote = readState(names.remote, texts.remote);
  await nextTurn();
  const local = readState(names.local, texts.local);
  await nextTurn();
  const defaultDatabase = remote.state?.defaultDatabase ?? local.state?.defaultDatabase ?? "local";
  const plan = await readPlanText(texts.plan, defaultDatabase);
  const diagnostics = [...plan.diagnostics, ...remote.diagnostics, ...local.diagnostics];
  if (
    plan.plan === undefined ||
    remote.state === undefined ||
    local.state === undefined ||
    diagnostics.length > 0
  ) {
    return { diagnostics };
  }
  if (local.state.defaultDatabase !== defaultDatabase) {
    const summary = `${names.local} and ${names.remote} are of two databases, ${local.state.defaultDatabase} and ${defaultDatabase}`;
    return {
      diagnostics: [problemOf("migrations/two-databases", `${migrationsFolder}/${names.local}`, summary)],
    };
  }
  const [remoteState, localInfraMap] = [remote.state.map, local.state.map];
  const operations = withKnownSqlResources(plan.plan.operations, remoteState, localInfraMap);
  const files = {
    plan: { ...plan.plan, operations },
    ...{ remoteState, localInfraMap },
    defaultDatabase,
  };
  return { files };
}

function readState(name: string, text: string) {
  const parsed = parseJson(`${migrationsFolder}/${name}`, text);
  if ("problem" in parsed) return { state: undefined, diagnostics: [parsed.problem] };
  const state = readInfraMap(parsed.document.value);
  const diagnostics = placed(parsed.document, state.problems);
  return { state: diagnostics.length === 0 ? state : undefined, diagnostics };
}

async function readPlanText(text: string, defaultDatabase: string) {
  const parsed = parseYaml(`${migrationsFolder}/${names.plan}`, text);
  await nextTurn();
  if ("problem" in parsed) return { plan: undefined, diagnostics: [parsed.problem] };
  const { plan, problems } = readPlan(parsed.document.value, defaultDatabase);
  return { plan, diagnostics: problemsOf(parsed.document, problems) };
}

/** Our own words where we have some; the schema's otherwise. */
function problemsOf(document: ParsedDocument, problems: Parameters<typeof placed>[1]): readonly Diagnostic[] {
  if (problems.length > 0) return placed(document, problems);
  const problem = schemaProblem("plan", document);
  return problem === undefined ? [] : [problem];
}

/**
 * Writes the three files and the schema. Killed in between it leaves no plan rather than one beside a state that is not its own.
 *
 * @param comments - put above operations, by their number from 0
 * @returns problems; with one nothing more was written
 */
export async function writePlanFiles(
  project: string,
  { plan, remoteState, localInfraMap, defaultDatabase }: PlanFiles,
  comments: ReadonlyMap<number, string> = new Map(),
): Promise<readonly Diagnostic[]> {
  const text = planText(plan, defaultDatabase, comments);
  if (Buffer.byteLength(text) > maxPlanBytes)
    return [tooLarge(`${migrationsFolder}/${names.plan}`, maxPlanBytes)];
  await removeMigrationFile(project, names.plan);
  const files: readonly (readonly [string, string, string])[] = [
    [".moose", "migration_schema.json", `${JSON.stringify(migrationSchema, null, 2)}\n`],
    [migrationsFolder, names.remote, infraMapText(remoteState, defaultDatabase)],
    [migrationsFolder, names.local, infraMapText(localInfraMap, defaultDatabase)],
    [migrationsFolder, names.plan, text],
  ];
  for (const [folder, name, content] of files) {
    const problem = await writeProjectFile(project, folder, name, content);
    if (problem !== undefined) return [problem];
  }
  return [];
}
