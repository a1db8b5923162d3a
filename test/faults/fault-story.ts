// Statements of all kinds sent through random faults: in the end each was executed as often as its verdict says.

import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { connect } from "../../runtime/clickhouse/client.js";
import { startLive, uniqueName } from "../live/live-engine.js";
import { type Fault, FaultProxy } from "./proxy.js";
import type { Random } from "./random.js";
import { type Counted, counted, type Kind, kinds, settle } from "./statements.js";

const deadlineMs = 700;

/** Held-up requests are left out: without the fence of a run's lock nothing stops a copy that comes late. */
const faults: readonly Fault[] = [
  { kind: "reset-before" },
  { kind: "reset-after" },
  { kind: "half-answer" },
  { kind: "delay-answer", ms: 20 },
  { kind: "delay-answer", ms: 2 * deadlineMs },
  { kind: "status-before", status: 429 },
  { kind: "status-before", status: 502 },
  { kind: "status-before", status: 503 },
  { kind: "status-after", status: 502 },
  { kind: "status-after", status: 504 },
  { kind: "exception-after-200", marked: true },
  { kind: "exception-after-200", marked: false },
];

const atOnce = 4;
const mostFaults = 4;

export async function faultStory(chance: Random, statements: number): Promise<void> {
  const live = await startLive();
  const proxy = await FaultProxy.start(live.url);
  const through = await connect({ url: proxy.url, user: "default", password: "" });
  const database = uniqueName("story");
  try {
    await live.clickhouse.command(`CREATE DATABASE ${database}`);
    for (let done = 0; done < statements; done += atOnce) {
      // CREATE is counted by the errors of the whole server, so only one of them is under way at a time.
      const group: Kind[] = [
        "CREATE",
        ...chance.shuffled(kinds).filter((kind) => kind !== "CREATE"),
        "INSERT",
      ];
      const refusing = chance.between(1, 6) === 1 ? proxy.refuse(chance.between(10, 300)) : undefined;
      await Promise.all(
        group.map(async (kind) => {
          const statement = await counted(live.clickhouse, database, kind);
          const met = Array.from({ length: chance.between(0, mostFaults) }, () => oneOf(chance));
          proxy.inject(statement.queryId, ...met);
          await sleep(chance.between(0, 30));
          const verdict = await settle(through, statement, { deadlineMs });
          await check(kind, statement, { verdict, met });
        }),
      );
      await refusing;
    }
  } finally {
    await through.close();
    await proxy.stop();
    await live.stop();
  }
}

function oneOf(chance: Random): Fault {
  return faults[chance.between(0, faults.length - 1)] as Fault;
}

async function check(
  kind: Kind,
  statement: Counted,
  { verdict, met }: { readonly verdict: string; readonly met: readonly Fault[] },
): Promise<void> {
  const executions = await statement.executions();
  const allowed: Readonly<Record<string, readonly number[]>> = {
    done: [1],
    refused: [0],
    stopped: kind === "CREATE" ? [] : [0, 1],
  };
  const story = `${kind} ${verdict} after ${JSON.stringify(met)}`;
  expect(allowed[verdict], `${story}: executed ${executions} times`).toContain(executions);
}
