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
export {
  type FieldOf,
  type OlapConfig,
  OlapTable,
  type TableIndexOption,
  type TableProjectionOption,
} from "./declare/olap-table.js";
export {
  type DeadLetterModel,
  DeadLetterQueue,
  type HandlerConfig,
  type KafkaSchemaConfig,
  type Produced,
  type RoutedMessage,
  Stream,
  type StreamConfig,
} from "./declare/stream.js";
export type * as tags from "./declare/tags.js";
export { LifeCycle } from "./infra/lifecycle.js";
