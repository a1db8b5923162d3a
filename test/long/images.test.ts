// The images themselves, built and run: moose prod out of the example's image, against an engine on this machine.

import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { containers, describeWithImages, nodeImage, run, tryRun } from "../images/containers.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const port = 24_713;
const url = `http://127.0.0.1:${port}`;
/** The names that the example begins with. */
const images = { build: "moose:build", moose: "moose", app: "moose-test-analytics" };

/** Starts the app's image as the compose file and the Kubernetes manifest do: nothing may be written, nobody is root. */
function start(name: string, clickhouseUrl: string, ...more: readonly string[]): void {
  const hardened = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
  const settings = {
    MOOSE_CLICKHOUSE_CONFIG__URL: clickhouseUrl,
    MOOSE_HTTP_SERVER_CONFIG__HOST: "127.0.0.1",
    MOOSE_HTTP_SERVER_CONFIG__PORT: String(port),
    MOOSE_HTTP_SERVER_CONFIG__MANAGEMENT_PORT: String(port + 1),
  };
  const variables = Object.entries(settings).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  run("run", "--detach", "--name", name, "--network", "host", ...hardened, ...variables, ...more, images.app);
}

async function statusOf(path: string): Promise<number> {
  return fetch(url + path, { signal: AbortSignal.timeout(2_000) }).then(
    ({ status }) => status,
    () => 0,
  );
}

async function until(isSo: () => boolean | Promise<boolean>, what: string, withinMs = 30_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`not ${what} within ${withinMs} ms`);
    await sleep(20);
  }
}

const stateOf = (name: string, field: string) => run("inspect", "--format", `{{.State.${field}}}`, name);

describeWithImages("the images", [nodeImage], () => {
  let engine: LiveEngine;
  let clickhouseUrl: string;
  let database: string;
  const name = uniqueName("moose-image-test");
  beforeAll(async () => {
    engine = await startLive();
    database = uniqueName("image");
    clickhouseUrl = `${engine.url.replace("//", "//default:@")}/${database}`;
    const base = ["--build-arg", `NODE_IMAGE=${nodeImage}`];
    run("build", ...base, "--target", "build", "--tag", images.build, root);
    run("build", ...base, "--tag", images.moose, root);
    run("build", "--tag", images.app, `${root}examples/05-production`);
  }, 600_000);
  afterAll(async () => {
    tryRun("rm", "--force", name);
    await engine.stop();
  });

  test("the one that runs has neither compiler, chDB, sources nor the app's code", () => {
    const listed = run(
      "run",
      "--rm",
      "--entrypoint",
      "sh",
      images.app,
      "-c",
      "ls -a /opt/moose/node_modules",
    );
    const modules = listed.split("\n");
    expect(modules).toContain("fastify");
    for (const left of [
      "typescript",
      "esbuild",
      "@esbuild",
      "tsx",
      "chdb",
      "@chdb",
      "@confluentinc",
      "vitest",
    ])
      expect(modules).not.toContain(left);
    const found = run(
      ...["run", "--rm", "--entrypoint", "sh", images.app, "-c"],
      "cd /opt/moose && ls; find / -xdev -name '*.ts' -not -path '/usr/*' -not -path '/opt/moose/node_modules/*'; ls -A /app",
    );
    expect(found.split(/\s+/).sort()).toEqual(
      [
        ".moose",
        "dist",
        "migrations",
        "moose.config.toml",
        "node_modules",
        "package.json",
        "package.json",
      ].sort(),
    );
  });

  test("it is small: what moose adds to the image of Node", () => {
    const [whole, base] = [images.app, nodeImage].map((image) =>
      Number(run("image", "inspect", "--format", "{{.Size}}", image)),
    );
    expect(((whole ?? 0) - (base ?? 0)) / 1024 / 1024).toBeLessThan(30);
  });

  test("is live within a second and ready soon after, without the compiler", async () => {
    start(name, clickhouseUrl);
    const liveMs: number[] = [];
    // The fastest of some starts: others may be at work on this machine.
    while (liveMs.length < 4 && Math.min(...liveMs) > 1_000) {
      if (liveMs.length > 0) run("restart", name);
      await until(async () => (await statusOf("/livez")) === 200, "live");
      liveMs.push(Date.now() - Date.parse(stateOf(name, "StartedAt")));
    }
    // A second of the processor is more where more processes than processors want to run.
    const crowd = Math.max(1, (loadavg()[0] ?? 1) / availableParallelism());
    expect(Math.min(...liveMs)).toBeLessThan(1_000 * crowd);
    await until(async () => (await statusOf("/readyz")) === 200, "ready");
    const tables = await engine.clickhouse.rows<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = {database:String} ORDER BY name",
      { database },
    );
    expect(tables.map((table) => table.name)).toEqual(["page_views", "purchases"]);
    expect(run("logs", name)).not.toContain("is read from the code");
  });

  test("is no root, is the first process, and can write nothing", () => {
    expect(run("exec", name, "id", "-u")).toBe("1000");
    expect(run("exec", name, "sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline")).toBe(
      "node /opt/moose/dist/runtime/cli/main.js prod",
    );
    expect(tryRun("exec", name, "touch", "/app/x").text).toMatch(/read-only/i);
  });

  test("its health check says healthy", async () => {
    if (containers === "podman") expect(tryRun("healthcheck", "run", name).status).toBe(0);
    else await until(() => stateOf(name, "Health.Status") === "healthy", "healthy");
  });

  test("ends in order when it is stopped, well within its grace", () => {
    const startMs = performance.now();
    run("stop", "--time", "30", name);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(stateOf(name, "ExitCode")).toBe("0");
    expect(tryRun("logs", name).text).toContain('"event":"stopped"');
    run("rm", name);
  });

  test("without its database it is live and healthy, not ready, and still ends in order", async () => {
    start(name, `http://default:@127.0.0.1:9/${database}`);
    await until(async () => (await statusOf("/livez")) === 200, "live");
    await sleep(1_000);
    expect(await statusOf("/readyz")).toBe(503);
    run("stop", "--time", "30", name);
    expect(stateOf(name, "ExitCode")).toBe("0");
    run("rm", name);
  });

  test("runs the other commands, given as its arguments", () => {
    const done = tryRun("run", "--rm", "--read-only", images.app, "--version");
    expect(done).toMatchObject({ status: 0 });
  });
});
