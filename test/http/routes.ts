// Every route of the app, with a request that is right and what it answers.

import type { FastifyInstance, InjectOptions } from "fastify";

export interface KnownRoute {
  readonly method: "GET" | "POST";
  /** As it is registered. */
  readonly route: string;
  readonly request: Pick<InjectOptions, "url" | "payload">;
  readonly answers: number;
  /** `open` needs no token. */
  readonly needs: "open" | "read" | "approve";
}

export const planId = "9f2c41d07ab35e88";

const open = (url: string, answers = 200, route = url): KnownRoute => ({
  ...{ method: "GET", route, request: { url }, answers, needs: "open" },
});
const read = (url: string, route = url): KnownRoute => ({
  ...{ method: "GET", route, request: { url }, answers: 200, needs: "read" },
});
const post = (
  needs: "read" | "approve",
  url: string,
  payload: object,
  answers = 200,
  route = url,
): KnownRoute => ({ method: "POST", route, request: { url, payload }, answers, needs });

/** For a server that shows {@link blocked}. The events are not here: they do not end. */
export const routes: readonly KnownRoute[] = [
  open("/livez"),
  open("/readyz", 503),
  open("/startupz"),
  open("/liveness"),
  open("/health"),
  open("/ready", 503),
  open("/openapi.json"),
  open("/", 302),
  open("/admin"),
  open("/admin/", 302),
  open("/admin/page/main.js", 200, "/admin/page/:file"),
  read("/metrics"),
  read("/admin/status"),
  read("/admin/plan"),
  read("/admin/history"),
  read("/admin/history?limit=1", "/admin/history"),
  read("/admin/inframap"),
  read("/admin/reality-check"),
  post("read", "/admin/plan", { infra_map: { tables: {} } }),
  post("approve", "/admin/reconcile", {}, 202),
  post("approve", `/admin/plan/${planId}/reject`, { operation: "3" }, 200, "/admin/plan/:id/reject"),
  post("approve", `/admin/plan/${planId}/approve`, { operation: "3" }, 200, "/admin/plan/:id/approve"),
  post("approve", "/admin/integrate-changes", { tables: ["events"] }),
];

export const events: KnownRoute = read("/admin/events");

/** `GET /admin/status`, of all that are registered. */
export function registered(app: FastifyInstance): readonly string[] {
  const found: string[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) if (one !== "HEAD") found.push(`${one} ${url}`);
  });
  return found;
}
