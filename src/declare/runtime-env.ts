// mooseRuntimeEnv: values of options that come from the environment of whoever applies, and are kept nowhere.

import type { Diagnostic } from "../diagnostic.js";
import type { InfraMap } from "../infra/inframap.js";
import type { Table } from "../infra/table.js";
import type { View } from "../infra/view.js";
import { isMarker, markerOf, mentionsMarker, withoutMarkers } from "../sql/runtime-variable.js";
import { isCollecting } from "./registry.js";

const portKey = Symbol.for("moose.environment");
type Holder = { [portKey]?: (name: string) => string | undefined };

/** @param read - the value of a variable of the process, for code that moose does not run */
export function setEnvironment(read: (name: string) => string | undefined): void {
  (globalThis as Holder)[portKey] = read;
}

export const mooseRuntimeEnv = {
  /**
   * The value of an environment variable, taken when a change is applied: the key of a store, the password of a broker.
   * It is in no image, no plan file, no log and no status, and the server that applies must have it. To be used as the
   * whole value of an option of an engine, of a setting of a table, or of an option in a dictionary's source.
   * In code that moose does not run it is the value itself.
   *
   * @throws TypeError for what no variable can be called; where moose does not run the code, an Error when it is not set
   *
   * @example
   * new OlapTable<Order>("orders", {
   *   engine: ClickHouseEngines.S3Queue, s3Path: "s3://bucket/orders/*.json", format: "JSONEachRow",
   *   awsAccessKeyId: mooseRuntimeEnv.get("AWS_ACCESS_KEY_ID"),
   *   awsSecretAccessKey: mooseRuntimeEnv.get("AWS_SECRET_ACCESS_KEY"),
   * });
   */
  get(variable: string): string {
    const marker = markerOf(variable);
    if (isCollecting()) return marker;
    const value = (globalThis as Holder)[portKey]?.(variable);
    if (value !== undefined) return value;
    throw new Error(`the environment variable ${variable} is not set`);
  },
};

/** @deprecated called {@link mooseRuntimeEnv} now */
export const mooseEnvSecrets = mooseRuntimeEnv;

const isMisplaced = (value: unknown): boolean => mentionsMarker(JSON.stringify(value));

/** A marker in a table where nothing would put the value in its place. */
export function misplacedInTable(table: Table): readonly Diagnostic[] {
  const { engine, settings, ...rest } = table;
  const others = Object.values(settings).filter((value) => !isMarker(value));
  return isMisplaced([withoutMarkers(engine), rest, others]) ? [misplaced(`table ${table.name}`, table)] : [];
}

/** The same in views and topics. */
export function misplacedMarkers({
  views,
  topics,
}: Pick<InfraMap, "views" | "topics">): readonly Diagnostic[] {
  return [
    ...[...views.values()].filter(viewMisplaces).map((one) => misplaced(`view ${one.name}`, one)),
    ...[...topics.values()].filter(isMisplaced).map((one) => misplaced(`stream ${one.name}`, one)),
  ];
}

function viewMisplaces({ kind, select, ...rest }: View): boolean {
  const text = kind === "Dictionary" ? withoutMarkers(select) : select;
  return isMisplaced([text, rest]);
}

function misplaced(subject: string, { place }: Pick<Diagnostic, "place">): Diagnostic {
  return {
    code: "declare/misplaced-variable",
    severity: "error",
    summary: `${subject} has mooseRuntimeEnv.get where its value cannot be filled in`,
    place,
    hint: "use it as the whole value of an option of the engine, of a setting, or of an option in a dictionary's source",
  };
}
