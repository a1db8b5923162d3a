// The ClickHouse that a project works on: the embedded one, started here, or a server that is reached over the network.

import { join } from "node:path";
import { DiagnosticError } from "../../src/diagnostic.js";
import { type ClickHouse, connect } from "../clickhouse/client.js";
import type { Settings } from "../config/settings.js";
import { type EmbeddedClickHouse, startEmbedded } from "../embedded/embedded.js";
import type { EmbeddedEvent } from "../embedded/embedded-event.js";

export interface Server {
  readonly clickhouse: ClickHouse;
  readonly embedded: boolean;
  /** Of the embedded one: who used the data before this moment, in Unix time, has ended. */
  readonly startedMs?: number;
  /** Where the embedded one keeps its data, absolute; moose may have files of its own beside them. */
  readonly dataFolder?: string;
  close(): Promise<void>;
}

/** Folder of a project where moose keeps what can be made again, and the data of the embedded ClickHouse. */
export const workFolder = ".moose";

/**
 * Starts the embedded ClickHouse, or connects to the configured server.
 *
 * @throws DiagnosticError when it cannot be started or reached
 */
export async function openServer(
  settings: Settings,
  onEvent: (event: EmbeddedEvent) => void,
): Promise<Server> {
  const target = settings.clickhouse;
  if (target.kind === "server") {
    const clickhouse = await connect(target, settings.environment);
    return { clickhouse, embedded: false, close: () => clickhouse.close() };
  }
  if (target.database === "default") throw new DiagnosticError([reservedDatabase]);
  const folder = target.dataFolder ?? join(settings.folder, workFolder, "clickhouse");
  const engine = await startEmbedded({ folder, port: target.port, onEvent });
  try {
    const clickhouse = await connect(local(engine.url), settings.environment);
    return embeddedServer(engine, clickhouse, folder);
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

function local(url: string) {
  return { url, user: "default", password: "" };
}

/** The client goes first: it would log the connections that the engine closes. */
function embeddedServer(engine: EmbeddedClickHouse, clickhouse: ClickHouse, dataFolder: string): Server {
  return {
    clickhouse,
    embedded: true,
    startedMs: engine.startedMs,
    dataFolder,
    async close() {
      await clickhouse.close();
      await engine.stop();
    },
  };
}

const reservedDatabase = {
  code: "config/reserved-database",
  severity: "error",
  summary: "the embedded ClickHouse cannot keep tables in the database named default",
  hint: 'choose another name: db_name = "local" under [clickhouse_config]',
} as const;
