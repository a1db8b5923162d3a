// Whether a broker on loopback answers.

import { connect } from "node:net";
import { Admin } from "@platformatic/kafka";

const connectDeadlineMs = 500;
const answerDeadlineMs = 2_000;

/** True when the broker lists its topics. The port is tried first, since it is closed for most of the start. */
export async function answers(port: number): Promise<boolean> {
  if (!(await isOpen(port))) return false;
  const admin = new Admin({
    clientId: "moose",
    bootstrapBrokers: [{ host: "127.0.0.1", port }],
    ...{ retries: 0, connectTimeout: connectDeadlineMs, requestTimeout: answerDeadlineMs },
  });
  try {
    await admin.listTopics();
    return true;
  } catch {
    return false;
  } finally {
    await admin.close().catch(() => undefined);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: connectDeadlineMs });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}
