// SqlResource: statements of the user's own, run when they appear in code or change, and others that undo them.

import { declarationBrand, register } from "./registry.js";
import { queryText, type Sql, sqlName } from "./sql.js";
import type { ReadSource } from "./view.js";

/**
 * Declares what no other class can: a function, a named collection, a user. `setup` is run once; when it changes, the
 * old `teardown` is run and then the new `setup`; when the resource leaves the code, its last `teardown` is run. What
 * the statements have made is not looked at: what somebody else changes of it goes unseen.
 *
 * @param name - unique among the SQL resources of the project
 * @param setup - statements, one a text. A name without a database in them is in that of the project
 * @param teardown - statements that take it back
 * @throws TypeError when the name is missing or a list is none
 *
 * @example
 * const half = new SqlResource("half", ["CREATE FUNCTION half AS (x) -> x / 2"], ["DROP FUNCTION half"]);
 */
export class SqlResource {
  static readonly [declarationBrand] = true;
  readonly kind = "SqlResource";
  readonly name: string;
  readonly setup: readonly string[];
  readonly teardown: readonly string[];
  /** What it reads and writes: those are made before it is set up, and go after it was torn down. */
  readonly pullsDataFrom: readonly ReadSource[];
  readonly pushesDataTo: readonly ReadSource[];

  constructor(
    name: string,
    setup: readonly (string | Sql)[],
    teardown: readonly (string | Sql)[],
    options: {
      readonly pullsDataFrom?: readonly ReadSource[];
      readonly pushesDataTo?: readonly ReadSource[];
    } = {},
  ) {
    if (typeof name !== "string" || name === "" || !Array.isArray(setup) || !Array.isArray(teardown))
      throw new TypeError(
        'SqlResource needs a name and two lists: new SqlResource("half", ["CREATE .."], ["DROP .."])',
      );
    this.name = name;
    this.setup = setup.map(queryText);
    this.teardown = teardown.map(queryText);
    this.pullsDataFrom = options.pullsDataFrom ?? [];
    this.pushesDataTo = options.pushesDataTo ?? [];
    const { setup: setupTexts, teardown: teardownTexts, pullsDataFrom, pushesDataTo } = this;
    const lineage = {
      pullsDataFrom: pullsDataFrom.map(nameOf),
      pushesDataTo: pushesDataTo.map(nameOf),
    };
    const config = { setup: setupTexts, teardown: teardownTexts, ...lineage };
    register({ kind: "SqlResource", name, config }, this);
  }
}

/** As it stands in a query, with the version that a table has in its name. */
function nameOf(source: ReadSource): string {
  const named = source as { readonly [sqlName]?: unknown };
  const text = named[sqlName];
  return typeof text === "string" ? text : source.name;
}
