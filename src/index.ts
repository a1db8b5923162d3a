// The public API: what user code imports from "@514labs/moose-lib".

export type {
  ClickHouseAlias,
  ClickHouseByteSize,
  ClickHouseCodec,
  ClickHouseDecimal,
  ClickHouseDefault,
  ClickHouseFixedString,
  ClickHouseMaterialized,
  ClickHouseNamedTuple,
  ClickHousePrecision,
  ClickHouseTTL,
  DateTime,
  DateTime64,
  DateTime64String,
  DateTimeString,
  Decimal,
  FixedString,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  Key,
  LowCardinality,
  Renamed,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  WithDefault,
} from "./declare/column-types.js";
export type { ColumnName, ColumnsOf } from "./declare/columns.js";
export { MaterializedView, type MaterializedViewConfig } from "./declare/materialized-view.js";
export {
  type FieldOf,
  type OlapConfig,
  OlapTable,
  type TableIndexOption,
  type TableProjectionOption,
} from "./declare/olap-table.js";
export {
  ApiHelpers,
  ConsumptionHelpers,
  joinQueries,
  type NamedInSql,
  Sql,
  type SqlPart,
  type SqlValue,
  sql,
  toQuery,
  toQueryPreview,
  toStaticQuery,
} from "./declare/sql.js";
export type * as tags from "./declare/tags.js";
export { type ReadSource, View, type ViewConfig } from "./declare/view.js";
export { LifeCycle } from "./infra/lifecycle.js";
