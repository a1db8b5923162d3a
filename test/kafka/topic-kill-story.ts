// Kills migrations of topics at each moment of each kind of operation, some side by side.

import type { Kafka } from "../../runtime/kafka/client.js";
import type { Random } from "../faults/random.js";
import type { LiveEngine } from "../live/live-engine.js";
import type { Processes } from "../migrate/processes.js";
import { type TopicKillPoint, TopicTrial, topicKillPoints } from "./topic-kill-trial.js";

export interface TopicGround {
  readonly engine: LiveEngine;
  readonly kafka: Kafka;
  readonly processes: Processes;
}

/** @returns how many processes were killed */
export async function topicKillStory(
  { engine, kafka, processes }: TopicGround,
  random: Random,
  { kills, atOnce }: { readonly kills: number; readonly atOnce: number },
): Promise<number> {
  let done = 0;
  let points: TopicKillPoint[] = [];
  const next = (): TopicKillPoint => {
    if (points.length === 0) points = kindsFirst(random.shuffled(topicKillPoints()));
    const point = points.shift();
    if (point === undefined) throw new Error("there is nothing to kill at");
    return point;
  };
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (done < kills && errors.length === 0) {
      const trial = await TopicTrial.prepare(engine, kafka, processes);
      try {
        // The second may come too late, for an operation that is done before.
        await trial.killAt(next());
        await trial.killAt(next());
        await trial.finish();
        await trial.check();
      } catch (error) {
        errors.push(error);
      } finally {
        done += trial.kills;
        await trial.close();
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (errors.length > 0) throw errors[0];
  return done;
}

/** One of each kind and of each moment before the others. */
function kindsFirst(points: readonly TopicKillPoint[]): TopicKillPoint[] {
  const seen = new Set<string>();
  const isNew = ({ kind, moment }: TopicKillPoint) => {
    const fresh = !seen.has(kind) || !seen.has(moment);
    seen.add(kind).add(moment);
    return fresh;
  };
  const first = points.filter(isNew);
  return [...first, ...points.filter((point) => !first.includes(point))];
}
