import { get, type IncomingMessage } from "node:http";
import { afterEach, expect, test } from "vitest";
import { EventStreams } from "../../runtime/http/event-stream.js";
import { defaultLimits } from "../../runtime/http/limits.js";
import { StatusTexts } from "../../runtime/http/status-text.js";
import { HandMadePort } from "./hand-made-port.js";
import { adminToken, bearer, type TestServer, testServer } from "./harness.js";
import { blocked, ready } from "./statuses.js";

const open: TestServer[] = [];
afterEach(async () => {
  for (const { app } of open.splice(0)) await app.close();
});

async function listening(server: TestServer): Promise<string> {
  open.push(server);
  return server.app.listen({ host: "127.0.0.1", port: 0 });
}

function connect(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(`${url}/admin/events`, { headers: bearer(adminToken.token) }, resolve);
    request.on("error", reject);
  });
}

/** The statuses as they come. */
async function* statusesOf(stream: IncomingMessage): AsyncGenerator<typeof ready> {
  let text = "";
  for await (const part of stream.setEncoding("utf8")) {
    text += part;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}

async function next(statuses: AsyncGenerator<typeof ready>): Promise<typeof ready> {
  const { value, done } = await statuses.next();
  if (done === true) throw new Error("the stream has ended");
  return value;
}

const limits = { eventIntervalMs: 20, eventHeartbeatMs: 30 };

test("the stream begins with the status as it is, and each new one follows", async () => {
  const server = testServer(ready, { limits });
  const stream = await connect(await listening(server));
  expect(stream.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
  expect(stream.headers["cache-control"]).toBe("no-store");
  expect(stream.headers["content-security-policy"]).toContain("default-src 'none'");
  const statuses = statusesOf(stream);
  expect((await next(statuses)).phase).toBe("ready");
  server.port.show(blocked);
  expect((await next(statuses)).phase).toBe("blocked");
  server.port.show(ready);
  expect((await next(statuses)).phase).toBe("ready");
});

test("between two events there is a pause, and only the newest of what came meanwhile", async () => {
  const server = testServer(ready, { limits: { ...limits, eventIntervalMs: 300 } });
  const statuses = statusesOf(await connect(await listening(server)));
  await next(statuses);
  const since = performance.now();
  for (let generation = 10; generation <= 200; generation++) server.port.show({ ...ready, generation });
  expect((await next(statuses)).generation).toBe(200);
  expect(performance.now() - since).toBeGreaterThan(100);
});

test("a quiet stream gives signs of life", async () => {
  const stream = await connect(await listening(testServer(ready, { limits })));
  let text = "";
  for await (const part of stream.setEncoding("utf8")) {
    text += part;
    if (text.includes(": still here\n\n")) break;
  }
  expect(text).toContain("event: status\n");
});

test("a stream outlives the longest times for answers and for silence", async () => {
  const short = { handlerTimeoutMs: 100, idleTimeoutMs: 300, requestTimeoutMs: 200, headersTimeoutMs: 200 };
  const server = testServer(ready, { limits: { ...limits, ...short } });
  const statuses = statusesOf(await connect(await listening(server)));
  await next(statuses);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  server.port.show(blocked);
  expect((await next(statuses)).phase).toBe("blocked");
});

test("no more streams are opened than the limit, and one that ends makes room", async () => {
  const server = testServer(ready, { limits: { ...limits, eventClients: 2 } });
  const url = await listening(server);
  const [first] = [await connect(url), await connect(url)];
  const third = await connect(url);
  expect(third.statusCode).toBe(503);
  expect(third.headers["retry-after"]).toBe("10");
  third.resume();
  expect(server.port.listeners).toBe(1);
  first.destroy();
  await expect
    .poll(async () => {
      const again = await connect(url);
      again.destroy();
      return again.statusCode;
    })
    .toBe(200);
});

test("the port is listened to only while somebody does", async () => {
  const server = testServer(ready, { limits });
  const stream = await connect(await listening(server));
  expect(server.port.listeners).toBe(1);
  stream.destroy();
  await expect.poll(() => server.port.listeners).toBe(0);
});

test("for a reader that does not read no more than one status is held, and the others go on", async () => {
  const port = new HandMadePort(blocked);
  const texts = new StatusTexts([]);
  const streams = new EventStreams(port, texts, { ...defaultLimits, eventIntervalMs: 1 });
  const [stuck, read] = [streams.open(), streams.open()];
  let events = 0;
  read?.on("data", () => {
    events += 1;
  });
  for (let generation = 1; generation <= 100; generation++) {
    port.show({ ...blocked, generation });
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  expect(events).toBeGreaterThan(10);
  expect(stuck?.readableLength).toBeLessThan(1.1 * texts.of(blocked).json.length);
  streams.close();
});

test("asking for the headers of the stream opens none", async () => {
  const { app, port } = testServer(ready, { limits });
  const answer = await app.inject({
    method: "HEAD",
    url: "/admin/events",
    headers: bearer(adminToken.token),
  });
  expect([answer.statusCode, port.listeners]).toEqual([404, 0]);
});

test("closing the server ends the streams", async () => {
  const server = testServer(ready, { limits });
  const stream = await connect(await listening(server));
  const ended = new Promise((resolve) => stream.once("end", resolve));
  stream.resume();
  await server.app.close();
  await ended;
});
