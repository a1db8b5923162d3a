// A SQL resource as Moose's JSON has it, and back; and what a plan file says beside the statements of one.

import { type SqlResource, setupHash } from "../infra/sql-resource.js";
import { readDatabase, readName } from "./checked.js";
import type { ObjectName, RawSqlResource } from "./operation.js";
import { type PlainObject, type PlainValue, type Spot, sortedKeys } from "./value.js";

/** The hash is ours: of what was run earlier the statements are kept without their secrets. */
export function writeSqlResource(resource: SqlResource, defaultDatabase: string): PlainObject {
  const { name, database, setup, teardown, pullsDataFrom, pushesDataTo, unfinished } = resource;
  return sortedKeys({
    name,
    database: database === defaultDatabase ? null : database,
    setup,
    setup_hash: resource.setupHash,
    teardown,
    pullsDataFrom: lineage(pullsDataFrom),
    pushesDataTo: lineage(pushesDataTo),
    ...(unfinished && {
      unfinished: {
        doing: unfinished.doing,
        done: unfinished.done,
        is_next_begun: unfinished.isNextBegun,
      },
    }),
  }) as PlainObject;
}

function lineage(names: readonly string[]): PlainValue {
  return names.map((id) => ({ id, kind: "Table" }));
}

export function readSqlResources(section: Spot, defaultDatabase: string): readonly SqlResource[] {
  if (section.isAbsent) return [];
  return section
    .fields()
    .map(([key, spot]) =>
      section.problems.about(`SQL resource ${key.slice(0, 60)}`, () =>
        readSqlResource(spot, defaultDatabase),
      ),
    );
}

function readSqlResource(spot: Spot, defaultDatabase: string): SqlResource {
  const setup = texts(spot.field("setup"));
  const unfinished = spot.field("unfinished");
  return {
    name: readName(spot.field("name")),
    database: readDatabase(spot.field("database"), defaultDatabase),
    setup,
    setupHash: spot.field("setup_hash").optionalText() || setupHash(setup),
    teardown: texts(spot.field("teardown")),
    pullsDataFrom: readLineage(spot.field("pullsDataFrom")),
    pushesDataTo: readLineage(spot.field("pushesDataTo")),
    ...(!unfinished.isAbsent && {
      unfinished: {
        doing: unfinished.field("doing").value === "teardown" ? "teardown" : "setup",
        done: Number(unfinished.field("done").value) || 0,
        isNextBegun: unfinished.field("is_next_begun").value === true,
      },
    }),
  };
}

/** The existing tool writes an id and a kind. */
function readLineage(spot: Spot): readonly string[] {
  if (spot.isAbsent) return [];
  return spot.list().map((one) => (typeof one.value === "string" ? one.text() : one.field("id").text()));
}

function texts(spot: Spot): readonly string[] {
  return spot.isAbsent ? [] : spot.list().map((one) => one.text());
}

export function writeRawSqlResource(
  resource: RawSqlResource,
  databaseOf: (name: ObjectName) => PlainValue,
): PlainObject {
  const { does, name } = resource;
  if (resource.does === "teardown") return { does, name };
  const { database, teardown, pullsDataFrom, pushesDataTo } = resource;
  return sortedKeys({
    does,
    name,
    database: databaseOf({ database, name }),
    ...(resource.setupHash !== undefined && { setup_hash: resource.setupHash }),
    teardown,
    ...(pullsDataFrom.length > 0 && { pulls_data_from: pullsDataFrom }),
    ...(pushesDataTo.length > 0 && { pushes_data_to: pushesDataTo }),
  }) as PlainObject;
}

export function readRawSqlResource(spot: Spot, defaultDatabase: string): RawSqlResource | undefined {
  if (spot.isAbsent) return undefined;
  const name = readName(spot.field("name"));
  const does = spot.field("does");
  if (does.value === "teardown") return { does: "teardown", name };
  if (does.value !== "setup") does.wrong("setup or teardown", undefined);
  return {
    does: "setup",
    name,
    database: readDatabase(spot.field("database"), defaultDatabase),
    setupHash: spot.field("setup_hash").optionalText() || undefined,
    teardown: texts(spot.field("teardown")),
    pullsDataFrom: texts(spot.field("pulls_data_from")),
    pushesDataTo: texts(spot.field("pushes_data_to")),
  };
}
