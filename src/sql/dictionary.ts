// The statements of dictionaries. A definition is all that stands behind the name.

import type { ViewTarget } from "../infra/view.js";
import { qualifiedName, quoteString } from "./quote.js";
import { bracketed, indexOfTopLevel } from "./scan.js";
import { tableReferences } from "./table-references.js";
import { unescaped } from "./unescape.js";

interface Dictionary {
  readonly database: string;
  readonly name: string;
  /** `(k UInt64, v String) PRIMARY KEY k SOURCE(..) LIFETIME(60) LAYOUT(FLAT())` */
  readonly select: string;
}

/** @param uuid - identity of the new dictionary, chosen by the caller */
export function createDictionary(dictionary: Dictionary, uuid?: string): string {
  return `CREATE DICTIONARY ${qualifiedName(dictionary)}${identity(uuid)} ${dictionary.select}`;
}

/** In one step: whoever looks something up finds the old one or the new one. */
export function replaceDictionary(dictionary: Dictionary, uuid?: string): string {
  return `CREATE OR REPLACE DICTIONARY ${qualifiedName(dictionary)}${identity(uuid)} ${dictionary.select}`;
}

export function dropDictionary(dictionary: Omit<Dictionary, "select">): string {
  return `DROP DICTIONARY ${qualifiedName(dictionary)}`;
}

function identity(uuid: string | undefined): string {
  return uuid === undefined ? "" : ` UUID ${quoteString(uuid)}`;
}

/** A statement for the server to print, out of which {@link readDefinition} takes the definition. */
export function definitionCarrier(definition: string): string {
  return `CREATE DICTIONARY d ${definition}`;
}

/** The definition in a statement as the server prints it. */
export function readDefinition(createQuery: string): string {
  const at = indexOfTopLevel(createQuery, " (");
  return at < 0 ? "" : createQuery.slice(at + 1);
}

/** The server does not show the secrets of a source, so they do not count in a comparison. */
export function withoutSecretsOfSource(definition: string): string {
  return definition.replace(/\b(PASSWORD|SECRET_ACCESS_KEY)\s+'(?:\\.|''|[^'\\])*'/gi, "$1 '[HIDDEN]'");
}

/** Tables of ClickHouse that a dictionary is filled from. */
export function dictionarySources(definition: string): readonly Partial<ViewTarget>[] {
  const source = / SOURCE\s*\(\s*CLICKHOUSE\s*\(/i.exec(definition);
  if (source === null) return [];
  const { inside } = bracketed(definition, source.index + source[0].length - 1);
  const given = new Map(
    [...inside.matchAll(/(\w+)\s+'((?:\\.|''|[^'\\])*)'/gs)].map(([, key = "", value = ""]) => [
      key.toUpperCase(),
      unescaped(value.replaceAll("''", "\\'")),
    ]),
  );
  const [database, name, query] = [given.get("DB"), given.get("TABLE"), given.get("QUERY")];
  if (query !== undefined)
    return tableReferences(query).map((one) => ({
      ...(one.database !== undefined && { database: one.database }),
      name: one.name,
    }));
  return name === undefined ? [] : [{ ...(database !== undefined && { database }), name }];
}
