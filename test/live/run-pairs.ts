// Runs many random pairs on one engine, a few at a time, and shows a failing one as small as it gets.

import fc from "fast-check";
import { type Pair, pair } from "./arbitrary-table.js";
import { checkPair, newTally, type Tally } from "./check-pair.js";
import type { LiveEngine } from "./live-engine.js";

export interface PairRun {
  readonly pairs: number;
  readonly seed: number;
  readonly deadlineMs: number;
  /** A failing pair is shown as it is, not made as small as it gets, which takes minutes. */
  readonly isLong?: boolean;
}

/** Pairs run side by side; each has a database of its own. */
const lanes = 4;

/** From `MOOSE_TEST_PAIRS`. */
export function chosenPairs(otherwise: number): number {
  return Number(process.env.MOOSE_TEST_PAIRS ?? otherwise);
}

/** From `MOOSE_TEST_SEED`, to run a failed run again; else `otherwise`, or another one each time. */
export function chosenSeed(otherwise = Date.now() % 2 ** 31): number {
  const seed = process.env.MOOSE_TEST_SEED;
  return seed === undefined ? otherwise : Number(seed);
}

/** @throws Error that shows the failing pair as small as it gets, its statements and the seed */
export async function runPairs(engine: LiveEngine, run: PairRun): Promise<Tally> {
  const tally = newTally();
  const startMs = performance.now();
  const results = await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const project = await engine.newProject();
      let failures = 0;
      const check = async (one: Pair) => {
        try {
          await checkPair(engine.clickhouse, project, one, tally);
        } catch (error) {
          // The other lanes go on: the first sight is shown at once.
          if (failures++ === 0) process.stderr.write(`a pair of lane ${lane} failed: ${String(error)}\n`);
          throw error;
        }
        if (tally.pairs % 500 === 0) process.stderr.write(`${tally.pairs} pairs\n`);
      };
      return fc.check(fc.asyncProperty(pair, check), {
        seed: run.seed + lane,
        numRuns: Math.ceil(run.pairs / lanes),
        interruptAfterTimeLimit: run.deadlineMs,
        markInterruptAsFailure: true,
        endOnFailure: run.isLong === true,
      });
    }),
  );
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  process.stdout.write(`seed ${run.seed}: ${describe(tally)}, ${seconds} s\n`);
  const failed = results.find((result) => result.failed);
  if (failed === undefined) return tally;
  const cause = failed.errorInstance;
  const shown = cause instanceof Error ? cause.message : "no pair failed, but time ran out";
  throw new Error(
    `with MOOSE_TEST_SEED=${run.seed}: ${shown}\n${await fc.asyncDefaultReportMessage(failed)}`,
  );
}

function describe(tally: Tally): string {
  const list = (counts: ReadonlyMap<string, number>) => JSON.stringify(Object.fromEntries(counts));
  return `${tally.pairs} pairs, ${tally.rows} rows, ${tally.applied} operations applied ${list(tally.kinds)}, blocked ${list(tally.blocked)}`;
}
