// Docker or Podman for the tests of the images: what there is, and short ways to it.

import { spawnSync } from "node:child_process";
import { describe } from "vitest";

/** The image that the Dockerfile begins with, or another by MOOSE_TEST_NODE_IMAGE; test/images/stand-ins.sh makes one. */
export const nodeImage = process.env.MOOSE_TEST_NODE_IMAGE || "node:22.22.0-bookworm-slim";
export const kafkaImage = "apache/kafka:4.1.1";
export const clickhouseImage = "clickhouse/clickhouse-server:25.8";

/** The program that answers. */
export const containers = ["docker", "podman"].find((program) => attempt(program, "info").status === 0);

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly text: string;
}

function attempt(program: string, ...parameters: readonly string[]): Ended {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout: stdout ?? "", text: error?.message ?? `${stdout}${stderr}` };
}

/** What `docker` with these parameters printed. Throws with its output where it fails. */
export function run(...parameters: readonly string[]): string {
  const { status, stdout, text } = tryRun(...parameters);
  if (status !== 0) throw new Error(`${containers} ${parameters.join(" ")}: ${text}`);
  return stdout.trim();
}

export function tryRun(...parameters: readonly string[]): Ended {
  return attempt(containers ?? "docker", ...parameters);
}

export function hasImage(name: string): boolean {
  return tryRun("image", "inspect", name).status === 0;
}

/** A suite that needs containers and these images; where they are not there it is skipped, loudly. */
export function describeWithImages(name: string, images: readonly string[], body: () => void): void {
  const lacking =
    containers === undefined ? "Docker or Podman" : images.filter((image) => !hasImage(image)).join(", ");
  if (lacking === "") {
    describe(name, body);
    return;
  }
  process.stderr.write(`\n*** SKIPPED: "${name}" needs ${lacking}; see test/images/stand-ins.sh. ***\n\n`);
  describe.skip(`${name} (SKIPPED: needs ${lacking})`, body);
}
