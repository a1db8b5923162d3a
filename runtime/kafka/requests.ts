// The requests that are sent in the protocol's own form: what the client library's Admin leaves out of them
// (validate-only of a new topic, all topics at once), or sends again without knowing whether they were executed.

import {
  createPartitionsV1,
  createPartitionsV2,
  createPartitionsV3,
  createTopicsV7,
  deleteTopicsV6,
  describeConfigsV2,
  describeConfigsV3,
  describeConfigsV4,
  incrementalAlterConfigsV1,
  metadataV9,
  metadataV10,
  metadataV11,
  metadataV12,
} from "@platformatic/kafka";

/** The versions of each request that are spoken, the newest first. All those of one request take the same arguments. */
export const requests = {
  Metadata: [metadataV12.api, metadataV11.api, metadataV10.api, metadataV9.api],
  DescribeConfigs: [describeConfigsV4.api, describeConfigsV3.api, describeConfigsV2.api],
  CreateTopics: [createTopicsV7.api],
  DeleteTopics: [deleteTopicsV6.api],
  CreatePartitions: [createPartitionsV3.api, createPartitionsV2.api, createPartitionsV1.api],
  IncrementalAlterConfigs: [incrementalAlterConfigsV1.api],
} as const;

export type RequestName = keyof typeof requests;

type Async<N extends RequestName> = (typeof requests)[N][0]["async"];

/** What a request takes, without the connection. */
export type RequestOf<N extends RequestName> =
  Parameters<Async<N>> extends [unknown, ...infer Rest] ? Rest : never;

type Answers = { readonly [N in RequestName]: Awaited<ReturnType<Async<N>>> };

export type AnswerOf<N extends RequestName> = Answers[N];
