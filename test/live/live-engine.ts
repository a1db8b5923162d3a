// One embedded engine for a test file, and fresh projects on it: each with a database and a state of its own.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, connect } from "../../runtime/clickhouse/client.js";
import { inspect } from "../../runtime/clickhouse/inspect.js";
import { startEmbedded } from "../../runtime/embedded/embedded.js";
import { Reconciler } from "../../runtime/reconcile/reconcile.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { quoteIdentifier } from "../../src/sql/quote.js";
import type { RoundReport } from "../../src/status/report.js";

export interface LiveEngine {
  readonly clickhouse: ClickHouse;
  readonly url: string;
  /** A new database and a moose project that knows nothing yet. */
  newProject(adopt?: readonly string[]): Promise<LiveProject>;
  stop(): Promise<void>;
}

export interface LiveProject {
  readonly name: string;
  readonly database: string;
  readonly reconciler: Reconciler;
  round(tables: readonly Table[]): Promise<RoundReport>;
  /** The same project as another run of moose sees it, with nothing kept in memory. */
  reopened(adopt?: readonly string[], clickhouse?: ClickHouse): Promise<LiveProject>;
  table(name: string): Promise<Table | undefined>;
  /** Drops the databases of the project. */
  remove(): Promise<void>;
}

export async function startLive(): Promise<LiveEngine> {
  const folder = mkdtempSync(join(tmpdir(), "moose-live-test-"));
  const engine = await startEmbedded({ folder, port: 0, onEvent: () => undefined });
  const clickhouse = await connect({ url: engine.url, user: "default", password: "" });
  return {
    clickhouse,
    url: engine.url,
    newProject: (adopt = []) => openProject(clickhouse, uniqueName("p"), adopt),
    async stop() {
      await clickhouse.close();
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openProject(
  clickhouse: ClickHouse,
  name: string,
  adopt: readonly string[],
): Promise<LiveProject> {
  const database = `${name}_db`;
  await clickhouse.command(`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)}`);
  const reconciler = await Reconciler.open(clickhouse, { project: name, database, adopt });
  return {
    name,
    database,
    reconciler,
    round: (tables) => reconciler.reconcile(infraMapOf(tables)),
    reopened: (again = [], through = clickhouse) => openProject(through, name, again),
    async table(wanted) {
      return (await inspect(clickhouse, { databases: [database], names: [wanted] }))[0]?.table;
    },
    async remove() {
      for (const gone of [database, `_moose_${name}_e1`])
        await clickhouse.command(`DROP DATABASE IF EXISTS ${quoteIdentifier(gone)} SYNC`);
    },
  };
}

export function uniqueName(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
}
