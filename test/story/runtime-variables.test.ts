// A value from the environment that is not there yet while `moose dev` runs.

import { expect, onTestFinished, test } from "vitest";
import { Moose } from "../dev/moose.js";

test("a missing variable is told at its place, and a .env file mends it without a restart by hand", async () => {
  const plain = `import { ClickHouseEngines, mooseRuntimeEnv, OlapTable } from "@514labs/moose-lib";
interface Row { id: string }
export const plain = new OlapTable<Row>("plain", { orderByFields: ["id"] });
`;
  const moose = await Moose.start({ "app/index.ts": plain });
  onTestFinished(() => moose.remove());
  const store = `export const store = new OlapTable<Row>("store", {
  engine: ClickHouseEngines.S3, path: "http://127.0.0.1:9/bucket/a.csv", format: "CSV",
  awsAccessKeyId: "id", awsSecretAccessKey: mooseRuntimeEnv.get("STORE_SECRET"),
});
`;
  expect(await moose.save({ "app/index.ts": plain + store })).toMatchInlineSnapshot(`
    "error: app/index.ts:4:22: table local.store has a value from the environment variable STORE_SECRET, which is not set
        set STORE_SECRET for this process, or in a .env file of the project
    nothing was changed; waiting for the next save
    "
  `);
  moose.project.save({ ".env": "STORE_SECRET=a-canary-1\n" });
  expect(await moose.ready()).toContain("+ local.store  S3");
  expect(moose.stdout + moose.stderr).not.toContain("a-canary-1");
  expect(
    await moose.rows(
      "SELECT engine_full LIKE '%[HIDDEN]%' AS hidden FROM system.tables WHERE name = 'store'",
    ),
  ).toEqual([{ hidden: 1 }]);
});
