// One declared view becomes a View of the model.

import type { Diagnostic } from "../diagnostic.js";
import { LifeCycle } from "../infra/lifecycle.js";
import type { View, ViewTarget } from "../infra/view.js";
import { fitsFileName } from "../sql/name-length.js";
import { withDatabase } from "../sql/table-references.js";
import { placeOf } from "./place.js";
import type { Registration } from "./registration.js";

export interface DesiredView {
  readonly view: View | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Databases that ClickHouse or moose keep for themselves. */
const reservedDatabase = /^(system|information_schema|_moose.*)$/i;

export function desiredView(registration: Registration, defaultDatabase: string): DesiredView {
  const { name, config } = registration;
  const database = text(config.database) ?? defaultDatabase;
  const select = (text(config.select) ?? "").replace(/[\s;]+$/, "").trim();
  const place = placeOf(registration);
  const problems = viewProblems({ name, database, select }, place);
  if (problems.length > 0) return { view: undefined, diagnostics: problems };
  const view: View = {
    kind: registration.kind === "MaterializedView" ? "MaterializedView" : "View",
    database,
    name,
    // What it names without a database is in that of the project, wherever the view itself is.
    select: database === defaultDatabase ? select : withDatabase(select, defaultDatabase),
    target: target(config.target, defaultDatabase),
    refresh: text(config.refresh) ?? "",
    columns: undefined,
    lifeCycle:
      Object.values(LifeCycle).find((known) => known === config.lifeCycle) ?? LifeCycle.FULLY_MANAGED,
    place,
  };
  return { view, diagnostics: [] };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function target(value: unknown, defaultDatabase: string): ViewTarget | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, database } = value as { readonly name?: unknown; readonly database?: unknown };
  return { database: text(database) ?? defaultDatabase, name: String(name) };
}

function viewProblems(
  { name, database, select }: Pick<View, "name" | "database" | "select">,
  place: Diagnostic["place"],
): readonly Diagnostic[] {
  const problems = nameProblems({ kind: "view", name, database }, place);
  if (/^\s*(\(|select\b|with\b|from\b|--|\/\*)/i.test(select)) return problems;
  return [
    ...problems,
    {
      code: "declare/no-select",
      severity: "error",
      summary: `the query of view ${name} is no SELECT: ${select.slice(0, 60)}`,
      place,
      hint: "write one SELECT; CREATE VIEW is written by moose",
    },
  ];
}

/** What is wrong with the name and the database of a view or a dictionary. */
export function nameProblems(
  { kind, name, database }: { readonly kind: string; readonly name: string; readonly database: string },
  place: Diagnostic["place"],
): readonly Diagnostic[] {
  const problem = (code: string, summary: string, hint: string): Diagnostic => ({
    code,
    severity: "error",
    summary,
    place,
    hint,
  });
  const problems: Diagnostic[] = [];
  if (name.includes("\0") || database.includes("\0"))
    problems.push(problem("declare/bad-name", `a ${kind}'s name must not hold a NUL character`, "rename it"));
  if (!fitsFileName(database, name))
    problems.push(
      problem(
        "declare/name-too-long",
        `the name of ${kind} ${name.slice(0, 40)}.. is too long for ClickHouse`,
        "give it a shorter name",
      ),
    );
  if (reservedDatabase.test(database))
    problems.push(
      problem(
        "declare/reserved-database",
        `${kind} ${name} names the database ${database}, which is not for ${kind === "view" ? "views" : "dictionaries"} of users`,
        'give another one: { database: "analytics" }',
      ),
    );
  return problems;
}
