// The compose file and the Kubernetes manifest of the example. Compose, its network, health checks and waiting are real,
// and so is the app's image; ClickHouse and Kafka may be the stand-ins of test/images/stand-ins.sh. Nothing runs the
// manifest: it is held against the schemas of Kubernetes, by `pip install kubernetes-validate`.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { clickhouseImage, describeWithImages, kafkaImage, nodeImage, run } from "../images/containers.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}examples/05-production`;
const port = 24_731;
const url = `http://127.0.0.1:${port}`;
const token = "a-token-of-the-test";
const environment = {
  ...process.env,
  PORT: String(port),
  // Of characters that mean something in an address.
  CLICKHOUSE_PASSWORD: "p@ss/w:rd#1",
  ADMIN_KEY_HASH: createHash("sha256").update(token).digest("hex"),
};

function tryCompose(parameters: readonly string[], env = environment) {
  const [program, first] = hasPlugin() ? ["docker", ["compose"]] : ["docker-compose", []];
  const all = [...first, "--project-name", "moose-compose-test", ...parameters];
  return spawnSync(program, all, { cwd: folder, env, encoding: "utf8" });
}

function compose(...parameters: readonly string[]): string {
  const { status, stdout, stderr } = tryCompose(parameters);
  if (status !== 0) throw new Error(`compose ${parameters.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

function hasPlugin(): boolean {
  return spawnSync("docker", ["compose", "version"]).status === 0;
}

const hasCompose = hasPlugin() || spawnSync("docker-compose", ["version"]).status === 0;
if (!hasCompose) process.stderr.write("\n*** SKIPPED: the compose file needs Docker Compose. ***\n\n");
const images = [nodeImage, clickhouseImage, kafkaImage, ...(hasCompose ? [] : ["Docker Compose"])];

describeWithImages("the compose file", images, () => {
  afterAll(() => {
    compose("down", "--volumes");
  }, 120_000);

  test("brings up an app that becomes ready on its ClickHouse and Kafka, and stops it in order", async () => {
    run("build", "--build-arg", `NODE_IMAGE=${nodeImage}`, "--target", "build", "--tag", "moose:build", root);
    run("build", "--build-arg", `NODE_IMAGE=${nodeImage}`, "--tag", "moose", root);
    compose("up", "--detach", "--build");
    let status = 0;
    for (let tries = 0; status !== 200 && tries < 300; tries++) {
      await sleep(100);
      // A published port is open before anybody answers behind it.
      status = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
        (answer) => answer.status,
        () => 0,
      );
    }
    expect(status, compose("logs", "app")).toBe(200);
    const answer = await fetch(`${url}/admin/status`, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).toMatchObject({ phase: "ready" });
    const app = compose("ps", "--quiet", "app").trim();
    compose("stop");
    expect(run("inspect", "--format", "{{.State.ExitCode}}", app)).toBe("0");
  });

  test("asks for what it cannot know", () => {
    const { status, stderr } = tryCompose(["config"], { ...environment, CLICKHOUSE_PASSWORD: "" });
    expect(status).not.toBe(0);
    expect(stderr).toContain("CLICKHOUSE_PASSWORD");
  });
});

const validator = "kubernetes-validate";
const hasValidator = spawnSync(validator, ["--version"]).status === 0;
if (!hasValidator) process.stderr.write(`\n*** SKIPPED: the manifest needs ${validator} (PyPI). ***\n\n`);

describe.skipIf(!hasValidator)("the Kubernetes manifest", () => {
  test.each(["1.30", "1.34"])("is one to the schemas of Kubernetes %s", (version) => {
    const all = ["--strict", "--kubernetes-version", version, `${folder}/kubernetes.yaml`];
    const { status, stdout, stderr } = spawnSync(validator, all, { encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
  });
});
