// Routes in the shape that the existing tool's commands expect: `plan`, `generate migration` and `refresh` with --url.

import type { FastifyInstance } from "fastify";
import type { AdminPort, Discrepancies } from "./admin-port.js";
import { type Problem, sendProblem } from "./problem.js";
import { anything, list, object, ref, text } from "./schema-parts.js";
import { adminProblems } from "./schemas.js";

const security = [{ bearer: [] }];
const maxTables = 10_000;

/** @param maxBodyBytes - of an InfraMap, which is the largest body of all */
export function compatibleRoutes(app: FastifyInstance, port: AdminPort, maxBodyBytes: number): void {
  app.get(
    "/admin/inframap",
    {
      schema: {
        summary: "What is managed",
        security,
        response: { 200: object({ status: text, infra_map: anything }), ...adminProblems },
      },
    },
    async () => ({ status: "success", infra_map: await port.infraMap() }),
  );
  app.post<{ Body: { infra_map: unknown } }>(
    "/admin/plan",
    {
      bodyLimit: maxBodyBytes,
      schema: {
        summary: "The changes from the database to another InfraMap",
        security,
        body: { type: "object", required: ["infra_map"], properties: { infra_map: { type: "object" } } },
        response: { 200: object({ status: text, changes: anything }), ...adminProblems },
      },
    },
    async ({ body }, reply) => {
      const found = await port.planAgainst(body.infra_map);
      if (found.ok) return { status: "success", changes: found.value };
      return sendProblem(reply, { ...unreadableMap, detail: found.problems.join("\n") });
    },
  );
  app.get(
    "/admin/reality-check",
    {
      schema: {
        summary: "How the database differs from what was last applied",
        security,
        response: { 200: object({ status: text, discrepancies: ref("Discrepancies") }), ...adminProblems },
      },
    },
    async () => ({ status: "success", discrepancies: discrepanciesJson(await port.realityCheck()) }),
  );
  app.post<{ Body: { tables: readonly string[] } }>(
    "/admin/integrate-changes",
    {
      config: { right: "approve" },
      schema: {
        summary: "Take tables as they are in the database for what was last applied",
        security,
        body: object({ tables: { ...list({ ...text, maxLength: 1000 }), maxItems: maxTables } }),
        response: {
          200: object({ status: text, message: text, updated_tables: list(text) }),
          ...adminProblems,
        },
      },
    },
    async ({ body }, reply) => {
      const done = await port.integrateChanges(body.tables);
      if (!done.ok) return sendProblem(reply, { ...nothingToTake, detail: done.problems.join("\n") });
      const { message, updatedTables } = done.value;
      return { status: "success", message, updated_tables: updatedTables };
    },
  );
}

function discrepanciesJson({ unmappedTables, missingTables, mismatchedTables }: Discrepancies) {
  return {
    unmapped_tables: unmappedTables,
    missing_tables: missingTables,
    mismatched_tables: mismatchedTables,
    unmapped_sql_resources: [],
    missing_sql_resources: [],
    mismatched_sql_resources: [],
    unmapped_materialized_views: [],
    missing_materialized_views: [],
    mismatched_materialized_views: [],
    unmapped_views: [],
    missing_views: [],
    mismatched_views: [],
  };
}

const unreadableMap: Problem = {
  status: 400,
  code: "http/unreadable-infra-map",
  title: "The InfraMap cannot be read",
  detail: "",
};

const nothingToTake: Problem = {
  status: 400,
  code: "http/nothing-to-integrate",
  title: "None of the tables differs from what was last applied",
  detail: "",
};
