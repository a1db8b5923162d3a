// The statements of views.

import type { View, ViewTarget } from "../infra/view.js";
import { qualifiedName, quoteString } from "./quote.js";
import { bracketed, indexOfTopLevel } from "./scan.js";
import { tableReferences, withDatabase } from "./table-references.js";

interface Name {
  readonly database: string;
  readonly name: string;
}

type PlainView = Name & Pick<View, "select">;
type MaterializedView = PlainView & {
  readonly target: ViewTarget;
  readonly refresh: string;
};

/**
 * Without `IF NOT EXISTS`, which would hide another view of that name.
 *
 * @param uuid - identity of the new view, chosen by the caller so that it can tell its own from another's
 */
export function createView(view: PlainView, uuid?: string): string {
  return `CREATE VIEW ${qualifiedName(view)}${identity(uuid)} AS ${fullSelect(view)}`;
}

/** In one step: whoever reads the view finds the old one or the new one. */
export function replaceView(view: PlainView, uuid?: string): string {
  return `CREATE OR REPLACE VIEW ${qualifiedName(view)}${identity(uuid)} AS ${fullSelect(view)}`;
}

export function createMaterializedView(view: MaterializedView, uuid?: string): string {
  const refresh = view.refresh === "" ? "" : ` REFRESH ${view.refresh}`;
  return `CREATE MATERIALIZED VIEW ${qualifiedName(view)}${identity(uuid)}${refresh} TO ${qualifiedName(view.target)} AS ${fullSelect(view)}`;
}

/** Of a materialized view; no insert is missed. */
export function modifyQuery(view: PlainView): string {
  return `ALTER TABLE ${qualifiedName(view)} MODIFY QUERY ${fullSelect(view)}`;
}

export function modifyRefresh(view: Name & Pick<View, "refresh">): string {
  return `ALTER TABLE ${qualifiedName(view)} MODIFY REFRESH ${view.refresh}`;
}

/** For both kinds of view. */
export function dropView(view: Name): string {
  return `DROP VIEW ${qualifiedName(view)}`;
}

function identity(uuid: string | undefined): string {
  return uuid === undefined ? "" : ` UUID ${quoteString(uuid)}`;
}

/** A statement may be sent while another database is the current one. */
function fullSelect({ select, database }: PlainView): string {
  return withDatabase(select, database);
}

/** What only `create_table_query` tells of a materialized view. */
export interface PrintedView {
  readonly target: ViewTarget | undefined;
  readonly refresh: string;
}

/** `CREATE MATERIALIZED VIEW d.v REFRESH EVERY 1 HOUR APPEND TO d.t (..) AS SELECT ..` */
export function readPrintedView(createQuery: string): PrintedView {
  const as = indexOfTopLevel(createQuery, " AS ");
  const head = createQuery.slice(0, as < 0 ? createQuery.length : as);
  const to = indexOfTopLevel(head, " TO ");
  const columns = indexOfTopLevel(head, " (");
  const refresh = indexOfTopLevel(head, " REFRESH ");
  const ends = [to, columns, indexOfTopLevel(head, " ENGINE "), indexOfTopLevel(head, " DEFINER ")];
  const end = Math.min(...ends.filter((at) => at > refresh), head.length);
  return {
    target: to < 0 ? undefined : readTarget(head.slice(to + " TO ".length)),
    refresh: refresh < 0 ? "" : head.slice(refresh + " REFRESH ".length, end).trim(),
  };
}

/** The server names the database always. */
function readTarget(text: string): ViewTarget | undefined {
  const [target] = tableReferences(`FROM ${text}`);
  return target?.database === undefined ? undefined : { database: target.database, name: target.name };
}

/** The REFRESH clause as the server prints it, out of the statement of {@link refreshCarrier}. */
export function readRefresh(formatted: string): string {
  return readPrintedView(formatted).refresh;
}

export function refreshCarrier(refresh: string): string {
  return `CREATE MATERIALIZED VIEW v REFRESH ${refresh} TO t AS SELECT 1`;
}

/** APPEND cannot be added or taken away later. */
export function isAppending(refresh: string): boolean {
  return / APPEND\b/i.test(bracketless(refresh));
}

function bracketless(text: string): string {
  const open = text.indexOf("(");
  return open < 0 ? text : text.slice(0, open) + bracketless(text.slice(bracketed(text, open).end));
}
