// The promise to whoever starts a server: ready in 3 s where a thousand tables are as the code says.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { WatchingProxy } from "../migrate/watching-proxy.js";
import { buildProject, tablesCode } from "../prod/poll-story.js";
import { ProdFolder } from "../prod/prod-process.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("moose prod is ready in 3 s with 1,000 tables and nothing to do, which it reads twice at most", async () => {
  const name = uniqueName("started");
  const proxy = await WatchingProxy.start(engine.url);
  const project = new ProdFolder({
    "package.json": JSON.stringify({ name, type: "module" }),
    "app/index.ts": tablesCode(1_000, ""),
  });
  const url = `${engine.url.replace("//", "//default:@")}/${name}_db`;
  try {
    buildProject(project);
    const first = await project.start(url);
    await first.until(({ phase }) => phase === "ready", 120_000);
    first.child.kill("SIGTERM");
    await first.ended;
    const reads: string[] = [];
    proxy.gate = {
      arrived({ text }) {
        if (text.includes("create_table_query")) reads.push(text);
        return true;
      },
      served: () => true,
    };
    const startMs = performance.now();
    const second = await project.start(url.replace(new URL(engine.url).host, new URL(proxy.url).host));
    await second.until(({ phase }) => phase === "ready", 120_000);
    const tookMs = performance.now() - startMs;
    process.stdout.write(`ready after ${Math.round(tookMs)} ms, ${reads.length} reads of all tables\n`);
    expect(tookMs).toBeLessThan(3_000);
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.length).toBeLessThanOrEqual(2);
  } finally {
    await project.remove();
    await proxy.stop();
  }
});
