// Suites that move records: they need a Kafka and the native client.

import { describe, test } from "vitest";
import { loadNativeClient } from "../../runtime/kafka/records/native-client.js";
import { DiagnosticError } from "../../src/diagnostic.js";
import { describeWithKafka } from "./live-kafka.js";

function lackOfClient(): string | undefined {
  try {
    loadNativeClient();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof DiagnosticError)) throw thrown;
    return thrown.diagnostics.map(({ summary, hint }) => `${summary} ${hint}`).join(" ");
  }
}

const lack = lackOfClient();

if (lack !== undefined && process.env.CI) throw new Error(lack);
if (lack !== undefined) process.stderr.write(`\n*** SKIPPED: tests that move records. ${lack} ***\n\n`);

/** Without the client the suite is skipped, loudly, and under continuous integration it fails. */
export function describeWithRecords(name: string, body: () => void): void {
  if (lack === undefined) describeWithKafka(name, body);
  else describe.skip(`${name} (SKIPPED: no client)`, body);
}

/** The same for a test in a suite with a Kafka. */
export function testWithRecords(name: string, body: () => Promise<void>): void {
  if (lack === undefined) test(name, body);
  else test.skip(`${name} (SKIPPED: no client)`, body);
}
