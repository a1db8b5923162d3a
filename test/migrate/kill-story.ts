// Kills migrations at moments of all kinds of operations, many side by side: a lock whose owner died is waited for long.

import type { Random } from "../faults/random.js";
import type { LiveEngine } from "../live/live-engine.js";
import { type KillPoint, Trial, undisturbed } from "./kill-trial.js";
import { stories } from "./migration-stories.js";
import type { Processes } from "./processes.js";

/** Planned beyond what is asked for, in the place of those that come too late. */
const spare = 6;

/** @returns how many processes were killed */
export async function killStory(
  engine: LiveEngine,
  processes: Processes,
  random: Random,
  { kills, atOnce }: { readonly kills: number; readonly atOnce: number },
): Promise<number> {
  const known = new Map(
    await Promise.all(
      stories.map(async (story) => [story, await undisturbed(engine, processes, story)] as const),
    ),
  );
  const points = chosen(
    random,
    [...known.values()].flatMap((one) => one.points),
  );
  let done = 0;
  let planned = 0;
  const errors: unknown[] = [];
  const worker = async (): Promise<void> => {
    // Each trial is to take two kills; some come too late.
    while (planned < kills + spare && errors.length === 0) {
      planned += 2;
      const point = points.next();
      const trial = await Trial.prepare(engine, processes, point.story);
      try {
        await trial.killAt(point);
        await trial.killAnywhere(random);
        await trial.finish();
        await trial.check(known.get(point.story)?.wanted);
      } catch (error) {
        if (error instanceof Error)
          error.message += `\n${point.story.name}, ${point.kind}:\n${trial.log.join("\n")}`;
        errors.push(error);
      } finally {
        done += trial.kills;
        await trial.close();
      }
    }
  };
  while (done < kills && errors.length === 0) {
    planned = done;
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join("\n\n"));
  if (errors.length === 1) throw errors[0];
  return done;
}

/** Each kind of operation first, each moment next, then what is left, and again. */
function chosen(random: Random, points: readonly KillPoint[]): { next(): KillPoint } {
  let queue: KillPoint[] = [];
  const next = (): KillPoint => {
    if (queue.length === 0) queue = inOrder(random.shuffled(points));
    const point = queue.shift();
    if (point === undefined) throw new Error("there is nothing to kill at");
    return point;
  };
  return { next };
}

function inOrder(points: readonly KillPoint[]): KillPoint[] {
  const kinds = new Set<string>();
  const moments = new Set<string>();
  const isNew = ({ kind, moment }: KillPoint): boolean => {
    if (kinds.has(kind) && moments.has(moment)) return false;
    kinds.add(kind);
    moments.add(moment);
    return true;
  };
  const first = points.filter(isNew);
  return [...first, ...points.filter((point) => !first.includes(point))];
}
