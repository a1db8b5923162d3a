// A server that goes away and comes back while `moose dev` works on it.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type EmbeddedClickHouse, startEmbedded } from "../../runtime/embedded/embedded.js";
import { Moose } from "../dev/moose.js";
import { anyPort } from "../dev/project.js";

function codeWith(fields: string): string {
  return `import { OlapTable } from "@514labs/moose-lib";
interface Row { ${fields} }
export const a = new OlapTable<Row>("a", { orderByFields: ["id"] });
`;
}

const columns = "SELECT name FROM system.columns WHERE database = 'local' AND table = 'a' ORDER BY position";

test("while the server is away edits wait, and are applied when it is back", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "moose-lost-"));
  let server: EmbeddedClickHouse = await startEmbedded({ folder, port: 0 });
  const { port, url } = server;
  onTestFinished(async () => {
    await server.stop();
    fs.rmSync(folder, { recursive: true });
  });
  const moose = await Moose.start(
    { "app/index.ts": codeWith("id: string; n: number"), "moose.config.toml": anyPort },
    { args: ["--clickhouse-url", url] },
  );
  await moose.insert("local.a", [{ id: "x", n: 1 }]);
  await server.stop();
  moose.project.save({ "app/index.ts": codeWith("id: string; n: number; m: string") });
  expect(await moose.line(/trying again in .*$/m)).toMatchInlineSnapshot(`
    "ClickHouse does not answer (connect ECONNREFUSED 127.0.0.1:PORT); trying again in TIME
    "
  `);
  moose.project.save({ "app/index.ts": codeWith("id: string; n: number; l: string") });
  await moose.line(/trying again in .*$/m);
  server = await startEmbedded({ folder, port });
  expect(await moose.line(/^.* applied in .*$/m)).toContain("+ l String");
  await moose.eventually(columns, [{ name: "id" }, { name: "n" }, { name: "l" }]);
  expect(await moose.rows("SELECT * FROM local.a")).toEqual([{ id: "x", n: 1, l: "" }]);
  expect(await moose.stop()).toEqual({ code: 0, signal: null });
  expect(moose.stderr).toBe("");
});
