// The public API: what user code imports from "@514labs/moose-lib".

export { type FieldOf, type OlapConfig, OlapTable } from "./declare/olap-table.js";
export { LifeCycle } from "./infra/lifecycle.js";
