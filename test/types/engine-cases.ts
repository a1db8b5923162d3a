// Every engine and table option: what is written, and what ClickHouse prints for it.

import { ClickHouseEngines as E } from "../../src/index.js";

export interface EngineCase {
  readonly name: string;
  readonly row: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The ENGINE clause and all behind it, as in `engine_full`, without `index_granularity`. */
  readonly prints: string;
  /** A row that is inserted and read back; none where the engine gives nothing back or is not on this machine. */
  readonly values?: Readonly<Record<string, unknown>>;
}

const row = "id: Key<Int32>; v: UInt8; s: Int8; at: Date; name: string";
const one = { id: 1, v: 1, s: 1, at: "2024-01-01 00:00:00", name: "x" };
const plain = "id: Int32; v: UInt8; s: Int8; at: Date; name: string";

/** Made by the embedded engine as they are. */
export const engineCases: readonly EngineCase[] = [
  { name: "no engine", row, config: {}, prints: "MergeTree ORDER BY (id)", values: one },
  { name: "MergeTree", row, config: { engine: E.MergeTree }, prints: "MergeTree ORDER BY (id)", values: one },
  {
    name: "ReplacingMergeTree",
    row,
    config: { engine: E.ReplacingMergeTree },
    prints: "ReplacingMergeTree ORDER BY (id)",
    values: one,
  },
  {
    name: "ReplacingMergeTree ver",
    row,
    config: { engine: E.ReplacingMergeTree, ver: "at" },
    prints: "ReplacingMergeTree(at) ORDER BY (id)",
    values: one,
  },
  {
    name: "ReplacingMergeTree isDeleted",
    row,
    config: { engine: E.ReplacingMergeTree, ver: "at", isDeleted: "v" },
    prints: "ReplacingMergeTree(at, v) ORDER BY (id)",
    values: one,
  },
  {
    name: "SummingMergeTree",
    row,
    config: { engine: E.SummingMergeTree },
    prints: "SummingMergeTree ORDER BY (id)",
    values: one,
  },
  {
    name: "SummingMergeTree one column",
    row,
    config: { engine: E.SummingMergeTree, columns: ["v"] },
    prints: "SummingMergeTree(v) ORDER BY (id)",
    values: one,
  },
  {
    name: "SummingMergeTree columns",
    row,
    config: { engine: E.SummingMergeTree, columns: ["v", "s"] },
    prints: "SummingMergeTree((v, s)) ORDER BY (id)",
    values: one,
  },
  {
    name: "AggregatingMergeTree",
    row,
    config: { engine: E.AggregatingMergeTree },
    prints: "AggregatingMergeTree ORDER BY (id)",
    values: one,
  },
  {
    name: "CollapsingMergeTree",
    row,
    config: { engine: E.CollapsingMergeTree, sign: "s" },
    prints: "CollapsingMergeTree(s) ORDER BY (id)",
    values: one,
  },
  {
    name: "VersionedCollapsingMergeTree",
    row,
    config: { engine: E.VersionedCollapsingMergeTree, sign: "s", ver: "v" },
    prints: "VersionedCollapsingMergeTree(s, v) PRIMARY KEY (id) ORDER BY (id, v)",
    values: one,
  },
  {
    name: "CoalescingMergeTree",
    row,
    config: { engine: E.CoalescingMergeTree, columns: ["name"] },
    prints: "CoalescingMergeTree(name) ORDER BY (id)",
    values: one,
  },
  { name: "Null", row: plain, config: { engine: E.Null }, prints: "`Null`" },
  { name: "Log", row: plain, config: { engine: E.Log }, prints: "Log", values: one },
  { name: "TinyLog", row: plain, config: { engine: E.TinyLog }, prints: "TinyLog", values: one },
  { name: "StripeLog", row, config: { engine: E.StripeLog }, prints: "StripeLog", values: one },
  {
    name: "Memory",
    row: plain,
    config: { engine: E.Memory, settings: { min_rows_to_keep: 10, max_rows_to_keep: 100 } },
    prints: "Memory SETTINGS max_rows_to_keep = 100, min_rows_to_keep = 10",
    values: one,
  },
  { name: "Set", row: plain, config: { engine: E.Set }, prints: "Set" },
  {
    name: "Join",
    row: plain,
    config: { engine: E.Join, joinStrictness: "ANY", joinType: "LEFT", joinKeys: ["id"] },
    prints: "Join(ANY, LEFT, id)",
    values: one,
  },
  {
    name: "EmbeddedRocksDB",
    row,
    config: { engine: E.EmbeddedRocksDB, expireSeconds: 3600 },
    prints: "EmbeddedRocksDB(3600) PRIMARY KEY (id)",
    values: one,
  },
  {
    name: "Buffer",
    row: plain,
    config: {
      engine: E.Buffer,
      targetDatabase: "nowhere",
      targetTable: "t",
      numLayers: 1,
      minTime: 10,
      maxTime: 100,
      minRows: 1000,
      maxRows: 10000,
      minBytes: 10000,
      maxBytes: 100000,
      flushTime: 5,
      flushRows: 50,
      flushBytes: 500,
    },
    prints: "Buffer('nowhere', 't', 1, 10, 100, 1000, 10000, 10000, 100000, 5, 50, 500)",
  },
  {
    name: "Merge",
    row: plain,
    config: { engine: E.Merge, sourceDatabase: "currentDatabase()", tablesRegexp: "^none$" },
    prints: "Merge('DATABASE', '^none$')",
  },
  {
    name: "Merge of databases",
    row: plain,
    config: { engine: E.Merge, sourceDatabase: "REGEXP('^none$')", tablesRegexp: "^none$" },
    prints: "Merge(REGEXP('^none$'), '^none$')",
  },
  {
    name: "Kafka",
    row: plain,
    config: {
      engine: E.Kafka,
      brokerList: "127.0.0.1:9",
      topicList: "t",
      groupName: "g",
      format: "JSONEachRow",
      settings: { kafka_num_consumers: "1" },
    },
    prints: "Kafka('127.0.0.1:9', 't', 'g', 'JSONEachRow') SETTINGS kafka_num_consumers = 1",
  },
  {
    name: "Kafka with a password",
    row: plain,
    config: {
      engine: E.Kafka,
      brokerList: "127.0.0.1:9",
      topicList: "t",
      groupName: "g",
      format: "JSONEachRow",
      settings: { kafka_sasl_password: "secret" },
    },
    prints: "Kafka('127.0.0.1:9', 't', 'g', 'JSONEachRow') SETTINGS kafka_sasl_password = '[HIDDEN]'",
  },
  {
    name: "S3",
    row: plain,
    config: { engine: E.S3, path: "http://127.0.0.1:9/bucket/a.json", format: "JSONEachRow" },
    prints: "S3('http://127.0.0.1:9/bucket/a.json', 'NOSIGN', 'JSONEachRow')",
  },
  {
    name: "S3 with keys",
    row: plain,
    config: {
      engine: E.S3,
      path: "http://127.0.0.1:9/bucket/a.json",
      format: "JSONEachRow",
      awsAccessKeyId: "k",
      awsSecretAccessKey: "s",
      compression: "gzip",
    },
    prints: "S3('http://127.0.0.1:9/bucket/a.json', 'k', '[HIDDEN]', 'JSONEachRow', 'gzip')",
  },
  {
    name: "S3 in parts",
    row: plain,
    config: {
      engine: E.S3,
      path: "http://127.0.0.1:9/bucket/x",
      format: "Parquet",
      awsAccessKeyId: "k",
      awsSecretAccessKey: "s",
      partitionBy: "id",
      partitionStrategy: "hive",
      partitionColumnsInDataFile: true,
    },
    prints:
      "S3('http://127.0.0.1:9/bucket/x', 'k', '[HIDDEN]', 'Parquet', partition_strategy = 'hive', partition_columns_in_data_file = 1) PARTITION BY id",
  },
  {
    name: "orderByFields",
    row,
    config: { orderByFields: ["id", "name"] },
    prints: "MergeTree PRIMARY KEY (id) ORDER BY (id, name)",
    values: one,
  },
  {
    name: "orderByExpression",
    row: plain,
    config: { orderByExpression: "(toDate(at), id)" },
    prints: "MergeTree ORDER BY (toDate(at), id)",
    values: one,
  },
  {
    name: "no order",
    row: plain,
    config: { orderByExpression: "tuple()" },
    prints: "MergeTree ORDER BY tuple()",
    values: one,
  },
  {
    name: "primaryKeyExpression",
    row,
    config: { orderByFields: ["name", "id"], primaryKeyExpression: "name" },
    prints: "MergeTree PRIMARY KEY (name) ORDER BY (name, id)",
    values: one,
  },
  {
    name: "partitionBy and sampleBy",
    row: plain,
    config: {
      partitionBy: "toYYYYMM(at)",
      orderByExpression: "cityHash64(id)",
      sampleByExpression: "cityHash64(id)",
    },
    prints: "MergeTree PARTITION BY toYYYYMM(at) ORDER BY (cityHash64(id)) SAMPLE BY cityHash64(id)",
    values: one,
  },
  {
    name: "ttl",
    row,
    config: { ttl: "TTL at + INTERVAL 30 YEAR DELETE" },
    prints: "MergeTree ORDER BY (id) TTL at + toIntervalYear(30)",
    values: one,
  },
  {
    name: "settings",
    row,
    config: {
      settings: { ttl_only_drop_parts: "1", merge_with_ttl_timeout: 3600, min_bytes_for_wide_part: false },
    },
    prints:
      "MergeTree ORDER BY (id) SETTINGS merge_with_ttl_timeout = 3600, min_bytes_for_wide_part = 0, ttl_only_drop_parts = 1",
    values: one,
  },
  {
    name: "comment, metadata, seedFilter",
    row,
    config: { comment: "it's", metadata: { description: "d" }, seedFilter: { limit: 10 } },
    prints: "MergeTree ORDER BY (id) COMMENT it's",
    values: one,
  },
  {
    name: "indexes",
    row,
    config: {
      indexes: [
        { name: "i", expression: "lower(name)", type: "bloom_filter", arguments: ["0.01"], granularity: 4 },
      ],
    },
    prints: "MergeTree ORDER BY (id) INDEX i lower(name) TYPE bloom_filter(0.01) GRANULARITY 4",
    values: one,
  },
  {
    name: "projections",
    row,
    config: { projections: [{ name: "p", body: "SELECT name, count() GROUP BY name" }] },
    prints: "MergeTree ORDER BY (id) PROJECTION p SELECT name, count() GROUP BY name",
    values: one,
  },
  {
    name: "constraints",
    row,
    config: {
      constraints: [
        { name: "c", expression: "v<100" },
        { name: "it's", expression: "s > -5", type: "ASSUME" },
      ],
    },
    prints: "MergeTree ORDER BY (id) CONSTRAINT c CHECK v < 100 CONSTRAINT it's ASSUME s > -5",
    values: one,
  },
];

