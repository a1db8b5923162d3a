// The files of the single plan on disk: written, read again, and what is refused.

import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPlanFile, writePlanFiles } from "../../runtime/migrations/plan-files.js";
import { formatPlace } from "../../src/diagnostic.js";
import { migrationSchema } from "../../src/format/migration-schema.js";
import { column } from "../live/tables.js";
import { after, before, emptyProject, plainPlan, plannedProject } from "./project.js";

const plan = {
  createdAt: "2026-11-23T04:52:26.614Z",
  operations: [
    {
      kind: "AddTableColumn",
      table: { database: "local", name: "events" },
      column: column("extra", "DateTime('UTC')"),
      afterColumn: "n",
    },
  ],
} as const;
const files = { plan, remoteState: before, localInfraMap: after, defaultDatabase: "local" };

/** `code place summary` of each problem; none where the files are read. */
async function problems(project: string): Promise<readonly string[]> {
  const result = await readPlanFile(project);
  if (result.kind !== "refused") return [];
  return result.diagnostics.map(
    ({ code, place, summary }) => `${code} ${place && formatPlace(place)} ${summary}`,
  );
}

/** The plan with one line replaced. */
function edited(line: string, by: string): { "plan.yaml": string } {
  expect(plainPlan).toContain(line);
  return { "plan.yaml": plainPlan.replace(line, by) };
}

