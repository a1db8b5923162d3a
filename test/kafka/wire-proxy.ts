// A proxy before a broker that treats chosen requests badly and counts what passes. It speaks no Kafka beyond the frame,
// and writes its own port over the broker's wherever the broker says how it is reached.

import net, { type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { protocolAPIsById } from "@platformatic/kafka";
import { errorAnswer } from "./error-answer.js";

export type Changing = "CreateTopics" | "DeleteTopics" | "CreatePartitions" | "IncrementalAlterConfigs";

export type WireFault =
  /** The connection is reset; the broker never hears of the request. */
  | { readonly kind: "reset-before" }
  /** The broker has answered; the connection is reset instead. */
  | { readonly kind: "reset-after" }
  /** The broker never hears of the request, and the client nothing at all. */
  | { readonly kind: "silence-before" }
  /** The broker has done it; the client hears nothing. */
  | { readonly kind: "silence-after" }
  /** The connection is reset at once, and the broker gets the request `ms` later. */
  | { readonly kind: "late"; readonly ms: number }
  /** The broker never hears of it; the client is told this error. */
  | { readonly kind: "error"; readonly code: number; readonly name: string; readonly throttleMs?: number }
  /** The broker has done it; the client is told this error. */
  | { readonly kind: "error-after"; readonly code: number; readonly name: string };

/** A request that changes a topic, as far as a test can stop the world at it. */
export interface ChangeSeen {
  readonly request: string;
  /** Whether the request is about the topic. */
  isAbout(topic: string): boolean;
}

/** What is done with the requests that change something: nothing but forwarding them, unless a test says otherwise. */
export interface WireGate {
  /** Before the broker hears of it. `false`: it never does. */
  arrived(request: ChangeSeen): Promise<boolean> | boolean;
  /** After the broker's answer, before the client has it. `false`: the client never gets it. */
  served(request: ChangeSeen): Promise<boolean> | boolean;
}

const host = "127.0.0.1";

export class WireProxy {
  /** Names of all requests that clients sent, in order. */
  readonly requests: string[] = [];
  /** What the broker carried out, `CreateTopics events`: how often. */
  readonly executed = new Map<string, number>();
  gate: WireGate | undefined;
  readonly #faults = new Map<string, WireFault[]>();
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  #server: net.Server;
  #port = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = net.createServer((socket) => this.#accept(socket));
  }

  static async start(target: number): Promise<WireProxy> {
    const proxy = new WireProxy(target);
    await proxy.#listen();
    return proxy;
  }

  get broker(): string {
    return `${host}:${this.#port}`;
  }

  /** The next requests of the kind that do more than check meet these faults, one each. */
  inject(kind: Changing, ...faults: readonly WireFault[]): void {
    this.#faults.set(kind, [...faults]);
  }

  /** How often a request of the kind was sent, without those that only check. */
  changes(kind: Changing): number {
    return this.requests.filter((name) => name === kind).length;
  }

  /** Cuts all connections and takes no new ones, until `resume`. */
  async refuse(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  async resume(): Promise<void> {
    this.#server = net.createServer((socket) => this.#accept(socket));
    await this.#listen();
  }

  stop(): Promise<void> {
    return this.refuse();
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, host, resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #accept(client: Socket): void {
    const broker = net.connect({ host, port: this.#target });
    const toDo = new Map<number, WireFault>();
    const changes = new Map<number, OpenChange>();
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        this.#sockets.delete(socket);
        // What a client sent before it went still reaches the broker, also what a gate holds back until it is dead.
        setTimeout(() => other.destroy(), this.gate === undefined ? 50 : 500);
      });
    }
    eachFrame(client, (frame) => this.#request(frame, client, broker, toDo, changes));
    eachFrame(broker, (frame) => {
      const change = changes.get(frame.readInt32BE(4));
      if (change === undefined) return this.#answer(frame, client, toDo);
      changes.delete(frame.readInt32BE(4));
      const done = executedBy(change.seen.request, frame);
      if (done !== undefined) this.executed.set(done, (this.executed.get(done) ?? 0) + 1);
      void Promise.resolve(change.gate?.served(change.seen) ?? true).then((goes) =>
        goes ? this.#answer(frame, client, toDo) : client.resetAndDestroy(),
      );
    });
  }

  #request(
    frame: Buffer,
    client: Socket,
    broker: Socket,
    toDo: Map<number, WireFault>,
    changes: Map<number, OpenChange>,
  ): void {
    const name = protocolAPIsById[frame.readInt16BE(4)] ?? "?";
    const isCheck = checkable.has(name) && frame[frame.length - 2] === 1;
    this.requests.push(isCheck ? `${name} (check)` : name);
    if (!isCheck && changing.has(name)) {
      const seen = { request: name, isAbout: (topic: string) => frame.includes(topic) };
      const { gate } = this;
      changes.set(frame.readInt32BE(8), { seen, gate });
      if (gate !== undefined)
        return void Promise.resolve(gate.arrived(seen)).then((goes) =>
          goes ? broker.write(frame) : client.resetAndDestroy(),
        );
    }
    const fault = isCheck ? undefined : this.#faults.get(name)?.shift();
    const correlation = frame.readInt32BE(8);
    switch (fault?.kind) {
      case "reset-before":
        return void client.resetAndDestroy();
      case "silence-before":
        return;
      case "error":
        return void client.write(errorAnswer(name, correlation, fault));
      case "late":
        client.resetAndDestroy();
        return void this.#later(frame, fault.ms);
      case "reset-after":
      case "silence-after":
      case "error-after":
        toDo.set(correlation, fault);
        return void broker.write(frame);
      case undefined:
        return void broker.write(frame);
    }
  }

  async #later(frame: Buffer, ms: number): Promise<void> {
    await sleep(ms);
    const socket = net.connect({ host, port: this.#target });
    socket.on("error", () => undefined);
    socket.once("data", () => socket.destroy());
    socket.write(frame);
  }

  #answer(frame: Buffer, client: Socket, toDo: Map<number, WireFault>): void {
    const correlation = frame.readInt32BE(4);
    const fault = toDo.get(correlation);
    if (fault?.kind === "reset-after") return void client.resetAndDestroy();
    if (fault?.kind === "silence-after") return;
    if (fault?.kind === "error-after")
      return void client.write(errorAnswer("CreateTopics", correlation, fault));
    client.write(this.#withOwnPort(frame));
  }

  #withOwnPort(frame: Buffer): Buffer {
    const from = address(this.#target);
    const to = address(this.#port);
    for (let at = frame.indexOf(from); at !== -1; at = frame.indexOf(from, at + 1)) to.copy(frame, at);
    return frame;
  }
}

interface OpenChange {
  readonly seen: ChangeSeen;
  /** The one that was there when the request came. */
  readonly gate: WireGate | undefined;
}

/** What a good answer to a request about one topic says was done; undefined where it reports an error. */
function executedBy(request: string, frame: Buffer): string | undefined {
  // Behind length, correlation, tags, throttling and the length of the array; see errorAnswer.
  const item = 14;
  const nameAt = (at: number) => frame.toString("utf8", at + 1, at + (frame[at] ?? 1));
  if (request === "IncrementalAlterConfigs")
    return frame.readInt16BE(item) === 0 ? `${request} ${nameAt(item + 4)}` : undefined;
  const afterName = item + (frame[item] ?? 1);
  const code = frame.readInt16BE(request === "CreatePartitions" ? afterName : afterName + 16);
  return code === 0 ? `${request} ${nameAt(item)}` : undefined;
}

const changing: ReadonlySet<string> = new Set([
  "CreateTopics",
  "DeleteTopics",
  "CreatePartitions",
  "IncrementalAlterConfigs",
]);

const checkable: ReadonlySet<string> = new Set([
  "CreateTopics",
  "CreatePartitions",
  "IncrementalAlterConfigs",
]);

function address(port: number): Buffer {
  const bytes = Buffer.alloc(host.length + 4);
  bytes.write(host);
  bytes.writeInt32BE(port, host.length);
  return bytes;
}

/** A frame begins with its length in four bytes. */
function eachFrame(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      const frame = Buffer.from(rest.subarray(0, end));
      rest = rest.subarray(end);
      take(frame);
    }
  });
}
