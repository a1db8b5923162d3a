// The declared SQL resources become those of the model.

import type { Diagnostic } from "../diagnostic.js";
import { type SqlResource, setupHash } from "../infra/sql-resource.js";
import { describePlace, placeOf } from "./place.js";
import type { Registration } from "./registration.js";

export interface DesiredSqlResources {
  readonly sqlResources: readonly SqlResource[];
  readonly diagnostics: readonly Diagnostic[];
}

/** @param database - of the project: where names without one are looked for */
export function desiredSqlResources(
  registrations: readonly Registration[],
  database: string,
): DesiredSqlResources {
  const found = new Map<string, SqlResource>();
  const diagnostics: Diagnostic[] = [];
  for (const registration of registrations) {
    if (registration.kind !== "SqlResource") continue;
    const resource = read(registration, database);
    const earlier = found.get(resource.name);
    if (earlier === undefined) found.set(resource.name, resource);
    else
      diagnostics.push({
        code: "declare/duplicate-sql-resource",
        severity: "error",
        summary: `the SQL resource ${resource.name} is declared twice`,
        detail: `the first declaration is at ${describePlace(earlier.place)}`,
        place: resource.place,
        hint: "remove one of them, or give it another name",
      });
  }
  return { sqlResources: [...found.values()], diagnostics };
}

function read(registration: Registration, database: string): SqlResource {
  const { name, config } = registration;
  const setup = statements(config.setup);
  return {
    name,
    database,
    setup,
    setupHash: setupHash(setup),
    teardown: statements(config.teardown),
    pullsDataFrom: texts(config.pullsDataFrom),
    pushesDataTo: texts(config.pushesDataTo),
    place: placeOf(registration),
  };
}

/** Without what only ends them. */
function statements(value: unknown): readonly string[] {
  return texts(value)
    .map((text) => text.replace(/[\s;]+$/, "").trim())
    .filter((text) => text !== "");
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
