// The content type of each output format, as ClickHouse labels its answers.

const ndjson = "application/x-ndjson; charset=UTF-8";
const json = "application/json; charset=UTF-8";
const text = "text/plain; charset=UTF-8";
const binary = "application/octet-stream";

const exact: ReadonlyMap<string, string> = new Map([
  ["JSONLINES", ndjson],
  ["NDJSON", ndjson],
  ["XML", "application/xml; charset=UTF-8"],
  ["MARKDOWN", "text/markdown; charset=UTF-8"],
  ["NATIVE", binary],
  ["PARQUET", binary],
  ["ORC", binary],
  ["AVRO", binary],
  ["ARROW", binary],
  ["ARROWSTREAM", binary],
  ["MSGPACK", binary],
  ["NPY", binary],
]);

/** e.g. `JSONCompact` -> `application/json; charset=UTF-8`. Names are not case-sensitive. */
export function contentTypeOf(format: string): string {
  const name = format.toUpperCase();
  const known = exact.get(name);
  if (known !== undefined) return known;
  if (name.startsWith("JSON")) return name.includes("EACHROW") ? ndjson : json;
  if (name.startsWith("TSV") || name.startsWith("TABSEPARATED"))
    return "text/tab-separated-values; charset=UTF-8";
  if (name.startsWith("CSV"))
    return `text/csv; charset=UTF-8; header=${name.includes("NAMES") ? "present" : "absent"}`;
  return name.startsWith("ROWBINARY") ? binary : text;
}
