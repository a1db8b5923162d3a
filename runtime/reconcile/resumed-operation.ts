// What is left of an operation that an earlier run was in the middle of when it ended.

import type { Operation, Step } from "../../src/plan/operation.js";

/**
 * An index or a projection is seen as soon as it is declared, built for the rows that are there or not. So whoever goes
 * on builds all those again that belong to the operation.
 *
 * @param whole - the operation from its beginning
 * @param left - by what is seen
 */
export function resumed(whole: readonly Operation[], left: readonly Operation[]): readonly Operation[] {
  const last = left.at(-1);
  if (last === undefined)
    return whole.flatMap((operation) => {
      const steps = operation.steps.filter(isBuilding);
      return steps.length === 0 ? [] : [{ ...operation, steps }];
    });
  const known = new Set(left.flatMap(({ steps }) => steps.map(({ sql }) => sql)));
  const missing = whole
    .flatMap(({ steps }) => steps)
    .filter((step) => isBuilding(step) && !known.has(step.sql));
  return [...left.slice(0, -1), { ...last, steps: [...last.steps, ...missing] }];
}

function isBuilding({ sql }: Step): boolean {
  return / MATERIALIZE (INDEX|PROJECTION) /.test(sql);
}
