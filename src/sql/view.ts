// The statements of views.

import { qualifiedName } from "./quote.js";

interface Name {
  readonly database: string;
  readonly name: string;
}

/** Without `IF NOT EXISTS`, which would hide another view of that name. */
export function createView(view: Name, select: string): string {
  return `CREATE VIEW ${qualifiedName(view)} AS ${select}`;
}

export function createMaterializedView(view: Name, target: Name, select: string): string {
  return `CREATE MATERIALIZED VIEW ${qualifiedName(view)} TO ${qualifiedName(target)} AS ${select}`;
}

/** For both kinds of view. */
export function dropView(view: Name): string {
  return `DROP VIEW ${qualifiedName(view)}`;
}
