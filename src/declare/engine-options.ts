// The options that each table engine takes beside those of every table; `engine` tells them apart.

import type { ClickHouseEngines } from "./engines.js";

/** A field of the row type. */
export type FieldOf<T> = keyof T & string;

/** No engine named: a MergeTree. */
export interface NoEngine {
  readonly engine?: undefined;
}

export interface PlainMergeTree {
  readonly engine: ClickHouseEngines.MergeTree | ClickHouseEngines.AggregatingMergeTree;
}

interface ReplacingFields<T> {
  /** Field that tells which of two rows of one key is the later one. Default: the one inserted later. */
  readonly ver?: FieldOf<T>;
  /** `UInt8` field that is 1 where the row stands for its deletion; needs `ver`. */
  readonly isDeleted?: FieldOf<T>;
}

export interface Replacing<T> extends ReplacingFields<T> {
  readonly engine: ClickHouseEngines.ReplacingMergeTree;
}

interface SummedFields<T> {
  /** Fields that are summed, or coalesced. Default: all that are not in the sorting key. */
  readonly columns?: readonly FieldOf<T>[];
}

export interface Summing<T> extends SummedFields<T> {
  readonly engine: ClickHouseEngines.SummingMergeTree | ClickHouseEngines.CoalescingMergeTree;
}

interface SignField<T> {
  /** `Int8` field: 1 for a row, -1 for its cancellation. */
  readonly sign: FieldOf<T>;
}

export interface Collapsing<T> extends SignField<T> {
  readonly engine: ClickHouseEngines.CollapsingMergeTree;
}

interface VersionedFields<T> extends SignField<T> {
  /** Field with the version of the row's state. */
  readonly ver: FieldOf<T>;
}

export interface VersionedCollapsing<T> extends VersionedFields<T> {
  readonly engine: ClickHouseEngines.VersionedCollapsingMergeTree;
}

export interface Graphite {
  readonly engine: ClickHouseEngines.GraphiteMergeTree;
  /** Section of the server's configuration with the rules. Default: `graphite_rollup`. */
  readonly configSection?: string;
}

/** Where in Keeper a replicated table is: both, or neither, for the server's defaults and for ClickHouse Cloud. */
interface Replication {
  /** `"/clickhouse/tables/{database}/{shard}/events"` */
  readonly keeperPath?: string;
  /** `"{replica}"` */
  readonly replicaName?: string;
}

export interface Replicated extends Replication {
  readonly engine: ClickHouseEngines.ReplicatedMergeTree | ClickHouseEngines.ReplicatedAggregatingMergeTree;
}

export interface ReplicatedReplacing<T> extends Replication, ReplacingFields<T> {
  readonly engine: ClickHouseEngines.ReplicatedReplacingMergeTree;
}

export interface ReplicatedSumming<T> extends Replication, SummedFields<T> {
  readonly engine:
    | ClickHouseEngines.ReplicatedSummingMergeTree
    | ClickHouseEngines.ReplicatedCoalescingMergeTree;
}

export interface ReplicatedCollapsing<T> extends Replication, SignField<T> {
  readonly engine: ClickHouseEngines.ReplicatedCollapsingMergeTree;
}

export interface ReplicatedVersioned<T> extends Replication, VersionedFields<T> {
  readonly engine: ClickHouseEngines.ReplicatedVersionedCollapsingMergeTree;
}

/** Keys of an object store: both, or neither for a public bucket. The server never shows them, so they are not compared. */
interface Credentials {
  readonly awsAccessKeyId?: string;
  readonly awsSecretAccessKey?: string;
}

/** Rows that lie in files of an object store. */
export interface S3Engine extends Credentials {
  readonly engine: ClickHouseEngines.S3;
  /** `"s3://bucket/folder/file.json"` */
  readonly path: string;
  /** `"JSONEachRow"`, `"Parquet"`, .. */
  readonly format: string;
  /** `"gzip"`, `"zstd"`, `"auto"`, .. Default: by the file's name. */
  readonly compression?: string;
  /** `"wildcard"` or `"hive"`. Default: the server's. */
  readonly partitionStrategy?: string;
  /** Whether files written under `"hive"` hold the partition's columns too. Default: the server's. */
  readonly partitionColumnsInDataFile?: string | boolean;
}