/** What the embedded engine cannot make: printed, and what it has in their place. */
export interface StandInCase {
  readonly name: string;
  readonly row: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The whole of the CREATE TABLE statement behind its columns, and between name and columns. */
  readonly prints: string;
  readonly standIn: string;
}

const keeper = { keeperPath: "/clickhouse/tables/{database}/{shard}/t", replicaName: "{replica}" };
const place = "'/clickhouse/tables/{database}/{shard}/t', '{replica}'";
const order = "ORDER BY (id)";

export const standInCases: readonly StandInCase[] = [
  {
    name: "ReplicatedMergeTree",
    row,
    config: { engine: E.ReplicatedMergeTree },
    prints: `ENGINE = ReplicatedMergeTree ${order}`,
    standIn: "MergeTree",
  },
  {
    name: "ReplicatedMergeTree in Keeper",
    row,
    config: { engine: E.ReplicatedMergeTree, ...keeper },
    prints: `ENGINE = ReplicatedMergeTree(${place}) ${order}`,
    standIn: "MergeTree",
  },
  {
    name: "ReplicatedReplacingMergeTree",
    row,
    config: { engine: E.ReplicatedReplacingMergeTree, ...keeper, ver: "at", isDeleted: "v" },
    prints: `ENGINE = ReplicatedReplacingMergeTree(${place}, at, v) ${order}`,
    standIn: "ReplacingMergeTree(at, v)",
  },
  {
    name: "ReplicatedReplacingMergeTree by default",
    row,
    config: { engine: E.ReplicatedReplacingMergeTree, ver: "at" },
    prints: `ENGINE = ReplicatedReplacingMergeTree(at) ${order}`,
    standIn: "ReplacingMergeTree(at)",
  },
  {
    name: "ReplicatedSummingMergeTree",
    row,
    config: { engine: E.ReplicatedSummingMergeTree, columns: ["v", "s"] },
    prints: `ENGINE = ReplicatedSummingMergeTree((v, s)) ${order}`,
    standIn: "SummingMergeTree((v, s))",
  },
  {
    name: "ReplicatedAggregatingMergeTree",
    row,
    config: { engine: E.ReplicatedAggregatingMergeTree },
    prints: `ENGINE = ReplicatedAggregatingMergeTree ${order}`,
    standIn: "AggregatingMergeTree",
  },
  {
    name: "ReplicatedCollapsingMergeTree",
    row,
    config: { engine: E.ReplicatedCollapsingMergeTree, sign: "s" },
    prints: `ENGINE = ReplicatedCollapsingMergeTree(s) ${order}`,
    standIn: "CollapsingMergeTree(s)",
  },
  {
    name: "ReplicatedVersionedCollapsingMergeTree",
    row,
    config: { engine: E.ReplicatedVersionedCollapsingMergeTree, sign: "s", ver: "v", ...keeper },
    prints: `ENGINE = ReplicatedVersionedCollapsingMergeTree(${place}, s, v) PRIMARY KEY (id) ORDER BY (id, v)`,
    standIn: "VersionedCollapsingMergeTree(s, v)",
  },
  {
    name: "ReplicatedCoalescingMergeTree",
    row,
    config: { engine: E.ReplicatedCoalescingMergeTree },
    prints: `ENGINE = ReplicatedCoalescingMergeTree ${order}`,
    standIn: "CoalescingMergeTree",
  },
  {
    name: "GraphiteMergeTree",
    row,
    config: { engine: E.GraphiteMergeTree },
    prints: `ENGINE = GraphiteMergeTree('graphite_rollup') ${order}`,
    standIn: "MergeTree",
  },
  {
    name: "S3Queue",
    row: plain,
    config: {
      engine: E.S3Queue,
      s3Path: "s3://bucket/*.json",
      format: "JSONEachRow",
      awsAccessKeyId: "k",
      awsSecretAccessKey: "s",
      settings: { keeper_path: "/q" },
    },
    prints:
      "ENGINE = S3Queue('s3://bucket/*.json', 'k', 's', 'JSONEachRow') SETTINGS keeper_path = '/q', mode = 'unordered'",
    standIn: "Null",
  },
  {
    name: "S3Queue of a public bucket",
    row: plain,
    config: {
      engine: E.S3Queue,
      s3Path: "s3://bucket/*.gz",
      format: "CSV",
      compression: "gzip",
      settings: { mode: "ordered" },
    },
    prints: "ENGINE = S3Queue('s3://bucket/*.gz', NOSIGN, 'CSV', 'gzip') SETTINGS mode = 'ordered'",
    standIn: "Null",
  },
  {
    name: "IcebergS3",
    row: plain,
    config: {
      engine: E.IcebergS3,
      path: "s3://bucket/t/",
      format: "Parquet",
      awsAccessKeyId: "k",
      awsSecretAccessKey: "s",
    },
    prints: "ENGINE = IcebergS3('s3://bucket/t/', 'k', 's', 'Parquet')",
    standIn: "Null",
  },
  {
    name: "Distributed",
    row: plain,
    config: {
      engine: E.Distributed,
      cluster: "main",
      targetDatabase: "d",
      targetTable: "events_1",
      shardingKey: "cityHash64(id)",
      policyName: "fast",
    },
    prints: "ENGINE = Distributed('main', 'd', 'events_1', cityHash64(id), 'fast')",
    standIn: "Merge('d', '^events_1$')",
  },
  {
    name: "on a cluster",
    row,
    config: { cluster: "main", engine: E.ReplicatedMergeTree },
    prints: `ON CLUSTER \`main\` ENGINE = ReplicatedMergeTree ${order}`,
    standIn: "MergeTree",
  },
  {
    name: "a MergeTree on a cluster",
    row,
    config: { cluster: "it's" },
    prints: `ON CLUSTER \`it's\` ENGINE = MergeTree ${order}`,
    standIn: "MergeTree",
  },
];
