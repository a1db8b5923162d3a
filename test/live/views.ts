// Short ways to write views in tests.

import { LifeCycle } from "../../src/infra/lifecycle.js";
import type { View } from "../../src/infra/view.js";

export function view(database: string, name: string, select: string, rest: Partial<View> = {}): View {
  return {
    kind: "View",
    database,
    name,
    select,
    target: undefined,
    refresh: "",
    columns: undefined,
    lifeCycle: LifeCycle.FULLY_MANAGED,
    ...rest,
  };
}

/** One that follows the inserts and writes to `target` in the same database. */
export function materialized(
  database: string,
  name: string,
  target: string,
  select: string,
  rest: Partial<View> = {},
): View {
  return view(database, name, select, {
    kind: "MaterializedView",
    target: { database, name: target },
    ...rest,
  });
}
