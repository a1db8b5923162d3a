// A project with migration files on an embedded engine: what the commands do, as functions.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { readPlanFile } from "../../runtime/migrations/plan-files.js";
import { planFileProblems } from "../../runtime/reconcile/agreement.js";
import {
  type GeneratedMigration,
  generateMigration,
  saveMigration,
} from "../../runtime/reconcile/generate.js";
import { migrate } from "../../runtime/reconcile/migrate.js";
import type { MigrateResult } from "../../runtime/reconcile/migrate-result.js";
import { sourceOf } from "../../runtime/reconcile/migration.js";
import { type ProjectPlan, planProject } from "../../runtime/reconcile/plan-project.js";
import type { IgnoredDifference } from "../../src/diff/ignored-differences.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { SqlResource } from "../../src/infra/sql-resource.js";
import type { Table } from "../../src/infra/table.js";
import type { View } from "../../src/infra/view.js";
import { uniqueName } from "../live/live-engine.js";

let runs = 0;

export type PlanFile = "plan.yaml" | "remote_state.json" | "local_infra_map.json";

export class FlowProject {
  readonly folder = mkdtempSync(join(tmpdir(), "moose-flow-"));
  readonly name: string;
  readonly database: string;
  readonly clickhouse: ClickHouse;
  /** What the code declares. */
  code: readonly Table[] = [];
  views: readonly View[] = [];
  sqlResources: readonly SqlResource[] = [];
  /** As `migration_config.ignore_operations`. */
  ignored: readonly IgnoredDifference[] = [];

  constructor(clickhouse: ClickHouse, database?: string) {
    this.clickhouse = clickhouse;
    this.name = uniqueName("f");
    this.database = database ?? `${this.name}_db`;
  }

  plan(
    adopt: readonly string[] = [],
    renames: ProjectPlan["report"]["renames"] = [],
    through = this.clickhouse,
  ): Promise<ProjectPlan> {
    const { name: project, database } = this;
    return planProject(
      through,
      { map: infraMapOf(this.code, this.views, [], this.sqlResources), diagnostics: [] },
      { project, database, adopt, renames, ignored: this.ignored },
    );
  }

  /** Plans and writes the files; guessed renames are done as such. */
  async generate(adopt: readonly string[] = []): Promise<GeneratedMigration> {
    const first = await this.plan(adopt);
    const { renames } = first.report;
    const plan = renames.length === 0 ? first : await this.plan(adopt, renames);
    const createdAt = new Date().toISOString();
    const generated = generateMigration(plan, { createdAt, database: this.database, renames });
    const problems = await saveMigration(this.folder, generated);
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    return generated;
  }

  async migrate({ withCode = true } = {}): Promise<MigrateResult> {
    const read = await readPlanFile(this.folder);
    if (read.kind !== "read")
      return { state: "refused", diagnostics: read.kind === "refused" ? read.diagnostics : [] };
    const { files } = read;
    const code = withCode ? infraMapOf(this.code, this.views, [], this.sqlResources) : undefined;
    const problems = await planFileProblems(this.clickhouse, this.name, files, code, this.ignored);
    if (problems.length > 0) return { state: "refused", diagnostics: problems };
    runs += 1;
    return migrate(this.clickhouse, {
      project: this.name,
      database: this.database,
      source: sourceOf(files.plan.operations, files.remoteState, files.localInfraMap),
      owner: {
        id: `flow-${process.pid}-${runs}`,
        host: hostname(),
        pid: process.pid,
        command: "moose migrate",
      },
      who: "tester",
      toolVersion: "0.0.0",
      lockTimeoutMs: 60_000,
      statementDeadlineMs: 60_000,
      repair: false,
      mark: undefined,
      stop: new AbortController().signal,
      onEvent: () => {},
    });
  }

  /** Generates and applies what the code declares. */
  async bring(code: readonly Table[], adopt: readonly string[] = []): Promise<MigrateResult> {
    this.code = code;
    await this.generate(adopt);
    return this.migrate();
  }

  read(file: PlanFile): string {
    return readFileSync(join(this.folder, "migrations", file), "utf8");
  }

  write(file: PlanFile, text: string): void {
    writeFileSync(join(this.folder, "migrations", file), text);
  }

  edit(file: PlanFile, from: string, to: string): void {
    const before = this.read(file);
    if (!before.includes(from)) throw new Error(`${file} has no ${from}:\n${before}`);
    this.write(file, before.replace(from, to));
  }

  /** All that a migration could change of the database, as text. */
  async picture(): Promise<string> {
    const rows = await this.clickhouse.rows<Record<string, unknown>>(
      "SELECT name, uuid, create_table_query, total_rows FROM system.tables WHERE database = {database:String} ORDER BY name",
      { database: this.database },
    );
    return JSON.stringify(rows);
  }

  async remove(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    const rows = await this.clickhouse.rows<{ name: string }>(
      "SELECT name FROM system.databases WHERE name = {database:String} OR startsWith(name, {state:String})",
      { database: this.database, state: `_moose_${this.name}_` },
    );
    for (const { name } of rows) await this.clickhouse.command(`DROP DATABASE IF EXISTS ${name} SYNC`);
  }
}

/** `code: summary` and the detail of a refusal; empty for other ends. */
export function refusal(result: MigrateResult): string {
  if (!("diagnostics" in result)) return "";
  return result.diagnostics
    .map(({ code, summary, detail, hint }) =>
      [`${code}: ${summary}`, detail, hint].filter(Boolean).join("\n"),
    )
    .join("\n");
}
