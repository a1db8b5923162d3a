// A column drop that a killed server wrote into the definition but not into the parts.

import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { Moose } from "../dev/moose.js";

function codeWith(fields: string): string {
  return `import { OlapTable, type UInt16, type UInt32 } from "@514labs/moose-lib";
interface Row { ${fields} }
export const a = new OlapTable<Row>("a", { orderByFields: ["id"] });
`;
}

test("is finished at the next start, so that later rewrites go through", async () => {
  const moose = await Moose.start({
    "app/index.ts": codeWith("id: string; num: UInt32; gone: number; last: number"),
  });
  await moose.insert("local.a", [{ id: "x", num: 1, gone: 2, last: 3 }]);
  await moose.stop();
  const definition = fs
    .readdirSync(moose.project.path(".moose/clickhouse/data/store"), { recursive: true, encoding: "utf8" })
    .find((file) => path.basename(file) === "a.sql");
  const file = moose.project.path(`.moose/clickhouse/data/store/${definition}`);
  const text = fs.readFileSync(file, "utf8");
  expect(text).toMatch(/,\s*`gone` Float64/);
  fs.writeFileSync(file, text.replace(/,\s*`gone` Float64/, ""));
  moose.project.save({ "app/index.ts": codeWith("id: string; num: UInt16; last: number") });
  const next = await moose.again();
  expect(next.stdout).not.toContain("refused");
  await next.eventually("SELECT name, type FROM system.columns WHERE database = 'local' AND table = 'a'", [
    { name: "id", type: "String" },
    { name: "num", type: "UInt16" },
    { name: "last", type: "Float64" },
  ]);
  expect(
    await next.rows(
      "SELECT DISTINCT column FROM system.parts_columns WHERE database = 'local' AND table = 'a' AND active ORDER BY 1",
    ),
  ).toEqual([{ column: "id" }, { column: "last" }, { column: "num" }]);
  expect(await next.rows("SELECT * FROM local.a")).toEqual([{ id: "x", num: 1, last: 3 }]);
});
