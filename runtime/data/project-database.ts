// The ClickHouse of a project, for programs that use the library: found by the settings of moose.

import { join } from "node:path";
import { type ClickHouseClient, createClient } from "@clickhouse/client";
import type { DatabasePort, QueryResult } from "../../src/declare/query-port.js";
import { DiagnosticError, hasErrors } from "../../src/diagnostic.js";
import { readSettings, type Settings } from "../config/settings.js";
import { findEmbedded } from "../embedded/embedded.js";
import { workFolder } from "../reconcile/server.js";

let opened: Promise<DatabasePort> | undefined;

/** One connection a process; a failure is not remembered. */
export function projectDatabase(): Promise<DatabasePort> {
  opened ??= open().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function open(): Promise<DatabasePort> {
  const folder = process.cwd();
  const { settings, diagnostics } = await readSettings({
    folder,
    mode: process.env.NODE_ENV === "production" ? "prod" : "dev",
    environment: process.env,
    overrides: { clickhouseUrl: undefined, json: undefined },
  });
  const problems = diagnostics.filter(({ code }) => code !== "config/no-entry");
  if (hasErrors(problems)) throw new DiagnosticError(problems);
  return portOf(await clientFor(settings));
}

async function clientFor(settings: Settings): Promise<ClickHouseClient> {
  const target = settings.clickhouse;
  const options = { application: "moose", database: target.database, log: { level: 127 as const } };
  if (target.kind === "server")
    return createClient({ ...options, url: target.url, username: target.user, password: target.password });
  const folder = target.dataFolder ?? join(settings.folder, workFolder, "clickhouse");
  const running = await findEmbedded(folder);
  if (running === undefined) throw new DiagnosticError([notRunning]);
  return createClient({ ...options, url: running.url, username: "default", password: "" });
}

const notRunning = {
  code: "data/no-database",
  severity: "error",
  summary: "the embedded ClickHouse of this project does not run",
  hint: "start moose dev, or set MOOSE_CLICKHOUSE_CONFIG__HOST and the like to a server",
} as const;

function portOf(client: ClickHouseClient): DatabasePort {
  return {
    async query<T>(query: string, params: Readonly<Record<string, unknown>>): Promise<QueryResult<T>> {
      const answer = await client.query({ query, query_params: { ...params }, format: "JSONEachRow" });
      return { json: () => answer.json<T>(), text: () => answer.text() };
    },
    async command(query, params) {
      await client.command({ query, query_params: { ...params } });
    },
    async insert(table, rows) {
      await client.insert({
        table,
        values: [...rows],
        format: "JSONEachRow",
        clickhouse_settings: { date_time_input_format: "best_effort" },
      });
    },
  };
}
