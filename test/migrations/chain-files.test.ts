// The files of a chain on disk.

import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readChain, writeMigrationFile } from "../../runtime/migrations/chain-files.js";
import { foldChain, nextMigration } from "../../src/format/chain.js";
import { chainSchema } from "../../src/format/migration-schema.js";
import { emptyInfraMap } from "../../src/infra/inframap.js";
import { before, emptyProject, plannedProject } from "./project.js";

const operations = [...before.tables.values()].map((table) => ({ kind: "CreateTable", table }) as const);
const createdAt = "2026-11-23T05:17:19.316171038Z";
const first = nextMigration([], emptyInfraMap, {
  operations,
  name: "first tables",
  createdAt,
  defaultDatabase: "local",
});

test("a migration that is written is read again, beside a plan that is none of the chain", async () => {
  const project = await plannedProject();
  expect(await writeMigrationFile(project, first, "local")).toEqual([]);
  const { files, diagnostics } = await readChain(project, "local");
  expect(diagnostics).toEqual([]);
  const file = "migrations/20261123_051719_316_first_tables.yaml";
  expect(files).toEqual([{ ...first, file, contentHash: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  expect(foldChain(files, "local")).toMatchObject({ files, map: before, problems: [] });
  const schema = await readFile(join(project, ".moose", "chain_schema.json"), "utf8");
  expect(JSON.parse(schema)).toEqual(chainSchema);
});

test("the hash of a file changes with every edit of it", async () => {
  const project = await emptyProject();
  await writeMigrationFile(project, first, "local");
  const path = join(project, "migrations", `${first.id}.yaml`);
  const hash = async () => (await readChain(project, "local")).files[0]?.contentHash;
  const old = await hash();
  await writeFile(path, `${await readFile(path, "utf8")}# a comment\n`);
  expect(await hash()).not.toBe(old);
});

test("without a folder there is no chain", async () => {
  expect(await readChain(await emptyProject(), "local")).toEqual({ files: [], diagnostics: [] });
});

test("each file that cannot be read is named with its place", async () => {
  const project = await emptyProject();
  await writeMigrationFile(project, first, "local");
  const folder = join(project, "migrations");
  const text = await readFile(join(folder, `${first.id}.yaml`), "utf8");
  await writeFile(join(folder, "copy.yaml"), text);
  await writeFile(join(folder, "broken.yml"), text.replace("type: CreateTable", "type: MakeTable"));
  await symlink("/dev/zero", join(folder, "link.yaml"));
  await writeFile(join(folder, "notes.txt"), "not read");
  const { files, diagnostics } = await readChain(project, "local");
  expect(files).toHaveLength(1);
  expect(diagnostics.map(({ place, summary }) => `${place?.file}:${place?.line} ${summary}`)).toEqual([
    "migrations/broken.yml:8 delta 1: MakeTable is no operation",
    "migrations/copy.yaml:3 the file copy.yaml has the migration 20261123_051719_316_first_tables; both have one name",
    "migrations/link.yaml:1 migrations/link.yaml leads out of the project's migrations folder",
  ]);
});
