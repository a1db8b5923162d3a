// What code has declared in this process, for code that asks: getTables, getStream and the like.

import type { Api } from "./api.js";
import { declared } from "./declared.js";
import type { IngestApi } from "./ingest-api.js";
import type { MaterializedView } from "./materialized-view.js";
import type { OlapTable } from "./olap-table.js";
import type { SqlResource } from "./sql-resource.js";
import type { Stream } from "./stream.js";
import type { View } from "./view.js";
import type { WebApp } from "./web-app.js";
import type { Workflow } from "./workflow.js";

/** By `name`, or `name_version`. */
export const getTables = (): ReadonlyMap<string, OlapTable<unknown>> => declared("OlapTable");
export const getTable = (name: string): OlapTable<unknown> | undefined => getTables().get(name);

export const getStreams = (): ReadonlyMap<string, Stream<unknown>> => declared("Stream");
export const getStream = (name: string): Stream<unknown> | undefined => getStreams().get(name);

export const getIngestApis = (): ReadonlyMap<string, IngestApi<unknown>> => declared("IngestApi");
export const getIngestApi = (name: string): IngestApi<unknown> | undefined => getIngestApis().get(name);

export const getApis = (): ReadonlyMap<string, Api> => declared("Api");
export const getApi = (name: string): Api | undefined => getApis().get(name);

export const getViews = (): ReadonlyMap<string, View> => declared("View");
export const getView = (name: string): View | undefined => getViews().get(name);

export const getMaterializedViews = (): ReadonlyMap<string, MaterializedView<unknown>> =>
  declared("MaterializedView");
export const getMaterializedView = (name: string): MaterializedView<unknown> | undefined =>
  getMaterializedViews().get(name);

export const getSqlResources = (): ReadonlyMap<string, SqlResource> => declared("SqlResource");
export const getSqlResource = (name: string): SqlResource | undefined => getSqlResources().get(name);

export const getWorkflows = (): ReadonlyMap<string, Workflow> => declared("Workflow");
export const getWorkflow = (name: string): Workflow | undefined => getWorkflows().get(name);

export const getWebApps = (): ReadonlyMap<string, WebApp> => declared("WebApp");
export const getWebApp = (name: string): WebApp | undefined => getWebApps().get(name);
