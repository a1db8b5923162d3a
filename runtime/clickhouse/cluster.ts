// Whether one server answers or several: a lock made by names on one server says nothing on another.

import type { Diagnostic } from "../../src/diagnostic.js";
import { type ClickHouse, errorCode } from "./client.js";

export interface Topology {
  /** The names that the server gave itself, over several connections. */
  readonly hosts: readonly string[];
  /** Clusters of more than one host that this server is in. */
  readonly clusters: readonly string[];
  /** Databases whose tables live on several hosts, with their engine. */
  readonly sharedDatabases: readonly { readonly name: string; readonly engine: string }[];
  /** Whether the server knows a Keeper, which a lock over several hosts needs. */
  readonly hasKeeper: boolean;
}

/** Enough to reach each of two hosts behind a balancer with a chance of 99 %. */
const connections = 8;

export async function readTopology(clickhouse: ClickHouse): Promise<Topology> {
  const [hosts, clusters, sharedDatabases, keeper] = await Promise.all([
    Promise.all(Array.from({ length: connections }, () => hostOf(clickhouse))),
    rowsOrNone<{ cluster: string }>(
      clickhouse,
      `SELECT cluster FROM system.clusters WHERE NOT startsWith(host_address, '127.')
       GROUP BY cluster HAVING max(is_local) = 1 AND uniqExact(host_name) > 1 ORDER BY cluster`,
    ),
    rowsOrNone<{ name: string; engine: string }>(
      clickhouse,
      "SELECT name, engine FROM system.databases WHERE engine IN ('Replicated', 'Shared') ORDER BY name",
    ),
    rowsOrNone(clickhouse, "SELECT 1 FROM system.tables WHERE database = 'system' AND name = 'zookeeper'"),
  ]);
  return {
    hosts: [...new Set(hosts)].toSorted(),
    clusters: clusters.map(({ cluster }) => cluster),
    sharedDatabases,
    hasKeeper: keeper.length > 0,
  };
}

/**
 * Why nothing may be applied, or undefined on a single server. A plan can always be made.
 * A lock over Keeper is planned in `src/apply/keeper-lock.ts` and not driven yet, so a Keeper changes only the advice.
 */
export function refuseToApply(topology: Topology): Diagnostic | undefined {
  const { hosts, clusters, sharedDatabases } = topology;
  const evidence = [
    ...(hosts.length > 1 ? [`requests were answered by ${hosts.join(", ")}`] : []),
    ...(clusters.length > 0 ? [`it is in the cluster ${clusters.join(", ")}`] : []),
    ...sharedDatabases.map(({ name, engine }) => `the database ${name} has the engine ${engine}`),
  ];
  if (evidence.length === 0) return undefined;
  return {
    code: "clickhouse/several-hosts",
    severity: "error",
    summary: "this ClickHouse has more than one host; moose plans for it, but does not apply to it",
    detail: evidence.join("\n"),
    hint: topology.hasKeeper
      ? "apply the SQL of the plan by hand; the lock over Keeper, which this needs, is not there yet"
      : "apply the SQL of the plan by hand; without a Keeper two processes on two hosts could apply at once",
  };
}

async function hostOf(clickhouse: ClickHouse): Promise<string> {
  // A view has connections of its own, so a balancer may send each to another host.
  const view = clickhouse.view({});
  try {
    const rows = await view.rows<{ host: string }>("SELECT hostName() AS host");
    return rows[0]?.host ?? "";
  } finally {
    await view.close();
  }
}

const unreadable: ReadonlySet<number> = new Set([47, 60, 497]);

/** A system table that is not there, or that the user may not read, tells nothing. */
async function rowsOrNone<T>(clickhouse: ClickHouse, sql: string): Promise<readonly T[]> {
  try {
    return await clickhouse.rows<T>(sql);
  } catch (error) {
    if (unreadable.has(errorCode(error) ?? 0)) return [];
    throw error;
  }
}
