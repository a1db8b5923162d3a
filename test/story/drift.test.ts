// What others change behind the back of moose dev: what it does not put right is in its status, old against new.

import { expect, test } from "vitest";
import type { ServerStatus } from "../../src/status/server-status.js";
import { Moose } from "../dev/moose.js";
import { until } from "../dev/wait.js";

const table = (name: string, lifeCycle: string, more = "") =>
  `interface ${name}Row { id: string; n: number${more} }
export const ${name} = new OlapTable<${name}Row>("${name}", { orderByFields: ["id"], lifeCycle: LifeCycle.${lifeCycle} });\n`;

const code = (more: { readonly bills?: string; readonly events?: string } = {}) =>
  `import { LifeCycle, OlapTable } from "@514labs/moose-lib";\n${[
    table("events", "FULLY_MANAGED", more.events),
    table("bills", "DELETION_PROTECTED", more.bills),
    table("feed", "EXTERNALLY_MANAGED"),
  ].join("")}`;

test("drift that a round does not put right is shown until it is gone, or the code says it too", async () => {
  const moose = await Moose.start({ "app/index.ts": code() });
  await moose.command("CREATE TABLE local.feed (id String, n Float64) ENGINE = MergeTree ORDER BY id");
  const url = new URL(await moose.pageUrl()).origin;
  const status = async () => (await (await fetch(`${url}/admin/status`)).json()) as ServerStatus;
  const look = () => fetch(`${url}/admin/reconcile`, { method: "POST" });
  const drifted = async () =>
    (await status()).drift.map(({ address, parts }) => [
      address,
      ...parts.map(({ what, before, after }) => `${what}: ${before || "none"} -> ${after || "none"}`),
    ]);
  const shows = async (expected: readonly (readonly string[])[]) => {
    let last: unknown;
    await until(
      async () => {
        last = await drifted();
        return JSON.stringify(last) === JSON.stringify(expected);
      },
      30_000,
      () => `it still shows ${JSON.stringify(last)}`,
    );
  };
  await look();
  await until(
    async () => (await status()).resources.every(({ state }) => state === "in-sync"),
    30_000,
    () => "feed is not in line",
  );
  expect(await drifted()).toEqual([]);

  for (const change of [
    "events DROP COLUMN n",
    "events ADD COLUMN theirs String",
    "bills ADD COLUMN extra Float64",
    "feed MODIFY COLUMN n Float32",
  ])
    await moose.command(`ALTER TABLE local.${change}`);
  await look();
  const all = [
    ["local.bills", "column extra: none -> column extra Float64"],
    ["local.events", "column theirs: none -> column theirs String"],
    ["local.feed", "column n: type: Float64 -> Float32"],
  ];
  await shows(all);
  const { resources, conditions } = await status();
  expect(resources.map(({ address, state }) => [address, state])).toEqual(
    ["bills", "events", "feed"].map((name) => [`local.${name}`, "drifted"]),
  );
  expect(conditions.Drifted).toMatchObject({ status: "True", reason: "DatabaseDiffers" });
  // What was dropped is there again.
  await moose.eventually("SELECT n FROM local.events", []);

  // What moose does itself is no drift, and what the code says now is none any more.
  await moose.save({ "app/index.ts": code({ bills: "; extra: number", events: "; mine: string" }) });
  await shows(all.slice(1));
  await moose.command("ALTER TABLE local.events DROP COLUMN theirs");
  await moose.command("ALTER TABLE local.feed MODIFY COLUMN n Float64");
  await look();
  await shows([]);
  expect((await status()).conditions.Drifted.status).toBe("False");
});
