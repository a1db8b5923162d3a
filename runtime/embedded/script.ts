// Writes the text that the engine runs for one request: the database, the settings and the parameters, then the statement.

import type { QueryRequest } from "./request.js";

/** The engine is linked with a few defaults of its own; these are a server's. */
const serverDefaults = [
  "implicit_select=0",
  "allow_introspection_functions=0",
  "storage_file_read_method='pread'",
  "output_format_arrow_use_native_writer=1",
].join(",");

/** An inert setting of the engine that carries our name of a query, so that it can be found among the running ones. */
export const tagSetting = "promql_table";
const tagPrefix = "query_id=";

/** A server's default, restored after the preamble has been read with a larger one. */
const defaultMaxQuerySizeBytes = 262_144;

/** A string literal. */
export function literal(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\0", "\\0")}'`;
}

/** A quoted identifier. */
export function identifier(name: string): string {
  return `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}

/**
 * What is put before a request's statement. `USE` comes first, so that an unknown database is refused
 * (code 81) before anything of the statement is read.
 */
export function preamble(request: QueryRequest): string {
  const parameters = [...request.parameters].map(([name, value]) => `param_${name}=${literal(value)}`);
  const length = parameters.reduce((sum, text) => sum + text.length, 0) + settingsLength(request);
  const statements = [`SET max_query_size=${length * 4 + 100_000}`];
  if (request.database !== undefined) statements.push(`USE ${identifier(request.database)}`);
  if (parameters.length > 0) statements.push(`SET ${parameters.join(",")}`);
  statements.push(`SET ${settingsText(request)}`);
  return `${statements.join(";")};\n`;
}

function settingsLength(request: QueryRequest): number {
  let length = 0;
  for (const [name, value] of request.settings) length += name.length + value.length;
  return length;
}

function settingsText(request: QueryRequest): string {
  const parts = [serverDefaults, `${tagSetting}=${literal(tagPrefix + request.queryId)}`];
  if (!request.settings.has("max_query_size")) parts.push(`max_query_size=${defaultMaxQuerySizeBytes}`);
  for (const [name, value] of request.settings) parts.push(`${name}=${literal(value)}`);
  // A session outlives its request and a read-only one could never be made writable again: it is guarded elsewhere.
  const guarded = request.settings.has("readonly") || request.session !== undefined;
  if (request.readOnly && !guarded) parts.push("readonly=2");
  return parts.join(",");
}

/** Finds the query of this id among the running ones. */
export function isQuery(queryId: string): string {
  return `Settings['${tagSetting}']=${literal(tagPrefix + queryId)}`;
}

/** An expression over `system.processes` that is the id which the client gave. */
export const clientQueryId = `if(startsWith(Settings['${tagSetting}'],'${tagPrefix}'),substring(Settings['${tagSetting}'],${tagPrefix.length + 1}),query_id)`;