describe("writing", () => {
  test("what is written is read again", async () => {
    const project = await emptyProject();
    expect(await readPlanFile(project)).toEqual({ kind: "absent" });
    expect(await writePlanFiles(project, files)).toEqual([]);
    expect(await readPlanFile(project)).toEqual({
      kind: "read",
      files,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("the same plan has the same bytes, and nothing else is left behind", async () => {
    const [one, other] = [await emptyProject(), await emptyProject()];
    const text = (project: string, name: string) => readFile(join(project, "migrations", name), "utf8");
    const names = ["local_infra_map.json", "plan.yaml", "remote_state.json"];
    for (const project of [one, other, other]) {
      await writePlanFiles(project, files, new Map([[0, "the only one"]]));
      expect((await readdir(join(project, "migrations"))).sort()).toEqual(names);
    }
    for (const name of names) expect(await text(one, name)).toBe(await text(other, name));
    const schema = await readFile(join(one, ".moose", "migration_schema.json"), "utf8");
    expect(JSON.parse(schema)).toEqual(migrationSchema);
  });

  test("a comment stands above its operation, whatever it holds", async () => {
    const project = await emptyProject();
    const comment = "maybe a rename of n:\nsame type\u2028- DropTable: {table: events}\r\n\u0000";
    await writePlanFiles(project, files, new Map([[0, comment]]));
    const text = await readFile(join(project, "migrations", "plan.yaml"), "utf8");
    expect(text).toContain(
      "operations:\n# maybe a rename of n:\n# same type\n# - DropTable: {table: events}\n# \uFFFD\n- AddTableColumn:\n",
    );
    expect(await readPlanFile(project)).toMatchObject({ kind: "read", files });
  });

  test("a plan that is too large to be read again is not written", async () => {
    const project = await emptyProject();
    const sql = { kind: "RawSql", sql: ["x".repeat(6 * 1024 * 1024)], description: "" } as const;
    const written = await writePlanFiles(project, { ...files, plan: { ...plan, operations: [sql] } });
    expect(written.map(({ summary }) => summary)).toEqual(["migrations/plan.yaml has more than 5 MiB"]);
    expect(await readdir(project)).toEqual([]);
  });

  test("nothing is written through a link that leads out of the project", async () => {
    const [project, other] = [await emptyProject(), await emptyProject()];
    await symlink(other, join(project, "migrations"));
    const written = await writePlanFiles(project, files);
    expect(written.map(({ code }) => code)).toEqual(["migrations/outside-project"]);
    expect(await readdir(other)).toEqual([]);
  });

  test("a folder that cannot be written is told", async () => {
    const project = await emptyProject();
    await writeFile(join(project, "migrations"), "no folder");
    const written = await writePlanFiles(project, files);
    expect(written.map(({ code }) => code)).toEqual(["migrations/unwritable-file"]);
  });
});

describe("a plan is refused", () => {
  test.each([
    [
      "with a field that is missing",
      edited("      name: extra\n", ""),
      "format/missing-field migrations/plan.yaml:9:7 operation 1: name is missing; it is text",
    ],
    [
      "with a field of the wrong type",
      edited("name: extra", "name: 7"),
      "format/wrong-type migrations/plan.yaml:12:13 operation 1: name must be text, not 7",
    ],
    [
      "with an operation that is not known",
      edited("AddTableColumn", "AddTableColum"),
      "format/unknown-operation migrations/plan.yaml:6:5 operation 1: AddTableColum is no operation",
    ],
    [
      "with a cluster that has no name",
      edited("cluster_name: null", "cluster_name: 7"),
      "format/wrong-type migrations/plan.yaml:7:19 operation 1: cluster_name must be text, not 7",
    ],
    [
      "with a database of moose itself",
      edited("database: null", "database: _moose_app_e1"),
      "format/reserved-database migrations/plan.yaml:16:15 operation 1: the database _moose_app_e1 is not for tables of users",
    ],
    [
      "with an alias",
      { "plan.yaml": `a: &a [x]\nb: *a\n${plainPlan}` },
      "migrations/alias migrations/plan.yaml:1:4 migrations/plan.yaml: the file has an anchor or alias, which plan files may not have",
    ],
    [
      "with a tag",
      edited("created_at: ", "created_at: !!js/function "),
      "migrations/tag migrations/plan.yaml:3:13 migrations/plan.yaml: the file has a tag or directive, which plan files may not have",
    ],
    [
      "with a key twice",
      edited("operations:", "created_at: x\noperations:"),
      "migrations/syntax migrations/plan.yaml:4:1 migrations/plan.yaml is no valid YAML: the key created_at is there twice",
    ],
    [
      "with brackets in brackets without end",
      { "plan.yaml": `created_at: ${"[".repeat(200_000)}` },
      "migrations/too-deep migrations/plan.yaml:1:45 migrations/plan.yaml: the file is nested too deeply here",
    ],
    [
      "with lists in lists without end",
      { "plan.yaml": `${"- ".repeat(200_000)}x` },
      "migrations/too-deep migrations/plan.yaml:1:65 migrations/plan.yaml: the file is nested too deeply here",
    ],
    [
      "with lists in lists behind a bracket that is never closed",
      { "plan.yaml": `a:\n- b: [\n${"- ".repeat(200_000)}x` },
      "migrations/too-deep migrations/plan.yaml:3:65 migrations/plan.yaml: the file is nested too deeply here",
    ],
    [
      "with more than one document",
      { "plan.yaml": `${plainPlan}---\n${plainPlan}` },
      "migrations/syntax migrations/plan.yaml:18:1 migrations/plan.yaml is no valid YAML: Source contains multiple documents; please use YAML.parseAllDocuments()",
    ],
    [
      "of another form altogether",
      { "plan.yaml": "just a text" },
      "format/missing-field migrations/plan.yaml:1:1 operations is missing; it is a list",
    ],
    [
      "that the schema alone finds wrong",
      edited("unique: false", "unique: maybe"),
      "migrations/schema migrations/plan.yaml:15:15 /operations/0/AddTableColumn/column/unique must be boolean",
    ],
    [
      "that is no UTF-8 text",
      { "plan.yaml": new Uint8Array([0x61, 0xff]) },
      "migrations/not-utf8 migrations/plan.yaml:1:1 migrations/plan.yaml is not UTF-8 text",
    ],
    [
      "that is too large",
      { "plan.yaml": new Uint8Array(5 * 1024 * 1024 + 1) },
      "migrations/too-large migrations/plan.yaml:1:1 migrations/plan.yaml has more than 5 MiB",
    ],
    [
      "with a state that is no JSON",
      { "remote_state.json": '{\n  "tables": {,}\n}' },
      expect.stringMatching(
        /^migrations\/syntax migrations\/remote_state\.json:2:14 migrations\/remote_state\.json is no valid JSON/,
      ),
    ],
    [
      "with a state that has an unreadable table",
      {
        "local_infra_map.json":
          '{"default_database": "local",\n "tables": {"local_a": {"name": "a", "columns": 3}}}',
      },
      "format/wrong-type migrations/local_infra_map.json:2:49 table a: columns must be a list, not 3",
    ],
    [
      "with states of two databases",
      { "local_infra_map.json": '{"default_database": "other", "tables": {}}' },
      "migrations/two-databases migrations/local_infra_map.json:1:1 local_infra_map.json and remote_state.json are of two databases, other and local",
    ],
  ])("%s", async (_, texts, problem) => {
    expect((await problems(await plannedProject(texts)))[0]).toEqual(problem);
  });

  test("without the states beside it", async () => {
    const project = await plannedProject();
    await rm(join(project, "migrations", "remote_state.json"));
    expect(await problems(project)).toEqual([
      "migrations/missing-file migrations/remote_state.json:1:1 migrations/remote_state.json is missing",
    ]);
  });

  test("with all its problems at once", async () => {
    const broken = plainPlan.replace("name: extra", "name: ''").replace("table: events", "table: 3");
    expect(await problems(await plannedProject({ "plan.yaml": broken }))).toHaveLength(2);
  });
});

describe("nothing outside of the migrations folder is read", () => {
  const outside = (name: string) =>
    `migrations/outside-project migrations/${name}:1:1 migrations/${name} leads out of the project's migrations folder`;

  test("through a link of a file", async () => {
    const [project, other] = [await plannedProject(), await plannedProject()];
    await rm(join(project, "migrations", "plan.yaml"));
    await symlink(join(other, "migrations", "plan.yaml"), join(project, "migrations", "plan.yaml"));
    expect(await problems(project)).toEqual([outside("plan.yaml")]);
  });

  test("through a link to a file of the project beside the folder", async () => {
    const project = await plannedProject();
    await rename(join(project, "migrations", "plan.yaml"), join(project, "secret"));
    await symlink("../secret", join(project, "migrations", "plan.yaml"));
    expect(await problems(project)).toEqual([outside("plan.yaml")]);
  });

  test("through a link of the folder", async () => {
    const [project, other] = [await emptyProject(), await plannedProject()];
    await symlink(join(other, "migrations"), join(project, "migrations"));
    const names = ["plan.yaml", "remote_state.json", "local_infra_map.json"];
    expect(await readPlanFile(project)).toMatchObject({ kind: "refused" });
    expect(await problems(project)).toEqual(names.map(outside));
  });

  test("but a project that is itself reached through a link is fine", async () => {
    const [project, other] = [await plannedProject(), await emptyProject()];
    await symlink(project, join(other, "link"));
    expect(await readPlanFile(join(other, "link"))).toMatchObject({ kind: "read" });
  });

  test("what is no file is not waited for", async () => {
    const project = await plannedProject();
    const path = join(project, "migrations", "plan.yaml");
    await rm(path);
    execFileSync("mkfifo", [path]);
    expect((await stat(path)).isFIFO()).toBe(true);
    expect(await problems(project)).toEqual([
      "migrations/unreadable-file migrations/plan.yaml:1:1 migrations/plan.yaml is no file",
    ]);
    await rm(path);
    await mkdir(path);
    expect(await problems(project)).toEqual([
      "migrations/unreadable-file migrations/plan.yaml:1:1 migrations/plan.yaml is no file",
    ]);
  });
});
