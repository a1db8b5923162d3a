// moose migrate of a chain: under one lock, the files that this database has not seen, each as a migration of its own.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { ChainFile, ChainLink } from "../../src/format/chain.js";
import type { OtherOperation } from "../../src/format/operation.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { readTopology, refuseToApply } from "../clickhouse/cluster.js";
import { JournalReader, type JournalRecord } from "../clickhouse/journal.js";
import type { Lock } from "../clickhouse/lock.js";
import { managed, refuseUnrecorded } from "./chain-baseline.js";
import type { AppliedFile, ChainOptions, ChainResult } from "./chain-options.js";
import { driftFromChain, journalId, refuseSeen, type SeenFiles, seenFiles } from "./chain-records.js";
import { migrateAll, mostLooks, underLock } from "./migrate.js";
import type { MigrateResult, Unsure } from "./migrate-result.js";
import { type MigrationSource, topicsLast } from "./migration.js";

/** @throws DiagnosticError when the lock cannot be had, or was lost */
export async function migrateChain(clickhouse: ClickHouse, options: ChainOptions): Promise<ChainResult> {
  const refusal = refuseToApply(await readTopology(clickhouse));
  if (refusal !== undefined) return { state: "refused", diagnostics: [refusal] };
  const files: AppliedFile[] = [];
  for (let looks = 1; ; looks++) {
    const end = await underLock(clickhouse, options, (lock) => applyUnseen(lock, options, files));
    if (end === "done")
      return files.length === 0 ? { state: "already-applied" } : { state: "applied", files };
    // Under another epoch nothing that is still on its way from this one can arrive any more.
    if (end.state === "unsure" && looks < mostLooks) continue;
    if (end.state === "refused" && files.length === 0) return end;
    const operations = end.state === "refused" ? [] : end.operations;
    return { state: "unfinished", files, operations, diagnostics: end.diagnostics };
  }
}

type Stop = Exclude<MigrateResult, { state: "applied" | "already-applied" }> | Unsure;

/** @param applied - is added to */
async function applyUnseen(
  lock: Lock,
  options: ChainOptions,
  applied: AppliedFile[],
): Promise<"done" | Stop> {
  const journal = new JournalReader(lock.clickhouse, options.project);
  const seen = seenFiles(await journal.migrations(), options.links);
  const refused = refuseSeen(options.links, seen);
  if (refused.length > 0) return { state: "refused", diagnostics: refused };
  const unrecorded = await refuseUnrecorded(lock.clickhouse, options, seen);
  if (unrecorded !== undefined) return { state: "refused", diagnostics: [unrecorded] };
  const open = options.links.filter(({ file }) => !seen.applied.has(file.id));
  for (const [index, link] of open.entries()) {
    const edited = await editedAfterBegun(journal, link.file, seen);
    if (edited !== undefined) return { state: "refused", diagnostics: [edited] };
    options.onFile(link.file, index + 1, open.length);
    const mark = index === 0 ? options.mark : undefined;
    const source = sourceOfLink(link);
    const result = await migrateAll(lock, { ...options, source, mark, isOfChain: true });
    if (result.state === "applied") applied.push({ id: link.file.id, operations: result.operations });
    else if (result.state === "already-applied") applied.push({ id: link.file.id, operations: [] });
    else return { ...result, diagnostics: result.diagnostics.map((one) => inChain(one, link.file, seen)) };
  }
  return "done";
}

function sourceOfLink({ file, before, after }: ChainLink): MigrationSource {
  const operations = topicsLast(file.operations);
  return { id: journalId(file), operations, before: managed(before), desired: after };
}

/** The tables can show how far a file has come that was edited, statements cannot: they would be executed twice. */
async function editedAfterBegun(
  journal: JournalReader,
  file: ChainFile,
  { begun }: SeenFiles,
): Promise<Diagnostic | undefined> {
  const hash = begun.get(file.id);
  if (hash === undefined || file.contentHash.startsWith(hash)) return undefined;
  const records = await journal.read(`${file.id}@${hash}`);
  if (!records.some((record) => isStatementSent(record, records))) return undefined;
  return {
    code: "reconcile/edited-begun-migration",
    severity: "error",
    summary: `${file.id} was edited after a run of it had executed statements`,
    place: { file: file.file, line: 1, column: 1 },
    hint: `bring the file back as it was, and run moose migrate again; if the database is as the edited file says, moose migrate --baseline ${file.id} records it`,
  };
}

const statementKinds: ReadonlySet<string> = new Set<OtherOperation["kind"]>([
  "CreateMaterializedView",
  "DropMaterializedView",
  "CreateView",
  "DropView",
  "CreateDictionary",
  "DropDictionary",
  "RawSql",
]);

/** Sent, and not refused by the server. */
function isStatementSent(intent: JournalRecord, records: readonly JournalRecord[]): boolean {
  if (intent.kind !== "intent" || !statementKinds.has(intent.operationKind)) return false;
  return !records.some(
    ({ kind, operation, step, attempt }) =>
      kind === "failed" &&
      operation === intent.operation &&
      step === intent.step &&
      attempt === intent.attempt,
  );
}

function inChain(one: Diagnostic, file: ChainFile, { begun }: SeenFiles): Diagnostic {
  if (one.code !== "reconcile/drift") return one;
  const hash = begun.get(file.id);
  const isEdited = hash !== undefined && !file.contentHash.startsWith(hash);
  const hint = isEdited
    ? `${file.id} was edited after a run of it had begun: bring it back as it was to go on, or put the tables back as they were before it`
    : "put it back as it was, and write what is to change as a migration";
  return driftFromChain(one, `before ${file.id}`, hint);
}
