// Many servers start at once on one database: one does the work, each statement once, and all become ready.

import { expect } from "vitest";
import { connect } from "../../runtime/clickhouse/client.js";
import { inspect } from "../../runtime/clickhouse/inspect.js";
import type { Table } from "../../src/infra/table.js";
import type { LiveEngine } from "../live/live-engine.js";
import { column, table } from "../live/tables.js";
import { WatchingProxy } from "../migrate/watching-proxy.js";
import { openProject } from "./prod-harness.js";

export async function replicaStory(
  engine: LiveEngine,
  {
    replicas,
    rounds,
    tables = 5,
  }: { readonly replicas: number; readonly rounds: number; readonly tables?: number },
): Promise<void> {
  const project = await openProject(engine);
  const proxy = await WatchingProxy.start(engine.url);
  const connectThrough = () => connect({ url: proxy.url, user: "default", password: "" });
  try {
    for (let round = 0; round < rounds; round++) {
      const wanted = Array.from({ length: tables }, (_, index) => tableOf(project.database, index, round));
      proxy.executed.clear();
      const early: string[] = [];
      const servers = Array.from({ length: replicas }, () =>
        project.serve(wanted, { connect: connectThrough, driftIntervalMs: 60_000 }),
      );
      await Promise.all(
        servers.map(async (server) => {
          await server.reaches("ready");
          const found = await inspect(engine.clickhouse, { databases: [project.database] });
          const columns = found.map(
            ({ table: { name, columns: all } }) => `${name}: ${all.map((one) => one.name).join()}`,
          );
          const expected = wanted.map(
            ({ name, columns: all }) => `${name}: ${all.map((one) => one.name).join()}`,
          );
          if (columns.sort().join() !== expected.sort().join()) early.push(columns.join());
        }),
      );
      expect(early, "ready before the schema matched").toEqual([]);
      expect([...proxy.executed].filter(([, times]) => times !== 1)).toEqual([]);
      expect(proxy.executed.size).toBe(tables);
      await Promise.all(servers.map((server) => server.stop()));
    }
  } finally {
    await project.remove();
    await proxy.stop();
  }
}

/** With one more column each round. */
function tableOf(database: string, index: number, round: number): Table {
  const columns = Array.from({ length: round + 1 }, (_, at) => column(`c${at}`, "UInt64"));
  return table(database, columns, { name: `t${index}` });
}
