// Messages in transactions of their own, written with the native client.

import { createRequire } from "node:module";

type Done = (error: Error | null | undefined) => void;

/** Only what is used here. */
interface NativeProducer {
  connect(request: undefined, done: Done): void;
  disconnect(done: Done): void;
  initTransactions(timeoutMs: number, done: Done): void;
  beginTransaction(done: Done): void;
  commitTransaction(timeoutMs: number, done: Done): void;
  produce(topic: string, partition: number, value: Buffer): void;
}

interface Client {
  readonly Producer: new (properties: Readonly<Record<string, string>>) => NativeProducer;
}

const deadlineMs = 30_000;

export async function commitEach(broker: string, topic: string, values: readonly string[]): Promise<void> {
  const client = createRequire(import.meta.url)("@confluentinc/kafka-javascript") as Client;
  const producer = new client.Producer({ "bootstrap.servers": broker, "transactional.id": topic });
  const end = (work: (done: Done) => void) =>
    new Promise<void>((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
  await end((done) => producer.connect(undefined, done));
  await end((done) => producer.initTransactions(deadlineMs, done));
  for (const value of values) {
    await end((done) => producer.beginTransaction(done));
    producer.produce(topic, 0, Buffer.from(value));
    await end((done) => producer.commitTransaction(deadlineMs, done));
  }
  await end((done) => producer.disconnect(done));
}
