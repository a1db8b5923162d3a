// Reads the .env files and the process environment: the values they give for keys, and what user code will see.

import type { Diagnostic } from "../../src/diagnostic.js";
import { type EnvVariable, parseEnvFile } from "./env-file.js";
import { type Given, type Origin, placeOf, ranks } from "./given.js";
import { type Key, variableOf } from "./key.js";
import { knownKeys } from "./keys.js";
import type { ProjectFiles } from "./project-files.js";
import { nearest } from "./suggest.js";
import { isKnownVariable, knownVariables } from "./variables.js";

export interface Environment {
  /** All variables, merged by precedence; what the user's code sees as `process.env`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly given: readonly Given[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads `.env`, `.env.dev` or `.env.prod`, and in dev `.env.local`; the process environment wins over all. */
export async function readEnvironment(
  files: ProjectFiles,
  mode: "dev" | "prod",
  processEnvironment: Readonly<Record<string, string | undefined>>,
): Promise<Environment> {
  const diagnostics: Diagnostic[] = [];
  const found: { readonly variable: Found; readonly rank: number }[] = [];
  for (const [name, rank] of envFiles(mode)) {
    const parsed = parseEnvFile(name, (await files.read(name)) ?? "");
    diagnostics.push(...parsed.diagnostics);
    found.push(...parsed.variables.map((variable) => ({ variable: inFile(variable), rank })));
  }
  for (const [name, value] of Object.entries(processEnvironment)) {
    if (value === undefined) continue;
    const origin = { kind: "environment", variable: name } as const;
    found.push({ variable: { name, value, origin }, rank: ranks.environment });
  }
  diagnostics.push(...found.flatMap(({ variable }) => unknownVariable(variable) ?? []));
  return {
    variables: Object.fromEntries(found.map(({ variable }) => [variable.name, variable.value])),
    given: found.flatMap(({ variable, rank }) => givenBy(variable, rank) ?? []),
    diagnostics,
  };
}

interface Found {
  readonly name: string;
  readonly value: string;
  readonly origin: Origin;
}

function envFiles(mode: "dev" | "prod"): readonly (readonly [name: string, rank: number])[] {
  const shared = [
    [".env", ranks[".env"]],
    [`.env.${mode}`, ranks.envOfMode],
  ] as const;
  return mode === "dev" ? [...shared, [".env.local", ranks[".env.local"]]] : shared;
}

function inFile({ name, value, place }: EnvVariable): Found {
  return { name, value, origin: { kind: "envFile", variable: name, place } };
}

const keysByVariable: ReadonlyMap<string, Key> = new Map(knownKeys.map((key) => [variableOf(key.path), key]));

/** An empty variable gives nothing, as compose files pass unset ones on; only a password may be empty. */
function givenBy({ name, value, origin }: Found, rank: number): Given | undefined {
  const key = keysByVariable.get(name);
  if (key === undefined) return undefined;
  if (value === "" && key.path !== "clickhouse_config.password") return undefined;
  return { key, raw: value, origin, rank };
}

/** In a section that moose knows, a name that is nearly a known one is a slip; any other may be the user's own. */
function unknownVariable({ name, origin }: Found): Diagnostic | undefined {
  if (!name.startsWith("MOOSE_") || isKnownVariable(name) || isSetKey(name)) return undefined;
  const near = suggestion(name);
  return {
    code: "config/unknown-variable",
    severity: near?.includes("__") ? "error" : "warning",
    summary: `moose knows no ${origin.kind === "environment" ? "environment " : ""}variable \`${name}\`.`,
    place: placeOf(origin),
    hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
  };
}

const allNames = [...keysByVariable.keys(), ...knownVariables.map((variable) => variable.name)];

/** Where the section is known, only the part behind it can be misspelt. */
function suggestion(name: string): string | undefined {
  const section = name.slice(0, name.lastIndexOf("__") + 1);
  const known = section === "" ? [] : allNames.filter((one) => one.startsWith(`${section}_`));
  const shared = known.length > 0 ? `${section}_` : "MOOSE_";
  const rest = (one: string) => one.slice(shared.length);
  const near = nearest(rest(name), (known.length > 0 ? known : allNames).map(rest));
  return near === undefined ? undefined : shared + near;
}

function isSetKey(name: string): boolean {
  if (keysByVariable.has(name)) return true;
  return knownKeys.some((key) => key.type === "free" && name.startsWith(`${variableOf(key.path)}__`));
}
