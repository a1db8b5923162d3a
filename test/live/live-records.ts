// Suites that move records: they need a Kafka and the native client.

import { describe } from "vitest";
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

/** Without the client the suite is skipped, loudly, and under continuous integration it fails. */
export function describeWithRecords(name: string, body: () => void): void {
  if (lack === undefined) describeWithKafka(name, body);
  else if (process.env.CI) throw new Error(lack);
  else {
    process.stderr.write(`\n*** SKIPPED: "${name}". ${lack} ***\n\n`);
    describe.skip(`${name} (SKIPPED: no client)`, body);
  }
}
