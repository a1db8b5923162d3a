// The public API: what user code imports from "@514labs/moose-lib".

export {
  Api,
  type ApiConfig,
  type ApiHandler,
  type ApiUtil,
  ConsumptionApi,
  type ConsumptionUtil,
  type EgressConfig,
} from "./declare/api.js";
export type { RecordProblem } from "./declare/check-row.js";
export type {
  BFloat16,
  ClickHouseAlias,
  ClickHouseByteSize,
  ClickHouseCodec,
  ClickHouseDecimal,
  ClickHouseDefault,
  ClickHouseFixedString,
  ClickHouseFixedStringSize,
  ClickHouseFloat,
  ClickHouseInt,
  ClickHouseMaterialized,
  ClickHouseNamedTuple,
  ClickHousePrecision,
  ClickHouseTTL,
  Date32,
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
  Int128,
  Int256,
  IPv4,
  IPv6,
  Key,
  LowCardinality,
  Renamed,
  Time,
  Time64,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  UInt128,
  UInt256,
  UUID,
  WithDefault,
} from "./declare/column-types.js";
export type { ColumnName, ColumnsOf } from "./declare/columns.js";
export { OlapDictionary, type OlapDictionaryConfig } from "./declare/dictionary.js";
export type { FieldOf } from "./declare/engine-options.js";
export { ClickHouseEngines } from "./declare/engines.js";
export { IngestApi, type IngestConfig } from "./declare/ingest-api.js";
export { IngestPipeline, type IngestPipelineConfig } from "./declare/ingest-pipeline.js";
export {
  getApi,
  getApis,
  getIngestApi,
  getIngestApis,
  getMaterializedView,
  getMaterializedViews,
  getSqlResource,
  getSqlResources,
  getStream,
  getStreams,
  getTable,
  getTables,
  getView,
  getViews,
  getWebApp,
  getWebApps,
  getWorkflow,
  getWorkflows,
} from "./declare/lookup.js";
export { MaterializedView, type MaterializedViewConfig } from "./declare/materialized-view.js";
export type {
  OlapConfig,
  TableConstraintOption,
  TableIndexOption,
  TableProjectionOption,
} from "./declare/olap-config.js";
export { OlapTable } from "./declare/olap-table.js";
export { type DatabasePort, QueryClient, type QueryResult, setDatabase } from "./declare/query-port.js";
export { mooseEnvSecrets, mooseRuntimeEnv } from "./declare/runtime-env.js";
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
export { SqlResource } from "./declare/sql-resource.js";
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
export type {
  Aggregated,
  ClickHouseJson,
  ClickHouseLineString,
  ClickHouseMultiLineString,
  ClickHouseMultiPolygon,
  ClickHousePoint,
  ClickHousePolygon,
  ClickHouseRing,
  Dynamic,
  Insertable,
  JWT,
  SimpleAggregated,
  Variant,
} from "./declare/structure-types.js";
export {
  type FailedRecord,
  InsertError,
  type InsertOptions,
  type InsertResult,
  type ValidationResult,
} from "./declare/table-records.js";
export type * as tags from "./declare/tags.js";
export { getMooseClients, getMooseUtils, type MooseUtils } from "./declare/utils.js";
export { type ReadSource, View, type ViewConfig } from "./declare/view.js";
export { type FrameworkApp, WebApp, type WebAppConfig, type WebAppHandler } from "./declare/web-app.js";
export {
  ETLPipeline,
  type ETLPipelineConfig,
  Task,
  type TaskConfig,
  type TaskContext,
  Workflow,
  type WorkflowConfig,
} from "./declare/workflow.js";
export { LifeCycle } from "./infra/lifecycle.js";
