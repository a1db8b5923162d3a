// Statements of a plan of the existing tool, which does not say that they are those of a SQL resource.

import type { InfraMap } from "../infra/inframap.js";
import type { SqlResource } from "../infra/sql-resource.js";
import type { MigrationOperation } from "./operation.js";

/**
 * Told by the statements: those of a setup that the code declares, or of a teardown of what there was before.
 *
 * @param before - what the plan starts from
 * @param code - what it was made for
 */
export function withKnownSqlResources(
  operations: readonly MigrationOperation[],
  before: InfraMap,
  code: InfraMap,
): readonly MigrationOperation[] {
  return operations.map((operation) => {
    if (operation.kind !== "RawSql" || operation.resource !== undefined || operation.sql.length === 0)
      return operation;
    const find = (map: InfraMap, statementsOf: (one: SqlResource) => readonly string[]) =>
      [...map.sqlResources.values()].find((one) => isSame(statementsOf(one), operation.sql));
    const setUp = find(code, ({ setup }) => setup);
    if (setUp !== undefined) {
      const { setup: _, setupHash: __, place: ___, unfinished: ____, ...rest } = setUp;
      return { ...operation, resource: { does: "setup", setupHash: undefined, ...rest } };
    }
    const tornDown = find(before, ({ teardown }) => teardown);
    if (tornDown === undefined) return operation;
    return { ...operation, resource: { does: "teardown", name: tornDown.name } };
  });
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
