// moose generate migration: the plan as files that people review.

import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import { migrationOperations } from "../../src/format/from-plan.js";
import type { MigrationOperation } from "../../src/format/operation.js";
import { planText } from "../../src/format/plan-document.js";
import { emptyInfraMap, type InfraMap } from "../../src/infra/inframap.js";
import type { GuessedRename } from "../../src/plan/guess-renames.js";
import type { JudgedOperation } from "../../src/policy/verdict.js";
import { type PlanFiles, writePlanFiles } from "../migrations/plan-files.js";
import type { ProjectPlan } from "./plan-project.js";
import { type MigratedTopics, migratedTopics } from "./topics/generate-topics.js";

export interface GeneratedMigration {
  readonly files: PlanFiles;
  /** Put above operations, by their place. */
  readonly comments: ReadonlyMap<number, string>;
  /** What plan.yaml says. */
  readonly text: string;
  readonly operations: readonly MigrationOperation[];
  /** Operations that no file makes happen, with what would unblock them. */
  readonly blocked: readonly JudgedOperation[];
  readonly destructive: readonly JudgedOperation[];
  readonly topics: MigratedTopics;
}

/**
 * @param createdAt - RFC 3339 in UTC; the only thing in which two runs over the same code and database differ
 * @param renames - guessed renames that are part of the plan, for the comments above them
 */
export function generateMigration(
  { planned, desired, report }: ProjectPlan,
  options: {
    readonly createdAt: string;
    readonly database: string;
    readonly renames: readonly GuessedRename[];
  },
): GeneratedMigration {
  const isBlocked = ({ verdict }: JudgedOperation) => verdict.decision === "blocked";
  const judged = planned.judged.operations.filter((one) => !isBlocked(one));
  const onTables = migrationOperations(
    judged.map(({ operation }) => operation),
    planned.actual,
  );
  const topics = migratedTopics(report.topics);
  const operations = [...onTables, ...topics.operations];
  const comments = new Map([
    ...commentsOn(judged, options.renames),
    ...[...topics.comments].map(([index, text]) => [onTables.length + index, text] as const),
  ]);
  const plan = { createdAt: options.createdAt, operations };
  const files: PlanFiles = {
    plan,
    remoteState: withoutPlaces(planned.actual),
    localInfraMap: topics.areRead ? desired : { ...desired, topics: emptyInfraMap.topics },
    defaultDatabase: options.database,
  };
  return {
    files,
    comments,
    text: planText(plan, options.database, comments),
    operations,
    blocked: planned.judged.operations.filter(isBlocked),
    destructive: judged.filter(({ operation }) => operation.destructive),
    topics,
  };
}

/** What a reviewer has to know of the operations, by their place. */
export function commentsOn(
  judged: readonly JudgedOperation[],
  renames: readonly GuessedRename[],
): ReadonlyMap<number, string> {
  return new Map(
    judged.flatMap(({ operation }, index) => {
      const text = commentOn(operation, renames);
      return text === undefined ? [] : [[index, text] as const];
    }),
  );
}

function commentOn(
  operation: JudgedOperation["operation"],
  renames: readonly GuessedRename[],
): string | undefined {
  if (operation.kind === "RenameTableColumn") {
    const rename = renames.find(
      ({ address, from, to }) =>
        address === operation.address && from === operation.from.name && to === operation.to.name,
    );
    if (rename === undefined) return undefined;
    return `Nobody declared this rename. What speaks for it: ${rename.evidence.join(", ")}.`;
  }
  if (operation.destructive) return "This destroys data, or can.";
  const isNewForm = operation.kind === "DropMaterializedView" && operation.isReplaced;
  return isNewForm ? `It is made anew: ${operation.reason}.` : undefined;
}

/** Whoever reads the database's state later has no use for where the code was. */
function withoutPlaces(map: InfraMap): InfraMap {
  return {
    ...map,
    tables: new Map([...map.tables].map(([address, table]) => [address, { ...table, place: undefined }])),
    views: new Map([...map.views].map(([address, view]) => [address, { ...view, place: undefined }])),
    sqlResources: new Map(
      [...map.sqlResources].map(([address, one]) => [address, { ...one, place: undefined }]),
    ),
    topics: new Map([...map.topics].map(([name, topic]) => [name, { ...topic, place: undefined }])),
  };
}

/** Writes the three files of a single plan. */
export async function saveMigration(
  folder: string,
  { files, comments }: GeneratedMigration,
): Promise<readonly Diagnostic[]> {
  const problems = await writePlanFiles(folder, files, comments);
  return hasErrors(problems) ? problems : [];
}
