// Messages for the tests: what writes them, and a group that reads some.

import { Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { plainKafka } from "../../runtime/config/kafka-settings.js";
import { connectKafka } from "../../runtime/kafka/client.js";
import { topicRanges } from "../../runtime/kafka/inspect.js";
import { until } from "../dev/wait.js";

export interface TestRecord {
  readonly key?: string;
  readonly value?: string;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timestamp?: bigint;
}

export async function produce(broker: string, topic: string, records: readonly TestRecord[]): Promise<void> {
  await isServed(broker, topic);
  const producer = new Producer({
    clientId: "test",
    bootstrapBrokers: [broker],
    serializers: stringSerializers,
  });
  await producer.send({ messages: records.map((record) => ({ topic, ...record })) });
  await producer.close();
}

/** A broker learns a moment later than the controller that it leads a new partition; repeated sends come twice. */
async function isServed(broker: string, topic: string): Promise<void> {
  const kafka = connectKafka(plainKafka(broker));
  const all = async () => {
    const found = await topicRanges(kafka, topic);
    return found !== undefined && found.ranges.length === found.partitions;
  };
  await until(all, 60_000, () => `${topic} is not served`);
  await kafka.close();
}

/** A group that has committed so many messages as read, and has no members any more. */
export async function readBy(groupId: string, broker: string, topic: string, count: number): Promise<void> {
  const options = { clientId: "test", bootstrapBrokers: [broker], deserializers: stringDeserializers };
  const consumer = new Consumer({ ...options, groupId, autocommit: false });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false });
  let left = count;
  if (left > 0)
    for await (const message of stream) {
      await message.commit();
      left -= 1;
      if (left === 0) break;
    }
  await consumer.close(true);
}
