// Whether the brokers make a topic as soon as somebody asks for it: then one that is deleted comes back by itself.

import { ConfigResourceTypes } from "@platformatic/kafka";
import type { Kafka } from "./client.js";
import { KafkaProblem } from "./problem.js";

const setting = "auto.create.topics.enable";

/** Asked once for each client: it is a setting of the brokers, which changes with their restart. */
const known = new WeakMap<Kafka, Promise<boolean | undefined>>();

/** Undefined where the user may not read what is set on the brokers. */
export function autoCreatesTopics(kafka: Kafka): Promise<boolean | undefined> {
  const asked = known.get(kafka) ?? ask(kafka);
  known.set(kafka, asked);
  asked.catch(() => known.delete(kafka));
  return asked;
}

async function ask(kafka: Kafka): Promise<boolean | undefined> {
  try {
    const { brokers } = await kafka.ask("Metadata", [], false, false);
    const [broker] = brokers;
    if (broker === undefined) return undefined;
    const resource = {
      resourceType: ConfigResourceTypes.BROKER,
      resourceName: String(broker.nodeId),
      configurationKeys: [setting],
    };
    const { results } = await kafka.ask("DescribeConfigs", [resource], false, false);
    const found = results.flatMap(({ configs }) => configs).find(({ name }) => name === setting);
    return found === undefined ? undefined : found.value === "true";
  } catch (thrown) {
    if (thrown instanceof KafkaProblem && thrown.code.endsWith("AUTHORIZATION_FAILED")) return undefined;
    throw thrown;
  }
}
