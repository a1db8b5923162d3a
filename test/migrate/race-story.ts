// Many processes start the same migration at once: one does the work, each statement once, and all others find it done.

import { expect } from "vitest";
import { Trial } from "./kill-trial.js";
import { stories } from "./migration-stories.js";
import type { Processes } from "./processes.js";

export async function raceStory(
  engine: Parameters<typeof Trial.prepare>[0],
  processes: Processes,
  { racers, rounds }: { readonly racers: number; readonly rounds: number },
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const story = stories[round % stories.length];
    if (story === undefined) throw new Error("no story");
    const trial = await Trial.prepare(engine, processes, story);
    const endings = await Promise.all(Array.from({ length: racers }, () => processes.run(trial.job)));
    const states = endings.map((ending) => ending?.state);
    const message = `${story.name}: ${JSON.stringify(endings)}`;
    expect(states.filter((state) => state === "applied").length, message).toBe(1);
    expect(states.filter((state) => state === "already-applied").length, message).toBe(racers - 1);
    expect([...trial.proxy.executed].filter(([, times]) => times !== 1)).toEqual([]);
    expect(trial.proxy.executed.size).toBeGreaterThanOrEqual(trial.job.operations.length);
    await trial.close();
  }
}
