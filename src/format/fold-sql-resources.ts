// The SQL resources of an InfraMap after statements that set one up or tear it down.

import type { InfraMap } from "../infra/inframap.js";
import { infraMapOf } from "../infra/inframap.js";
import { type SqlResource, setupHash, sqlResourceAddress } from "../infra/sql-resource.js";
import type { MigrationOperation } from "./operation.js";

type RawSql = Extract<MigrationOperation, { kind: "RawSql" }>;

/** Other statements of the user's own leave the map as it is, whatever they do. */
export function foldSqlResource(map: InfraMap, { sql, resource }: RawSql): InfraMap {
  if (resource === undefined) return map;
  const address = sqlResourceAddress(resource.name);
  const others = [...map.sqlResources.values()].filter(({ name }) => name !== resource.name);
  if (resource.does === "teardown")
    return { ...map, sqlResources: infraMapOf([], [], [], others).sqlResources };
  const { does: _, setupHash: whole, ...rest } = resource;
  const known = map.sqlResources.get(address);
  const setup = whole !== undefined && known !== undefined ? known.setup : sql;
  const made: SqlResource = { ...rest, setup, setupHash: whole ?? setupHash(sql) };
  return { ...map, sqlResources: infraMapOf([], [], [], [...others, made]).sqlResources };
}
