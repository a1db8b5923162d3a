// What code declares beside the tables, views and streams that moose looks after: listed, and said where it is not run.

import type { SourcePlace } from "../diagnostic.js";
import { placeOf } from "./place.js";
import type { Registration, RegistrationKind } from "./registration.js";

/** One declared object, for `moose ls`. */
export interface ListedObject {
  readonly kind: RegistrationKind;
  readonly name: string;
  readonly version: string | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  readonly place: SourcePlace | undefined;
}

export function listedObjects(registrations: readonly Registration[]): readonly ListedObject[] {
  return registrations.map((registration) => ({
    kind: registration.kind,
    name: registration.name,
    version: typeof registration.config.version === "string" ? registration.config.version : undefined,
    config: registration.config,
    place: placeOf(registration),
  }));
}

/** What this version takes in and does nothing about. */
const notRun: Readonly<Partial<Record<RegistrationKind, readonly [one: string, several: string]>>> = {
  IngestApi: ["ingest API", "ingest APIs"],
  Api: ["API", "APIs"],
  Workflow: ["workflow", "workflows"],
  Task: ["task", "tasks"],
  WebApp: ["web app", "web apps"],
  ETLPipeline: ["ETL pipeline", "ETL pipelines"],
  StreamHandler: ["handler of a stream", "handlers of streams"],
};

/** One line on what is declared and not run; undefined where there is none of it. */
export function notRunText(objects: readonly ListedObject[]): string | undefined {
  const parts = Object.entries(notRun).flatMap(([kind, [one, several]]) => {
    const names = objects.filter((object) => object.kind === kind).map(({ name }) => name);
    if (names.length === 0) return [];
    const shown = names.length > mostNames ? `${names.slice(0, mostNames).join(", ")}, ..` : names.join(", ");
    return [`${names.length} ${names.length === 1 ? one : several} (${shown})`];
  });
  return parts.length === 0 ? undefined : `declared, and not run by this version: ${parts.join(", ")}`;
}

const mostNames = 3;
