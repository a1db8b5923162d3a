// Source text with many declarations becomes the tables that they declare, as `moose` would read them.

import { type Desired, desired } from "../../src/declare/desired.js";
import { ClickHouseEngines } from "../../src/index.js";
import { newSites, openProject, problemLines } from "../schema/project.js";

/** A declared table: declarations before it, the members of its row type, its options. */
export interface Declared {
  readonly name: string;
  readonly before?: string;
  readonly row: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const types = [
  "Aggregated BFloat16 ClickHouseAlias ClickHouseByteSize ClickHouseCodec ClickHouseDecimal ClickHouseDefault",
  "ClickHouseFixedString ClickHouseFixedStringSize ClickHouseFloat ClickHouseInt ClickHouseJson ClickHouseLineString",
  "ClickHouseMaterialized ClickHouseMultiLineString ClickHouseMultiPolygon ClickHouseNamedTuple ClickHousePoint",
  "ClickHousePolygon ClickHousePrecision ClickHouseRing ClickHouseTTL Date32 DateTime DateTime64 DateTime64String",
  "DateTimeString Decimal Dynamic FixedString Float32 Float64 IPv4 IPv6 Int8 Int16 Int32 Int64 Int128 Int256 JWT Key",
  "LowCardinality Renamed SimpleAggregated Time Time64 UInt8 UInt16 UInt32 UInt64 UInt128 UInt256 UUID Variant",
  "WithDefault tags",
].flatMap((line) => line.split(" "));

/** The import that brings every name of the library. */
export const everything = `import { ClickHouseEngines, OlapTable, type ${types.join(", type ")} } from "@514labs/moose-lib";\n`;

/** The declarations as user code has them; one of them a namespace, so that their types do not meet. */
function sourceOf(declared: readonly Declared[]): string {
  const parts = declared.map(
    ({ name, before = "", row, config }, index) =>
      `namespace N${index} { ${before} interface Row { ${row} } new OlapTable<Row>("${name}", ${configText(config)}); }`,
  );
  return `${everything}${parts.join("\n")}\n`;
}

function configText(config: Readonly<Record<string, unknown>>): string {
  const { engine, ...rest } = config;
  const options = JSON.stringify(rest).slice(1, -1);
  const known = Object.values(ClickHouseEngines).some((one) => one === engine);
  const chosen = known ? [`engine: ClickHouseEngines.${engine}`] : [];
  return `{ ${[...chosen, ...(options === "" ? [] : [options])].join(", ")} }`;
}

/** @throws Error with the problems, where the source has any for the compiler or the reader */
export async function declare(declared: readonly Declared[], database: string): Promise<Desired> {
  const { reader, opened } = await openProject({ "app/index.ts": sourceOf(declared) });
  const errors = [...opened.diagnostics, ...reader.check()];
  const declarations = newSites(opened).map((site, index) => {
    const { schema, diagnostics } = reader.columnsFor([site]);
    errors.push(...diagnostics);
    const { name, config } = declared[index] ?? { name: "", config: {} };
    const registration = { kind: "OlapTable", name, config, sites: [site], file: "app/index.ts" } as const;
    return { registration, schema };
  });
  if (errors.length > 0) throw new Error(problemLines(errors).join("\n"));
  return desired(declarations, { database });
}