/** Files of an object store, each read once as it comes; goes on with a materialized view. */
export interface S3QueueEngine extends Credentials {
  readonly engine: ClickHouseEngines.S3Queue;
  /** `"s3://bucket/incoming/*.json"` */
  readonly s3Path: string;
  readonly format: string;
  readonly compression?: string;
  /** Accepted for apps that have it; not given to ClickHouse. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An Iceberg table of an object store, to be read. */
export interface IcebergEngine extends Credentials {
  readonly engine: ClickHouseEngines.IcebergS3;
  /** `"s3://bucket/warehouse/events/"` */
  readonly path: string;
  readonly format: "Parquet" | "ORC";
  readonly compression?: string;
}

/** Rows held in memory and written to another table in larger pieces; what is held is lost when the server dies. */
export interface BufferEngine {
  readonly engine: ClickHouseEngines.Buffer;
  readonly targetDatabase: string;
  readonly targetTable: string;
  /** Buffers that are filled side by side; 16 is usual. */
  readonly numLayers: number;
  /** Seconds, rows and bytes: written when all of the least are reached, or one of the most. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly minRows: number;
  readonly maxRows: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Bounds after which it is written in the background. */
  readonly flushTime?: number;
  readonly flushRows?: number;
  readonly flushBytes?: number;
}

/** A table that stands for tables of the same shape on all shards of a cluster. */
export interface DistributedEngine {
  readonly engine: ClickHouseEngines.Distributed;
  /** Cluster of the server's configuration. */
  readonly cluster: string;
  readonly targetDatabase: string;
  readonly targetTable: string;
  /** An expression that says to which shard a row goes: `"cityHash64(id)"`. */
  readonly shardingKey?: string;
  /** Storage policy for rows that wait to be sent; needs `shardingKey`. */
  readonly policyName?: string;
}

/** Messages of Kafka topics, read with a consumer group; more with `settings: { kafka_num_consumers: "2" }`. */
export interface KafkaEngine {
  readonly engine: ClickHouseEngines.Kafka;
  /** `"host:9092,host2:9092"` */
  readonly brokerList: string;
  readonly topicList: string;
  readonly groupName: string;
  readonly format: string;
}

/** All tables of a database whose names match, to be read as one. */
export interface MergeEngine {
  readonly engine: ClickHouseEngines.Merge;
  /** A database, `"currentDatabase()"` for that of this table, or `"REGEXP('..')"`. */
  readonly sourceDatabase: string;
  /** `"^events_"` */
  readonly tablesRegexp: string;
}

/** Small tables without an index, in files or in memory; Null keeps nothing and feeds materialized views. */
export interface PlainEngine {
  readonly engine:
    | ClickHouseEngines.Null
    | ClickHouseEngines.Log
    | ClickHouseEngines.TinyLog
    | ClickHouseEngines.StripeLog
    | ClickHouseEngines.Memory
    | ClickHouseEngines.Set;
}

/** The right side of joins, kept in memory. */
export interface JoinEngine<T> {
  readonly engine: ClickHouseEngines.Join;
  readonly joinStrictness: "ALL" | "ANY" | "SEMI" | "ANTI";
  readonly joinType: "INNER" | "LEFT" | "RIGHT" | "FULL";
  readonly joinKeys: readonly FieldOf<T>[];
}

/** Rows by key in a RocksDB file; its key is the field marked with `Key<>`, or `primaryKeyExpression`. */
export interface RocksEngine {
  readonly engine: ClickHouseEngines.EmbeddedRocksDB;
  /** Seconds after which a row expires. Default: never. */
  readonly expireSeconds?: number;
}
