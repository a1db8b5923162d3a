// A process that runs a local Kafka and does nothing else, so that a test can kill it.

import { startLocalKafka } from "../../runtime/kafka/local/local-kafka.js";

const [folder = ""] = process.argv.slice(2);
const local = await startLocalKafka({ folder, port: 0, environment: process.env });
process.send?.({ broker: local.broker, pid: local.pid });
setInterval(() => undefined, 60_000);
