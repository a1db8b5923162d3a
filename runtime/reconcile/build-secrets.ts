// Takes secrets out of a map before it is written into a file that becomes part of an image.

import type { Address } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import type { SqlResource } from "../../src/infra/sql-resource.js";
import type { Table } from "../../src/infra/table.js";
import { topicAddress } from "../../src/infra/topic.js";
import type { View } from "../../src/infra/view.js";
import { withoutSecret, withoutSecrets } from "../../src/sql/engine.js";
import { hidden } from "../log/hidden.js";
import { redact } from "../log/redact.js";

/** Shorter ones are looked for where secrets belong alone: they would be found in names of tables. */
const minSecretLength = 8;

export interface WithoutSecrets {
  readonly map: InfraMap;
  /** What the map does not tell as it is any more; sorted. */
  readonly incomplete: readonly Address[];
}

/**
 * Code may have a secret from the environment or spell it out; nobody can tell the two apart, and neither is kept.
 *
 * @param secrets - texts that are hidden wherever they stand, such as the passwords among the variables
 */
export function mapWithoutSecrets(map: InfraMap, secrets: readonly string[]): WithoutSecrets {
  const known = secrets.filter(({ length }) => length >= minSecretLength);
  const incomplete: Address[] = [];
  const section = <T>(
    objects: ReadonlyMap<string, T>,
    hide: (one: T) => T,
    addressOf: (key: string) => Address,
  ): ReadonlyMap<string, T> =>
    new Map(
      [...objects].map(([key, one]) => {
        const text = JSON.stringify(one);
        const masked: T = JSON.parse(JSON.stringify(hide(one)), (_, value: unknown) =>
          typeof value === "string" ? withoutKnown(value, known) : value,
        );
        if (JSON.stringify(masked) === text) return [key, one];
        incomplete.push(addressOf(key));
        return [key, masked];
      }),
    );
  const itself = (address: string): Address => address;
  const without: InfraMap = {
    tables: section(map.tables, (table) => hideInTable(table, secrets), itself),
    views: section(map.views, (view) => hideInView(view, secrets), itself),
    topics: section(map.topics, (topic) => topic, topicAddress),
    sqlResources: section(map.sqlResources, (resource) => hideInSqlResource(resource, secrets), itself),
  };
  return { map: without, incomplete: incomplete.sort() };
}

function withoutKnown(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, hidden), text);
}

function hideInTable(table: Table, secrets: readonly string[]): Table {
  const settings = Object.entries(table.settings).map(([name, value]) => [
    name,
    redact(withoutSecret(name, value), secrets),
  ]);
  return {
    ...table,
    engine: redact(withoutSecrets(table.engine), secrets),
    settings: Object.fromEntries(settings),
  };
}

function hideInSqlResource(resource: SqlResource, secrets: readonly string[]): SqlResource {
  const hide = (statements: readonly string[]) => statements.map((sql) => redact(sql, secrets));
  return { ...resource, setup: hide(resource.setup), teardown: hide(resource.teardown) };
}

/** A query may read from an object store or another server. */
function hideInView(view: View, secrets: readonly string[]): View {
  return { ...view, select: redact(view.select, secrets) };
}
