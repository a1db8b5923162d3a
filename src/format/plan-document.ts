// plan.yaml as a value: when it was made, and its operations.

import type { MigrationOperation } from "./operation.js";
import { readOperation } from "./read-operation.js";
import { type FormatProblem, type PlainObject, ProblemList, Spot } from "./value.js";
import { writeOperation } from "./write-operation.js";
import { yamlComment, yamlEntry, yamlText } from "./yaml-text.js";

export interface MigrationPlan {
  /** RFC 3339. */
  readonly createdAt: string;
  readonly operations: readonly MigrationOperation[];
}

export interface ReadPlan {
  /** Undefined where there is any problem. */
  readonly plan: MigrationPlan | undefined;
  readonly problems: readonly FormatProblem[];
}

/** @param defaultDatabase - database of operations that name none */
export function readPlan(value: unknown, defaultDatabase: string): ReadPlan {
  const problems = new ProblemList();
  const document = new Spot(value, [], problems);
  const entries = document.field("operations").list();
  const operations = entries.flatMap((entry, index) =>
    problems.about(`operation ${index + 1}`, () => readEntry(entry, defaultDatabase) ?? []),
  );
  const createdAt = document.field("created_at").text();
  return { plan: problems.count === 0 ? { createdAt, operations } : undefined, problems: problems.all };
}

/** `{AddTableColumn: {..}}` */
function readEntry(entry: Spot, defaultDatabase: string): MigrationOperation | undefined {
  const [first, second] = entry.fields();
  if (first === undefined || second !== undefined) {
    if (entry.isObject)
      entry.problem("format/wrong-type", `${entry.name} must have one key, the operation's name`);
    return undefined;
  }
  const [kind, fields] = first;
  return readOperation(kind, fields, defaultDatabase);
}

export function writePlan(plan: MigrationPlan, defaultDatabase: string): PlainObject {
  return {
    created_at: plan.createdAt,
    operations: plan.operations.map((operation) => ({
      [operation.kind]: writeOperation(operation, defaultDatabase),
    })),
  };
}

/** Tells editors where the schema is. */
export const schemaHeader = "# yaml-language-server: $schema=../.moose/migration_schema.json\n";

/**
 * The text of plan.yaml.
 *
 * @param comments - by the number of the operation that they are put above, from 0
 */
export function planText(
  plan: MigrationPlan,
  defaultDatabase: string,
  comments: ReadonlyMap<number, string> = new Map(),
): string {
  const head = `${schemaHeader}\n${yamlText({ created_at: plan.createdAt })}`;
  if (plan.operations.length === 0) return `${head}operations: []\n`;
  const entries = plan.operations.map((operation, index) => {
    const comment = comments.get(index);
    const above = comment === undefined ? "" : yamlComment(comment);
    return above + yamlEntry({ [operation.kind]: writeOperation(operation, defaultDatabase) });
  });
  return `${head}operations:\n${entries.join("")}`;
}
