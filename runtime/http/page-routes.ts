// The status page: static files that know nothing; what they show they fetch with the token that the user gives.

import { readFile } from "node:fs/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import { type Problem, sendProblem } from "./problem.js";
import { object, ref, text } from "./schema-parts.js";

const folder = new URL("./page/", import.meta.url);

const types: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "icon.svg": "image/svg+xml",
};
const scriptType = "text/javascript; charset=utf-8";
export const pageScripts: readonly string[] = [
  "main.js",
  "client.js",
  "dom.js",
  "plan.js",
  "status.js",
  "format.js",
];

/** `/admin` and what it loads. */
export function pageRoutes(app: FastifyInstance, prefix: string): void {
  const served = new Map([
    ...Object.entries(types),
    ...pageScripts.map((name) => [name, scriptType] as const),
  ]);
  const schema = { summary: "The status page", response: { 200: { type: "string" } } };
  app.get("/", { schema: { hide: true } }, (_request, reply) => reply.redirect(`${prefix}/admin`));
  app.get("/admin/", { schema: { hide: true } }, (_request, reply) => reply.redirect(`${prefix}/admin`));
  app.get("/admin", { schema }, (_request, reply) => sendFile(reply, "index.html", types["index.html"]));
  app.get<{ Params: { file: string } }>(
    "/admin/page/:file",
    {
      schema: {
        summary: "A part of the status page",
        params: object({ file: text }),
        response: { 200: { type: "string" }, 404: ref("Problem") },
      },
    },
    ({ params }, reply) => sendFile(reply, params.file, served.get(params.file)),
  );
}

async function sendFile(reply: FastifyReply, name: string, type: string | undefined): Promise<FastifyReply> {
  const body = type === undefined ? undefined : await contents(name);
  if (body === undefined) return sendProblem(reply, noFile);
  return reply
    .type(type ?? "")
    .header("cache-control", "no-cache")
    .send(body);
}

const read = new Map<string, string>();

async function contents(name: string): Promise<string | undefined> {
  const known = read.get(name);
  if (known !== undefined) return known;
  try {
    const body = await readFile(new URL(name, folder), "utf8");
    read.set(name, body);
    return body;
  } catch {
    return undefined;
  }
}

const noFile: Problem = {
  status: 404,
  code: "http/no-page-file",
  title: "The status page has no such file",
  detail: "Where /admin itself is missing, moose was built without it: `npm run build` copies it.",
};
