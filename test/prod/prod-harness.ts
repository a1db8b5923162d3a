// Servers of moose prod on one engine: each with a session of its own, on a schema that the test gives.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../runtime/clickhouse/client.js";
import { readSettings, type Settings } from "../../runtime/config/settings.js";
import type { ProdOptions } from "../../runtime/reconcile/prod/prod-options.js";
import type { ProdState } from "../../runtime/reconcile/prod/prod-state.js";
import { ProdSession } from "../../runtime/reconcile/prod/session.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { inframapHash } from "../../src/infra/inframap-text.js";
import type { Table } from "../../src/infra/table.js";
import type { Phase } from "../../src/status/server-status.js";
import { type LiveEngine, uniqueName } from "../live/live-engine.js";

export interface ProdProject {
  readonly settings: Settings;
  readonly database: string;
  /** A server that starts with this schema. */
  serve(tables: readonly Table[], options?: Partial<ProdOptions> & { readonly builtAtMs?: number }): Served;
  remove(): Promise<void>;
}

export interface Served {
  readonly session: ProdSession;
  readonly states: readonly ProdState[];
  readonly notices: readonly string[];
  /** The first state that is so, from now on. */
  until(isSo: (state: ProdState) => boolean): Promise<ProdState>;
  /** Resolves when the phase is one of these. */
  reaches(...phases: readonly Phase[]): Promise<ProdState>;
  stop(): Promise<void>;
}

/** @param config - lines of moose.config.toml */
export async function openProject(engine: LiveEngine, config = ""): Promise<ProdProject> {
  const name = uniqueName("prod");
  const database = `${name}_db`;
  const folder = mkdtempSync(join(tmpdir(), "moose-prod-test-"));
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app/index.ts"), "export {};\n");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, type: "module" }));
  writeFileSync(join(folder, "moose.config.toml"), config);
  const url = `${engine.url.replace("//", "//default:@")}/${database}`;
  const { settings } = await readSettings({
    folder,
    mode: "prod",
    environment: {},
    overrides: { clickhouseUrl: url },
  });
  const running: Served[] = [];
  return {
    settings,
    database,
    serve(tables, options = {}) {
      const served = serve(settings, engine, tables, options);
      running.push(served);
      return served;
    },
    async remove() {
      await Promise.all(running.map((one) => one.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function serve(
  settings: Settings,
  engine: LiveEngine,
  tables: readonly Table[],
  { builtAtMs, ...rest }: Partial<ProdOptions> & { readonly builtAtMs?: number },
): Served {
  const stop = new AbortController();
  const states: ProdState[] = [];
  const notices: string[] = [];
  const listeners = new Set<(state: ProdState) => void>();
  const map = infraMapOf(tables);
  const session = new ProdSession({
    settings,
    tool: { version: "0.0.0", command: "moose prod" },
    readDesired: async () => ({ desired: { map, hash: inframapHash(map), builtAtMs }, warnings: [] }),
    connect: () => connect({ url: engine.url, user: "default", password: "" }),
    adopt: [],
    driftIntervalMs: 200,
    healDrift: false,
    statementDeadlineMs: 60_000,
    stop: stop.signal,
    onChange(state) {
      states.push(state);
      for (const listener of listeners) listener(state);
    },
    onNotice: (text) => notices.push(text),
    ...rest,
  });
  session.start();
  const until = (isSo: (state: ProdState) => boolean): Promise<ProdState> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const { phase, message, diagnostics } = session.state;
        reject(new Error(`still ${phase}: ${message} ${JSON.stringify(diagnostics)}`));
      }, 25_000);
      const listener = (state: ProdState): void => {
        if (!isSo(state)) return;
        clearTimeout(timer);
        listeners.delete(listener);
        resolve(state);
      };
      listeners.add(listener);
      listener(session.state);
    });
  return {
    ...{ session, states, notices, until },
    reaches: (...phases) => until(({ phase }) => phases.includes(phase)),
    async stop() {
      stop.abort(new Error("stopped"));
      await session.close();
    },
  };
}
