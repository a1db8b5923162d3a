// A server is told to stop in the middle of a migration: it ends in order, and the next one goes on from there.

import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Random } from "../faults/random.js";
import { type LiveEngine, uniqueName } from "../live/live-engine.js";
import { ProdFolder } from "./prod-process.js";

const tables = 50;

/** Each time so many tables have been made that the seed says. */
export async function stopStory(
  engine: LiveEngine,
  { moments, chance }: { readonly moments: number; readonly chance: Random },
): Promise<void> {
  const code = Array.from(
    { length: tables },
    (_, n) => `export const t${n} = new OlapTable<Row>("t${n}", { orderByFields: ["id"] });`,
  );
  let inBetween = 0;
  for (let moment = 0; moment < moments; moment++) {
    const name = uniqueName("stopped");
    const project = new ProdFolder({
      "package.json": JSON.stringify({ name, type: "module" }),
      "app/index.ts": `import { OlapTable } from "@514labs/moose-lib";\ninterface Row { id: string; n: number }\n${code.join("\n")}\n`,
    });
    const url = `${engine.url.replace("//", "//default:@")}/${name}_db`;
    try {
      const server = await project.start(url);
      await server.until(({ phase }) => phase === "applying" || phase === "ready");
      const enough = chance.between(0, tables - 1);
      while ((await countTables(engine, `${name}_db`)) < enough) await sleep(chance.between(0, 20));
      server.child.kill("SIGTERM");
      expect(await server.ended, server.output).toBe(0);
      const left = await countTables(engine, `${name}_db`);
      if (left > 0 && left < tables) inBetween++;
      const next = await project.start(url);
      await next.until(({ phase }) => phase === "ready");
      expect(await countTables(engine, `${name}_db`)).toBe(tables);
    } finally {
      await project.remove();
    }
  }
  // A story that never stops in the middle would show nothing.
  expect(inBetween).toBeGreaterThan(0);
}

async function countTables(engine: LiveEngine, database: string): Promise<number> {
  const [row] = await engine.clickhouse.rows<{ n: string }>(
    "SELECT count() AS n FROM system.tables WHERE database = {database:String}",
    { database },
  );
  return Number(row?.n);
}
