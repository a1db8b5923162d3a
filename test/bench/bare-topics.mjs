// The floors of the benchmark of topics: the same requests to Kafka by a script that does nothing else.

import { Admin, ConfigResourceTypes } from "@platformatic/kafka";

/** As many topics at a time as moose makes. */
const lanes = 8;

export function openAdmin(broker) {
  const [host, port] = broker.split(":");
  return new Admin({ clientId: "floor", bootstrapBrokers: [{ host, port: Number(port) }] });
}

/** The two requests that an inspection takes. */
export async function readTopics(admin) {
  const names = await admin.listTopics();
  admin.clearMetadata();
  const resources = names.map((resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName }));
  if (resources.length > 0) await admin.describeConfigs({ resources });
  return names;
}

async function create(admin, count) {
  let next = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let n = next++; n < count; n = next++)
        await admin.createTopics({
          topics: [`s${n}`],
          partitions: 1,
          replicas: 1,
          configs: [{ name: "retention.ms", value: "604800000" }],
        });
    }),
  );
}

async function clear(admin) {
  const names = await admin.listTopics();
  if (names.length > 0) await admin.deleteTopics({ topics: names });
  // A name can be used again when it is gone everywhere.
  for (let left = names; left.length > 0; left = await admin.listTopics())
    await new Promise((resolve) => setTimeout(resolve, 100));
}

if (process.argv[1]?.endsWith("bare-topics.mjs")) {
  const [, , work, broker, count] = process.argv;
  const admin = openAdmin(broker);
  await { create, clear, read: readTopics }[work](admin, Number(count));
  await admin.close();
}
