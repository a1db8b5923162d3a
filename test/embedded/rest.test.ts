// An engine that has nothing to do gives memory back.

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ask, startTestServer } from "./harness.js";

test("after some requests, and then none for a while, the allocator is asked once to let go what it keeps", async () => {
  const server = await startTestServer();
  try {
    const statements = async () =>
      Number(await ask(server.url, "SELECT value FROM system.events WHERE event = 'Query'"));
    for (let n = 0; n < 10; n++) await ask(server.url, "SELECT 1");
    const before = await statements();
    const own = (await statements()) - before;
    await sleep(3_000);
    const atRest = (await statements()) - before - own;
    await sleep(3_000);
    const afterTwo = (await statements()) - before - own - atRest;
    expect({ atRest, afterTwo }).toEqual({ atRest: own + 1, afterTwo: own });
    // It is a statement that this engine knows.
    expect(await ask(server.url, "SYSTEM JEMALLOC PURGE")).toBe("");
  } finally {
    await server.remove();
  }
});
