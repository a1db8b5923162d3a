// What user code registers when it runs: the object's name and config, and the places that its type comes from.

/** The class whose constructor registered it. */
export type RegistrationKind =
  | "OlapTable"
  | "Stream"
  /** A transform or consumer that was added to a stream; it has no schema. */
  | "StreamHandler"
  | "View"
  | "MaterializedView"
  | "SqlResource"
  | "OlapDictionary"
  | "IngestPipeline"
  | "IngestApi"
  | "Api"
  | "Workflow"
  | "Task"
  | "WebApp"
  | "ETLPipeline";

/** Kinds whose columns are read from the type that their `new` expression names. */
const withColumns: ReadonlySet<RegistrationKind> = new Set(["OlapTable", "Stream", "OlapDictionary"]);

export function hasColumns({ kind }: Pick<Registration, "kind">): boolean {
  return withColumns.has(kind);
}

/**
 * One declared resource, as plain JSON: it crosses from the process that runs user code.
 * The schema is not in it; `sites` says from which expressions of the source the type is read.
 */
export interface Registration {
  readonly kind: RegistrationKind;
  readonly name: string;
  /** The config as the user passed it, reduced to JSON; values that JSON cannot hold are left out. */
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * The `new` expression that made the object, innermost last; before it the calls of generic functions
   * (`makeTable<Row>("x")`) that were under way. Each is `file:line:column` of the expression's first
   * character, `file` relative to the project with forward slashes. Empty when the code was not loaded by moose.
   */
  readonly sites: readonly string[];
  /** File whose evaluation registered it, relative to the project. */
  readonly file: string;
}
