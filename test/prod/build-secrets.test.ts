// What moose build writes goes into images: no secret is in any of it.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { mooseVersion } from "../../runtime/cli/version.js";
import { readSettings } from "../../runtime/config/settings.js";
import { buildFile, readBuild } from "../../runtime/reconcile/build.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { ProdFolder } from "./prod-process.js";

vi.setConfig({ testTimeout: 120_000 });

const builtMain = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));
const canary = (of: string) => `canary-${of}-4711`;
const variables = {
  STORE_SECRET_KEY: canary("store"),
  BROKER_PASSWORD: canary("broker"),
  SOME_TOKEN: canary("token"),
};

let engine: LiveEngine;
let project: ProdFolder;
beforeAll(async () => {
  engine = await startLive();
});
afterEach(() => project.remove());
afterAll(() => engine.stop());

function build(code: string): void {
  project = new ProdFolder({
    "package.json": JSON.stringify({ name: "canary", type: "module" }),
    "app/index.ts": `import { ClickHouseEngines, mooseRuntimeEnv, OlapTable } from "@514labs/moose-lib";\ninterface Row { id: string }\n${code}`,
  });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [builtMain, "build", "--project", project.folder],
    { env: { PATH: process.env.PATH, ...variables }, encoding: "utf8" },
  );
  expect(status, stdout + stderr).toBe(0);
}

/** The text of every file of the project that is not the code itself. */
function written(): string {
  const files = readdirSync(project.folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => !file.startsWith("app") && statSync(join(project.folder, file)).isFile())
    .map((file) => readFileSync(join(project.folder, file), "utf8"))
    .join("\n");
}

async function result() {
  const { settings } = await readSettings({
    folder: project.folder,
    mode: "prod",
    environment: {},
    overrides: {},
  });
  return readBuild(settings, mooseVersion());
}

test("secrets of engines, settings and texts are not in what is written, and the build says whose are missing", async () => {
  build(`
export const store = new OlapTable<Row>("store", {
  engine: ClickHouseEngines.S3, path: "https://store/data.csv", format: "CSV",
  awsAccessKeyId: "AKIA", awsSecretAccessKey: process.env.STORE_SECRET_KEY ?? "",
});
export const literal = new OlapTable<Row>("literal", {
  engine: ClickHouseEngines.S3, path: "https://store/data.csv", format: "CSV",
  awsAccessKeyId: "AKIA", awsSecretAccessKey: "${canary("literal")}",
});
export const broker = new OlapTable<Row>("broker", {
  engine: ClickHouseEngines.Kafka, brokerList: "broker:9092", topicList: "t", groupName: "g", format: "JSONEachRow",
  settings: { kafka_sasl_password: process.env.BROKER_PASSWORD ?? "" },
});
export const commented = new OlapTable<Row>("commented", {
  orderByFields: ["id"], comment: "made with " + process.env.SOME_TOKEN,
});
export const plain = new OlapTable<Row>("plain", { orderByFields: ["id"] });
`);
  const text = written();
  expect(text).toContain("plain");
  for (const of of ["store", "literal", "broker", "token"]) expect(text).not.toContain(canary(of));
  expect(await result()).toEqual({
    kind: "stale",
    reason:
      ".moose/infrastructure_map.json does not keep the secrets of local.broker, local.commented, local.literal, local.store",
    hasSecrets: true,
  });
});

test("without secrets the build is read, as it was written", async () => {
  build(
    'export const plain = new OlapTable<Row>("plain", { orderByFields: ["id"], comment: "a password is no matter" });',
  );
  const read = await result();
  expect(read.kind, buildFile).toBe("read");
  if (read.kind === "read")
    expect([...read.build.map.tables.values()][0]?.comment).toBe("a password is no matter");
});

describe("a build without its code", () => {
  /** Nothing is read from the store before somebody asks. */
  const store = (secret: string) => `
export const store = new OlapTable<Row>("store", {
  engine: ClickHouseEngines.S3, path: "http://127.0.0.1:9/bucket/data.csv", format: "CSV",
  awsAccessKeyId: mooseRuntimeEnv.get("STORE_KEY_ID"), awsSecretAccessKey: ${secret},
});
`;

  async function startWithoutCode(code: string, variables: Readonly<Record<string, string>>) {
    build(code);
    rmSync(join(project.folder, "app"), { recursive: true });
    project.variables = variables;
    const url = `${engine.url.replace("//", "//default:@")}/${uniqueName("built")}`;
    return project.start(url);
  }

  const both = { STORE_KEY_ID: canary("key-id"), STORE_SECRET_KEY: canary("store") };
  const marked = store('mooseRuntimeEnv.get("STORE_SECRET_KEY")');

  test("serves a table whose secrets come from the environment, and tells them to nobody", async () => {
    const server = await startWithoutCode(marked, both);
    await server.until(({ phase }) => phase === "ready");
    expect((await server.get("/readyz")).status).toBe(200);
    const paths = ["status", "plan", "inframap", "history", "reality-check"].map((name) => `/admin/${name}`);
    const told = await Promise.all([...paths, "/metrics"].map((path) => server.get(path)));
    expect(told.map(({ status }) => status)).toEqual(told.map(() => 200));
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    const text = written() + server.output + JSON.stringify(told);
    for (const value of Object.values(both)) expect(text).not.toContain(value);
    expect(written()).toContain("__MOOSE_RUNTIME_ENV__:STORE_SECRET_KEY");
  });

  test("is not ready without the variable, and names it with the table and its place", async () => {
    const server = await startWithoutCode(marked, { STORE_KEY_ID: canary("key-id") });
    const { diagnostics } = await server.until(({ phase }) => phase === "failed");
    expect(diagnostics).toMatchObject([
      {
        code: "reconcile/missing-variable",
        summary: expect.stringMatching(/\.store .*STORE_SECRET_KEY, which is not set/),
        place: { file: "app/index.ts", line: expect.any(Number) },
      },
    ]);
    expect((await server.get("/readyz")).status).toBe(503);
    expect((await server.get("/livez")).status).toBe(200);
  });

  test("with a secret spelled out says what to do, and does not guess", async () => {
    const server = await startWithoutCode(store(`"${canary("literal")}"`), both);
    const { diagnostics } = await server.until(({ phase }) => phase === "failed");
    expect(diagnostics).toMatchObject([
      {
        code: "reconcile/no-schema",
        summary: expect.stringContaining("local.store"),
        hint: expect.stringContaining('mooseRuntimeEnv.get("VARIABLE")'),
      },
    ]);
  });
});
