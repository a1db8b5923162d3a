// A process that takes the lock and then inserts for as long as it may; tests kill, stop and continue it.
// Arguments: address of the server, project, table. It writes a line for what happens.

import { hostname } from "node:os";
import { connect, errorCode } from "../../runtime/clickhouse/client.js";
import { acquireLock } from "../../runtime/clickhouse/lock.js";
import { DiagnosticError } from "../../src/diagnostic.js";

const [url = "", project = "", table = ""] = process.argv.slice(2);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const clickhouse = await connect({ url, user: "default", password: "" });
const lock = await acquireLock(clickhouse, {
  project,
  owner: { id: "child", host: hostname(), pid: process.pid, command: "moose migrate" },
  timeoutMs: 0,
  onLost: (problem) => say(problem.code),
});
say(`epoch ${lock.epoch}`);
const fences = await clickhouse.rows<{ name: string }>(
  "SELECT name FROM system.databases WHERE startsWith(name, {prefix:String})",
  { prefix: `_moose_${project}_fence_${lock.epoch}_` },
);
const stubborn = clickhouse.view({ database: fences[0]?.name ?? "" });

/** Sends as an owner whose clock stood still would. */
async function refusals(count: number): Promise<number> {
  let refused = 0;
  for (let n = 0; n < count; n++)
    await stubborn.insert(table, [{ epoch: lock.epoch, n }]).catch((error) => {
      if (errorCode(error) === 81) refused++;
    });
  return refused;
}

try {
  for (let n = 0; ; n++) {
    await lock.clickhouse.insert(table, [{ epoch: lock.epoch, n }]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
} catch (error) {
  say(error instanceof DiagnosticError ? `stopped: ${error.diagnostics[0]?.code}` : String(error));
}
say(`refused by the server: ${await refusals(50)}`);
await lock.release();
await stubborn.close();
await clickhouse.close();
say("over");
