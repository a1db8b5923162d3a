// Fetches the jars of Apache Kafka through Maven, once for all projects of a user.

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findMaven } from "./java.js";
import { missing, notFetched, notWritable } from "./problem.js";

/** The version that is run. */
export const kafkaVersion = "4.1.1";

/** The one binding of slf4j 1.7, which this Kafka logs through. */
const loggerVersion = "1.7.36";
const copyPluginVersion = "3.6.1";
const fetchDeadlineMs = 600_000;
const keptOutput = 2_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the jars are: `MOOSE_KAFKA_FOLDER`, else below the cache folder of the user,
 * `~/.cache/moose/kafka-4.1.1`.
 */
export function installFolder(environment: Environment): string {
  if (environment.MOOSE_KAFKA_FOLDER) return environment.MOOSE_KAFKA_FOLDER;
  const cache = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache");
  return join(cache, "moose", `kafka-${kafkaVersion}`);
}

export function isInstalled(environment: Environment): boolean {
  return existsSync(jarFolder(environment));
}

function jarFolder(environment: Environment): string {
  return join(installFolder(environment), "jars");
}

/**
 * The folder of the jars, after they were fetched where they are not there yet (43 MB). They appear as a whole or not
 * at all, so that an interrupted fetch leaves nothing that looks complete, and two at a time do no harm.
 */
export async function install(environment: Environment, onFetch: () => void): Promise<string> {
  const jars = jarFolder(environment);
  if (existsSync(jars)) return jars;
  const maven = findMaven(environment);
  if (maven === undefined) throw missing("Maven");
  onFetch();
  const folder = installFolder(environment);
  const draft = join(folder, `fetch-${randomUUID()}`);
  try {
    mkdirSync(draft, { recursive: true });
    writeFileSync(join(draft, "pom.xml"), pom());
  } catch (thrown) {
    throw notWritable(folder, thrown);
  }
  try {
    await fetch(maven, draft, environment);
    moveInPlace(join(draft, "jars"), jars);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return jars;
}

/** A pom that only names what to copy. `kafka_2.13` brings all that the server and its formatter need. */
function pom(): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-local</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency("org.apache.kafka", "kafka_2.13", kafkaVersion)}
    ${dependency("org.slf4j", "slf4j-simple", loggerVersion)}
  </dependencies>
  <build><plugins><plugin>
    <groupId>org.apache.maven.plugins</groupId>
    <artifactId>maven-dependency-plugin</artifactId>
    <version>${copyPluginVersion}</version>
  </plugin></plugins></build>
</project>
`;
}

function dependency(group: string, artifact: string, version: string): string {
  return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
}

function fetch(maven: string, folder: string, environment: Environment): Promise<void> {
  const parameters = [
    ...["-B", "-q", "-f", join(folder, "pom.xml"), "dependency:copy-dependencies"],
    ...["-DincludeScope=runtime", `-DoutputDirectory=${join(folder, "jars")}`],
  ];
  return new Promise((resolve, reject) => {
    execFile(
      maven,
      parameters,
      { cwd: folder, env: environment, timeout: fetchDeadlineMs },
      (error, stdout, stderr) => {
        if (error === null) return resolve();
        reject(notFetched("Maven", `${stdout}${stderr}`.trim().slice(0, keptOutput) || error.message));
      },
    );
  });
}

function moveInPlace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (thrown) {
    // Another process was faster; its jars are the same.
    if (!existsSync(to)) throw notWritable(to, thrown);
  }
}
