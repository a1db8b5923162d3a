// A project folder with a chain of migrations, and the databases that take them.

import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { readChain, writeMigrationFile } from "../../runtime/migrations/chain-files.js";
import { baselineChain } from "../../runtime/reconcile/chain-baseline.js";
import { migrateChain } from "../../runtime/reconcile/chain-migrate.js";
import type { ChainOptions, ChainResult } from "../../runtime/reconcile/chain-options.js";
import { planChain } from "../../runtime/reconcile/chain-plan.js";
import type { Diagnostic } from "../../src/diagnostic.js";
import { type FoldedChain, foldChain, nextMigration } from "../../src/format/chain.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import { type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { column, table } from "../live/tables.js";

/** Database that the files name by naming none. */
export interface Environment {
  readonly name: string;
  readonly database: string;
}

export const id = column("id", "UInt64");
export const events = table("local", [id], { name: "events" });
export const users = table("local", [id], { name: "users" });
/** The table with more columns, all of them texts. */
export const withColumns = (of: typeof events, ...names: readonly string[]) => ({
  ...of,
  columns: [...of.columns, ...names.map((name) => column(name, "String"))],
});

export const addColumnA: MigrationOperation = {
  kind: "AddTableColumn",
  table: { database: "local", name: "events" },
  column: column("a", "String"),
  afterColumn: "id",
};

let minutes = 0;
let runs = 0;

export class ChainProject {
  readonly folder = mkdtempSync(join(tmpdir(), "moose-chain-"));

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Another checkout of the same files. */
  branch(): ChainProject {
    const other = new ChainProject();
    cpSync(this.folder, other.folder, { recursive: true });
    return other;
  }

  /** Takes the files that the other has and this has not. */
  merge(other: ChainProject): void {
    cpSync(other.folder, this.folder, { recursive: true });
  }

  path(id: string): string {
    return join(this.folder, "migrations", `${id}.yaml`);
  }

  get files(): readonly string[] {
    return readdirSync(join(this.folder, "migrations")).sort();
  }

  async fold(database = "local"): Promise<FoldedChain> {
    const { files, diagnostics } = await readChain(this.folder, database);
    if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
    return foldChain(files, database);
  }

  /** The file that brings the chain to these tables; they are of the database `local`. Gives its id. */
  async generate(name: string, ...tables: readonly Table[]): Promise<string> {
    return this.generateFor(name, infraMapOf(tables));
  }

  async generateFor(name: string, code: InfraMap): Promise<string> {
    const { map } = await this.fold();
    const { operations, lifeCycles, diagnostics } = await planChain(map, code, undefined);
    if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
    return this.write(name, operations, lifeCycles);
  }

  async write(
    name: string,
    operations: readonly MigrationOperation[],
    lifeCycles: Parameters<typeof nextMigration>[2]["lifeCycles"] = undefined,
  ): Promise<string> {
    const { files, map } = await this.fold();
    minutes += 1;
    const createdAt = new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();
    const migration = nextMigration(files, map, {
      ...{ operations, lifeCycles, name, createdAt },
      defaultDatabase: "local",
    });
    await writeMigrationFile(this.folder, migration, "local");
    return migration.id;
  }

  async migrate(
    clickhouse: ClickHouse,
    environment: Environment,
    more: Partial<ChainOptions> = {},
  ): Promise<ChainResult> {
    return migrateChain(clickhouse, { ...(await this.#options(environment)), ...more });
  }

  async baseline(
    clickhouse: ClickHouse,
    environment: Environment,
    id: string,
    more: Partial<ChainOptions> = {},
  ): Promise<ChainResult> {
    return baselineChain(clickhouse, { ...(await this.#options(environment)), ...more, id });
  }

  async #options({ name, database }: Environment): Promise<ChainOptions> {
    runs += 1;
    const { links, problems } = await this.fold(database);
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    const id = `chain-${process.pid}-${runs}`;
    return {
      ...{ project: name, database },
      links,
      owner: { id, host: hostname(), pid: process.pid, command: "moose migrate" },
      who: "tester",
      toolVersion: "0.0.0",
      lockTimeoutMs: 60_000,
      statementDeadlineMs: 60_000,
      repair: false,
      mark: undefined,
      stop: new AbortController().signal,
      onEvent: () => {},
      onFile: () => {},
    };
  }
}

/** Ids of the files that a run has applied. */
export function appliedIds(result: ChainResult): readonly string[] {
  return "files" in result ? result.files.map(({ id }) => id) : [];
}

/** What a person reads of diagnostics. */
export function told(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, summary, detail, hint }) =>
    [`${code}: ${summary}`, ...(detail === undefined ? [] : [detail]), `-> ${hint}`].join("\n"),
  );
}

export function toldBy(result: ChainResult): readonly string[] {
  return "diagnostics" in result ? told(result.diagnostics) : [];
}

export async function columnsOf(
  clickhouse: ClickHouse,
  { database }: Environment,
  name: string,
): Promise<readonly string[]> {
  const rows = await clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.columns WHERE database = {database:String} AND table = {name:String} ORDER BY position",
    { database, name },
  );
  return rows.map((row) => row.name);
}
