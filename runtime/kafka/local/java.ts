// Finds the Java and the Maven that a local Kafka needs, and the Docker that stands in for them.

import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Java {
  /** Absolute path of the program. */
  readonly program: string;
  /** As Java itself writes it, e.g. `17.0.15`. */
  readonly version: string;
}

/** The oldest Java that Apache Kafka 4 runs on. */
export const oldestJava = 17;
const askDeadlineMs = 20_000;

/** The Java of `JAVA_HOME` or of the path, with its version; undefined where there is none or it does not run. */
export async function findJava(environment: Environment): Promise<Java | undefined> {
  const program = findProgram("java", environment.JAVA_HOME, environment);
  if (program === undefined) return undefined;
  const text = await outputOf(program, ["-version"]);
  const version = /version "([^"]+)"/.exec(text)?.[1];
  return version === undefined ? undefined : { program, version };
}

/** `17.0.15` is 17, and the old `1.8.0` is 8. */
export function majorOf(version: string): number {
  const [first, second] = version.split(/[.\-+_]/).map(Number);
  return first === 1 ? (second ?? 0) : (first ?? 0);
}

/** The program of Maven; undefined where there is none. */
export function findMaven(environment: Environment): string | undefined {
  return findProgram("mvn", environment.MAVEN_HOME, environment);
}

/** The program of Docker; undefined where there is none. */
export function findDocker(environment: Environment): string | undefined {
  return findProgram("docker", undefined, environment);
}

function findProgram(name: string, home: string | undefined, environment: Environment): string | undefined {
  const folders = [
    ...(home ? [join(home, "bin")] : []),
    ...(environment.PATH ?? "").split(delimiter).filter((folder) => folder !== ""),
  ];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Java tells its version on stderr. */
function outputOf(program: string, parameters: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, parameters, { timeout: askDeadlineMs }, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}
