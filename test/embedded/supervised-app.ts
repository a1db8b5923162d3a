// A process that runs an embedded ClickHouse, as `moose dev` does, for the tests that kill it.

import { startEmbedded } from "../../runtime/embedded/embedded.js";

const folder = process.argv[2] ?? "";
const say = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`);

try {
  const server = await startEmbedded({ folder, port: 0, onEvent: () => undefined });
  process.once("SIGINT", () => {
    // Work that is in hand when Ctrl-C comes still needs the engine.
    void fetch(server.url, { method: "POST", body: "SELECT 'drained', sleep(0.5)" })
      .then((answer) => answer.text())
      .then((text) => say({ drained: text.startsWith("drained") }))
      .then(() => server.stop())
      .then(() => process.exit(0));
  });
  say({ url: server.url, pid: server.pid });
} catch (error) {
  say({ error: error instanceof Error && "diagnostics" in error ? error.diagnostics : String(error) });
}
