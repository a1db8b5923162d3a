// From the files of a project to its desired tables, edit after edit.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

/** As it is built: the library that user code gets stands beside it. */
const built = new URL("../../dist/runtime/reconcile/code.js", import.meta.url).href;
const { Code } = (await import(built)) as typeof import("../../runtime/reconcile/code.js");

const moduleOf = (name: string, fields: string): string => `
import { OlapTable } from "@514labs/moose-lib";
interface Row { id: string; ${fields} }
export const ${name} = new OlapTable<Row>("${name}", { orderByFields: ["id"] });
`;

test("a table that an edit does not touch stays the very same value, so that nothing is done for it anew", async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "moose-code-")));
  const entry = join(root, "index.ts");
  const [events, users] = [join(root, "events.ts"), join(root, "users.ts")];
  writeFileSync(entry, 'export * from "./events";\nexport * from "./users";\n');
  writeFileSync(events, moduleOf("events", "at: Date"));
  writeFileSync(users, moduleOf("users", "name: string"));
  const options = { root, entry, database: "local", environment: {}, deadlineMs: 10_000 };
  const code = Code.start({ ...options, onEvent: () => {} });
  onTestFinished(async () => {
    await code.close();
    rmSync(root, { recursive: true, force: true });
  });

  const first = await code.open();
  const text = moduleOf("users", "name: string; age: number");
  const second = await code.edit([{ path: users, text }]);

  expect([first, second].map(({ diagnostics }) => diagnostics)).toEqual([[], []]);
  expect(second.map.tables.get("local.events")).toBe(first.map.tables.get("local.events"));
  expect(second.map.tables.get("local.users")?.columns.map(({ name }) => name)).toEqual([
    "id",
    "name",
    "age",
  ]);
});
