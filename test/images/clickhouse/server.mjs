// The embedded engine answers on loopback alone; this hands over what comes from other containers.

import { createServer, request } from "node:http";
import { startEmbedded } from "./dist/runtime/embedded/embedded.js";

const engine = await startEmbedded({
  folder: "/var/lib/clickhouse/engine",
  port: 18_123,
  login: { user: "default", password: process.env.CLICKHOUSE_PASSWORD ?? "" },
});
const server = createServer((message, response) => {
  const { method, url: path, headers } = message;
  const options = { port: engine.port, host: "127.0.0.1", method, path };
  const onward = request({ ...options, headers: { ...headers, host: "127.0.0.1" } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  message.pipe(onward);
});
server.listen(8123, "0.0.0.0");
process.on("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  engine.stop().then(() => process.exit(0));
});
