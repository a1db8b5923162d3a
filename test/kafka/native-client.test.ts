import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { loadNativeClient } from "../../runtime/kafka/records/native-client.js";
import { DiagnosticError } from "../../src/diagnostic.js";
import { describeWithRecords } from "../live/live-records.js";

const name = "@confluentinc/kafka-javascript";

/** What is said about a folder from which the client cannot be loaded. */
function problem(folder: string): string {
  try {
    loadNativeClient(folder);
    return "it was loaded";
  } catch (thrown) {
    if (!(thrown instanceof DiagnosticError)) throw thrown;
    return thrown.diagnostics.flatMap(({ code, summary, hint }) => [code, summary, hint]).join("\n");
  }
}

describeWithRecords("the native client of Kafka", () => {
  test("is there, with the compressions and logins that brokers ask for", () => {
    const wanted = ["gzip", "snappy", "lz4", "zstd", "ssl", "sasl_plain", "sasl_scram", "sasl_oauthbearer"];
    expect(loadNativeClient().features).toEqual(expect.arrayContaining(wanted));
  });
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "moose-client-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

test("where it was left out, one line says what is missing and one what to do", () => {
  expect(problem(folder)).toMatchInlineSnapshot(`
    "kafka/no-client
    Messages cannot be read: @confluentinc/kafka-javascript is not installed.
    To build it where GitHub cannot be reached, run \`CKJS_LINKING=dynamic npm install\` (Debian: g++ make python3 libssl-dev zlib1g-dev libzstd-dev)."
  `);
});

test("where it was installed and not built, one line says how to build it", () => {
  const where = join(folder, "node_modules", name);
  mkdirSync(where, { recursive: true });
  writeFileSync(join(where, "package.json"), `{"name":"${name}","main":"index.js"}`);
  writeFileSync(
    join(where, "index.js"),
    'throw new Error("Could not locate the bindings file. Tried:\\n/x")',
  );
  expect(problem(folder)).toMatchInlineSnapshot(`
    "kafka/no-client
    Messages cannot be read: @confluentinc/kafka-javascript is not built for this Node.
    To build it where GitHub cannot be reached, allow it under "allowScripts" in package.json, and run \`CKJS_LINKING=dynamic npm rebuild @confluentinc/kafka-javascript\` (Debian: g++ make python3 libssl-dev zlib1g-dev libzstd-dev)."
  `);
});

test("an install goes on without it, and npm may build it", () => {
  const read = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
  const { dependencies, optionalDependencies, allowScripts } = read("package.json");
  expect(dependencies).not.toHaveProperty([name]);
  expect(optionalDependencies).toHaveProperty([name]);
  // Without a version: a lock file without addresses of packages would match none.
  expect(allowScripts).toMatchObject({ [name]: true });
  expect(read("package-lock.json").packages[`node_modules/${name}`]).toMatchObject({ optional: true });
});
