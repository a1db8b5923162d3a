// The statements of dictionaries. A definition is all that stands behind the name.

import type { ViewTarget } from "../infra/view.js";
import { qualifiedName, quoteString } from "./quote.js";
import { isMarker } from "./runtime-variable.js";
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
  return definition.replace(
    /\b(PASSWORD|SECRET_ACCESS_KEY)\s+('(?:\\.|''|[^'\\])*')/gi,
    (whole, clause: string, value: string) => (isMarker(value) ? whole : `${clause} '[HIDDEN]'`),
  );
}

const option = /\b([A-Z_]+) ('(?:\\.|''|[^'\\])*')/g;

/**
 * `found` with the markers of `wanted` in the place of what they stand for, so that no value of a variable is shown;
 * options that cannot be matched are hidden.
 */
export function underMarkersOfSource(found: string, wanted: string): string {
  const [marked, before] = [optionsByName(wanted), optionsByName(found)];
  const seen = new Map<string, number>();
  return found.replace(option, (whole, name: string) => {
    const index = seen.get(name) ?? 0;
    seen.set(name, index + 1);
    const values = marked.get(name) ?? [];
    if (!values.some(isMarker)) return whole;
    if (values.length !== before.get(name)?.length) return `${name} '[HIDDEN]'`;
    const value = values[index] ?? "";
    return isMarker(value) ? `${name} ${value}` : whole;
  });
}

function optionsByName(definition: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [, name = "", value = ""] of definition.matchAll(option)) {
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  }
  return found;
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
