// The commands as a user and a CI job run them: exit codes, and what goes to which stream.

import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Project } from "../dev/project.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";

const cli = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

const code = (fields: string, config = 'orderByFields: ["id"]') =>
  `import { LifeCycle, OlapTable } from "@514labs/moose-lib";
interface Row { id: string; ${fields} }
export const rows = new OlapTable<Row>("rows", { ${config} });
console.log("from the code");
`;

class User {
  readonly database = uniqueName("cli");
  readonly project = new Project({
    "app/index.ts": code("a: string;"),
    "package.json": `{"name":"${this.database}"}`,
  });

  constructor() {
    onTestFinished(async () => {
      this.project.remove();
      await engine.clickhouse.command(`DROP DATABASE IF EXISTS ${this.database} SYNC`);
    });
  }

  save(fields: string, config?: string): void {
    this.project.save({ "app/index.ts": code(fields, config) });
  }

  moose(args: string, environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
    return this.#run(`${args} --clickhouse-url ${engine.url}/${this.database}`, environment);
  }

  /** Without the URL of the server. */
  bare(args: string): Promise<Ran> {
    return this.#run(args, {});
  }

  #run(args: string, environment: Readonly<Record<string, string>>): Promise<Ran> {
    const child = spawn(process.execPath, [cli, ...args.split(" "), "--project", this.project.folder], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (piece) => (out += piece));
    child.stderr.on("data", (piece) => (err += piece));
    return new Promise((resolve) => child.on("close", (status) => resolve({ code: status, out, err })));
  }
}

const slow = { timeout: 180_000 };

test("plan, generate, review, migrate, repeat", slow, async () => {
  const user = new User();
  const plan = await user.moose("plan --sql");
  expect(plan).toMatchObject({ code: 2, err: "" });
  expect(plan.out).toContain("CREATE TABLE");
  const shown = await user.moose("generate migration");
  expect(shown.code).toBe(0);
  expect(shown.out).toMatch(/^# yaml-language-server[\s\S]*- CreateTable:/);
  expect(shown.out).not.toContain("from the code");
  expect(existsSync(user.project.path("migrations"))).toBe(false);

  const saved = await user.moose("generate migration --save --json");
  expect(saved.code).toBe(0);
  expect(JSON.parse(saved.out)).toEqual({ saved: true, operations: 1 });
  const applied = await user.moose("migrate");
  expect(applied).toMatchObject({ code: 0, err: "" });
  expect(applied.out).toMatch(/1\/1 CreateTable [\s\S]*1 operation applied/);
  const [again, nothing, json, list] = [
    await user.moose("migrate --json"),
    await user.moose("generate migration --save --json"),
    await user.moose("plan --json"),
    await user.moose("migrations list --json"),
  ];
  expect(again.code).toBe(0);
  expect(JSON.parse(again.out)).toEqual({ state: "already-applied" });
  expect(JSON.parse(nothing.out)).toEqual({ saved: false, operations: 0 });
  expect(json.code).toBe(0);
  expect(Object.keys(JSON.parse(json.out))).toEqual(["target_infra_map", "changes", "plan"]);
  const [run] = JSON.parse(list.out);
  expect(run).toMatchObject({ done: 1, failed: 0, error: "" });
  const show = await user.moose(`migrations show ${run.runId.slice(0, 6)}`);
  expect(show.out).toMatch(/1\.1 CreateTable[\s\S]*CREATE TABLE/);
  expect(await user.moose("migrations show zzz")).toMatchObject({
    code: 1,
    err: expect.stringContaining("no run zzz"),
  });
});

test("where only the files are, as in an image of CI, they are applied all the same", slow, async () => {
  const user = new User();
  expect((await user.moose("generate migration --save")).code).toBe(0);
  rmSync(user.project.path("app"), { recursive: true });
  expect((await user.moose("migrate")).code).toBe(0);
  expect(await user.moose("plan")).toMatchObject({
    code: 1,
    err: expect.stringContaining("no app/index.ts"),
  });
});

test("what destroys or may be a rename is written only when somebody says so", slow, async () => {
  const user = new User();
  await user.moose("generate migration --save");
  await user.moose("migrate");
  user.save("");
  const [plain, flag, one, all] = await Promise.all([
    user.moose("generate migration"),
    user.moose("generate migration --yes-destructive"),
    user.moose("generate migration", { MOOSE_ACCEPT_DESTRUCTIVE: "1" }),
    user.moose("generate migration", { MOOSE_ACCEPT_ALL: "1" }),
  ]);
  expect(plain).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining(`${user.database}.rows.a destroys`),
  });
  for (const ran of [flag, one, all]) {
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/# This destroys data, or can\.\n- DropTableColumn/);
  }
  user.save("aa: string;");
  const [guessed, told, variable] = await Promise.all([
    user.moose("generate migration --yes-destructive"),
    user.moose("generate migration --yes-rename"),
    user.moose("generate migration", { MOOSE_ACCEPT_RENAME: "1" }),
  ]);
  expect(guessed).toMatchObject({
    code: 1,
    err: expect.stringMatching(/a may have become aa[\s\S]*--yes-rename/),
  });
  for (const ran of [told, variable]) expect(ran.out).toMatch(/# Nobody declared[\s\S]*- RenameTableColumn/);
});

test("drift is printed old and new on standard error, and exits with 1", slow, async () => {
  const user = new User();
  await user.moose("generate migration --save");
  await user.moose("migrate");
  user.save("a: string; b: number;");
  await user.moose("generate migration --save");
  await engine.clickhouse.command(`ALTER TABLE ${user.database}.rows MODIFY COLUMN a LowCardinality(String)`);
  const drift = await user.moose("migrate --json");
  expect(drift.code).toBe(1);
  expect(drift.err).toMatch(/rows has changed[\s\S]*~ column a: type String -> LowCardinality\(String\)/);
  expect(JSON.parse(drift.out)).toMatchObject({
    state: "refused",
    diagnostics: [{ code: "reconcile/drift" }],
  });
});

test("without files, folder or server it is said what to do, never with a stack", slow, async () => {
  const user = new User();
  const results = await Promise.all([
    user.moose("migrate --json"),
    user.bare("plan --clickhouse-url http://127.0.0.1:1/x"),
    user.bare("plan --clickhouse-url nonsense"),
    user.bare("migrate --lock-timeout soon"),
    user.bare("migrations list --limit none"),
  ]);
  for (const { code: status, err } of results) {
    expect(status).toBe(1);
    expect(err).toMatch(/^error: /);
    expect(err).not.toMatch(/^ {4}at |node:internal|fault of its own/m);
  }
  expect(results[0]?.err).toContain("there is no migrations/plan.yaml");
  expect(JSON.parse(results[0]?.out ?? "")).toMatchObject({ state: "refused" });
  expect(results[1]?.err).toContain("no ClickHouse server answers at http://127.0.0.1:1");
});
