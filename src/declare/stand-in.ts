// What runs in development for a table whose engine needs more than the one embedded server: a Keeper, a cluster, a store.

import type { Diagnostic } from "../diagnostic.js";
import type { Table } from "../infra/table.js";
import { engineName, isReplicated, plainEngine } from "../sql/engine.js";
import { quoteString } from "../sql/quote.js";
import { readType } from "../sql/type-tree.js";
import type { DesiredTable } from "./desired-table.js";

/** The table as the embedded ClickHouse can have it, and a notice where that is another one than the code declares. */
export function withStandIn({ table, diagnostics }: DesiredTable): DesiredTable {
  if (table === undefined) return { table, diagnostics };
  const { engine, why, plain } = standIn(table);
  const { cluster, ...here } = table;
  if (why === undefined && cluster === undefined) return { table, diagnostics };
  const reasons = [
    ...(why === undefined ? [] : [`${engineName(table.engine)} ${why}, so ${engine} stands in for it`]),
    ...(cluster === undefined ? [] : [`there is no cluster ${cluster}, so it is made on this one server`]),
  ];
  const notice: Diagnostic = {
    code: "declare/stand-in",
    severity: "notice",
    summary: `table ${table.name} is another one in the embedded ClickHouse: ${reasons.join("; ")}`,
    place: table.place,
  };
  const bare = plain ? { orderBy: "", primaryKey: "", partitionBy: "", settings: {} } : {};
  return { table: { ...here, ...bare, engine }, diagnostics: [...diagnostics, notice] };
}

interface StandIn {
  readonly engine: string;
  /** Undefined where the engine itself runs. */
  readonly why: string | undefined;
  /** Whether it has neither keys nor settings. */
  readonly plain: boolean;
}

function standIn({ engine }: Table): StandIn {
  if (isReplicated(engine)) return { engine: plainEngine(engine), why: "needs a Keeper", plain: false };
  switch (engineName(engine)) {
    case "GraphiteMergeTree":
      return { engine: "MergeTree", why: "needs a section of the server's configuration", plain: false };
    case "S3Queue":
      return { engine: "Null", why: "needs a Keeper", plain: true };
    case "IcebergS3":
      return { engine: "Null", why: "needs the object store to be made", plain: true };
    case "Distributed":
      return { engine: readsTarget(engine), why: "needs a cluster", plain: true };
    default:
      return { engine, why: undefined, plain: false };
  }
}

/** Reads the table that a Distributed one leads to, on this server; it cannot be written to. */
function readsTarget(engine: string): string {
  const [, database = "''", table = "''"] = readType(engine).args;
  const name = table.slice(1, -1).replace(/[^\w]/g, "\\$&");
  return `Merge(${database}, ${quoteString(`^${name}$`)})`;
}
