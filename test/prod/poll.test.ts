// How quickly moose prod says how it is while it is at work: a small form, of which the long tests have the large one.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type LiveEngine, startLive } from "../live/live-engine.js";
import { pollStory } from "./poll-story.js";

let engine: LiveEngine;
beforeAll(async () => {
  engine = await startLive();
});
afterAll(() => engine.stop());

test("while it changes tables and many ask, they are answered hardly later than by a server that does nothing else", async () => {
  const report = await pollStory(engine, { tables: 60, clients: 20, everyMs: 250 });
  expect(Object.keys(report.codes).sort()).toEqual(["floor 200", "readyz 503", "status 200"]);
  expect(report.status.asked).toBeGreaterThan(20);
  // Of so few answers one in a hundred says more about the machine.
  for (const { p90 } of [report.readyz, report.status])
    expect(p90, JSON.stringify(report)).toBeLessThan(100 + 5 * report.floor.p90);
}, 600_000);
