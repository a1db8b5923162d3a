// Clients that open a connection and hardly say a word: the others must not notice.

import { connect, type Socket } from "node:net";
import { adminToken, bearer, testServer } from "./harness.js";
import { blocked } from "./statuses.js";

export interface SlowReport {
  /** That were open at a time. */
  readonly connections: number;
  /** Of `/readyz` and `/admin/status` meanwhile, sorted. */
  readonly durationsMs: readonly number[];
  readonly codes: readonly number[];
  /** Still open after the time in which headers have to arrive. */
  readonly leftOpen: number;
}

/** @param count - of slow connections, a third each silent, halfway through the headers, and halfway through a body */
export async function withSlowConnections(count: number): Promise<SlowReport> {
  const limits = { headersTimeoutMs: 4_000, requestTimeoutMs: 5_000, idleTimeoutMs: 6_000 };
  const { app } = testServer(blocked, { limits });
  const url = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
  const sockets: Socket[] = [];
  try {
    for (let n = 0; n < count; n++) sockets.push(await slow(url, n % 3));
    const durationsMs: number[] = [];
    const codes: number[] = [];
    for (let n = 0; n < 40; n++) {
      const since = performance.now();
      const path = n % 2 === 0 ? "/livez" : "/admin/status";
      const answer = await fetch(new URL(path, url), { headers: bearer(adminToken.token) });
      await answer.text();
      codes.push(answer.status);
      durationsMs.push(performance.now() - since);
    }
    const connections = sockets.filter((socket) => !socket.closed).length;
    const deadline = performance.now() + 20_000;
    while (sockets.some((socket) => !socket.closed) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const leftOpen = sockets.filter((socket) => !socket.closed).length;
    return { connections, durationsMs: durationsMs.sort((a, b) => a - b), codes, leftOpen };
  } finally {
    for (const socket of sockets) socket.destroy();
    await app.close();
  }
}

const beginnings = [
  "",
  "GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: ",
  `POST /admin/plan HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${adminToken.token}\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{`,
];

function slow(url: URL, how: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => {
      socket.write(beginnings[how] ?? "");
      resolve(socket);
    });
    socket.on("error", reject);
    socket.resume();
  });
}
