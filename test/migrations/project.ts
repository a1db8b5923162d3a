// A project folder with the files of a plan, for one test.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { infraMapText } from "../../src/format/inframap-json.js";
import { planText } from "../../src/format/plan-document.js";
import { infraMapOf } from "../../src/infra/inframap.js";
import { column, table } from "../live/tables.js";

/** An empty folder, removed after the test. */
export async function emptyProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "moose-migrations-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const events = table("local", [column("id", "String"), column("n", "Nullable(Int64)")], { name: "events" });
export const before = infraMapOf([events]);
export const after = infraMapOf([
  { ...events, columns: [...events.columns, column("extra", "DateTime('UTC')")] },
]);

/** A plan of one operation, as a text. */
export const plainPlan = planText(
  {
    createdAt: "2026-11-23T04:52:26.614Z",
    operations: [
      {
        kind: "AddTableColumn",
        table: { database: "local", name: "events" },
        column: column("extra", "DateTime('UTC')"),
        afterColumn: "n",
      },
    ],
  },
  "local",
);

export const plainTexts = {
  "plan.yaml": plainPlan,
  "remote_state.json": infraMapText(before, "local"),
  "local_infra_map.json": infraMapText(after, "local"),
};

/** A project with the files of a plan; texts given here stand in place of the plain ones. */
export async function plannedProject(
  texts: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<string> {
  const folder = await emptyProject();
  await mkdir(join(folder, "migrations"));
  for (const [name, text] of Object.entries({ ...plainTexts, ...texts })) {
    await writeFile(join(folder, "migrations", name), text);
  }
  return folder;
}
