// Migrations of topics whose process is killed: the next run finishes them, does nothing twice, and loses no message.

import { expect, test } from "vitest";
import { random } from "../faults/random.js";
import { describeWithKafka } from "../live/live-kafka.js";
import { type MigrationGround, onMigrations } from "./ground.js";
import { topicKillStory } from "./topic-kill-story.js";

export interface KillSuite {
  readonly kills: number;
  /** Migrations that run at the same time. */
  readonly atOnce: number;
  /** In milliseconds. */
  readonly timeout: number;
}

export function topicKillSuite({ kills, atOnce, timeout }: KillSuite): void {
  const chance = random();
  const title = `${kills} kills leave every migration to be finished by the next run (MOOSE_TEST_SEED=${chance.seed})`;
  describeWithKafka("kills of migrations of topics", () => {
    let ground: MigrationGround;
    onMigrations((opened) => {
      ground = opened;
    });

    test(title, { timeout }, async () => {
      expect(await topicKillStory(ground, chance, { kills, atOnce })).toBeGreaterThanOrEqual(kills);
    });
  });
}
