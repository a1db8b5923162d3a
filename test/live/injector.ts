// An HTTP proxy in front of the engine that does something just before a certain statement reaches it.

import http from "node:http";
import type { AddressInfo } from "node:net";

export interface Injection {
  /** The statement before which `run` is called, once. */
  readonly before: RegExp;
  run(): Promise<void>;
}

export interface Injector {
  readonly url: string;
  /** How often `run` was called. */
  readonly injected: number;
  stop(): Promise<void>;
}

export async function startInjector(target: string, injection: Injection): Promise<Injector> {
  const state = { injected: 0 };
  const server = http.createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    if (state.injected === 0 && injection.before.test(body.toString())) {
      state.injected++;
      await injection.run();
    }
    const { connection: _, "transfer-encoding": __, ...headers } = request.headers;
    const onward = http.request(
      `${target}${request.url ?? "/"}`,
      { method: request.method ?? "POST", headers: { ...headers, "content-length": String(body.length) } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get injected() {
      return state.injected;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
