// How the processes of moose keep their memory small. They live for days and do little at a time, so that V8, left alone,
// lets garbage pile up to several times of what is in use before it collects.

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Options of V8 for a process of moose: the young generation in MB, and by how many percent of what is in use the heap
 * may grow until the next full collection, most of which runs beside the program; for small heaps V8 takes 8 MB
 * instead, or 2 MB where it optimises for size.
 */
export function heapOptions(youngMb: number): readonly string[] {
  return [`--max-semi-space-size=${youngMb}`, "--optimize-for-size", ...oldGeneration(20)];
}

/**
 * The larger functions of the TypeScript compiler are left unoptimised, which costs a save nothing: after some 300 saves
 * V8 comes to compile them, which takes up to 60 MB that the system's allocator keeps.
 */
function oldGeneration(growthPercent: number): readonly string[] {
  return [`--heap-growing-percent=${growthPercent}`, "--max-optimized-bytecode-size=4000"];
}

/**
 * The same for a process that runs already, in which the limit of the young generation stands: it is kept from growing,
 * at the 2 MB that V8 begins with (measured on Node 20, 22 and 24, where 32 to 64 MB are reached otherwise). To optimise
 * for size would take 10 MB less of it, and make a save a tenth slower. The old generation may grow by more between two
 * collections, for `restingCollector` gives that back: 20 MB more at work than with 20 percent, for a sixth less CPU.
 */
export const heapOptionsWhileRunning: readonly string[] = [
  "--semi-space-growth-factor=1",
  ...oldGeneration(60),
];

/** With it in its arguments a process has what `earlyCollector` calls. */
export const exposesCollection = "--expose-gc";

/**
 * A function for a process with a small heap to call often: it collects all garbage once the heap has grown by
 * `growthMb` since the last time, which takes some milliseconds. V8 alone waits until the heap is three times as large,
 * and the process keeps what it once had.
 */
export function earlyCollector(growthMb: number): () => void {
  const used = () => getHeapStatistics().used_heap_size;
  let leftBytes = used();
  return () => {
    if (used() - leftBytes < growthMb * 2 ** 20) return;
    globalThis.gc?.();
    leftBytes = used();
  };
}

/** Without work for so long, nobody is about to save. */
const restMs = 3_000;
/** Pieces of work after which a rest is worth a collection. */
const worthCollecting = 10;

export interface RestOptions {
  /** Default: 3,000. */
  readonly quietMs?: number;
  /** Done at rest. Default: what is said below, for this process. */
  readonly collect?: () => void;
}

/**
 * A function to call after each piece of work: once nothing has been done for `quietMs`, it collects all garbage, closes
 * the gaps between what is left and gives the memory back to the system. That takes some 200 ms on a heap of 60 MB, which
 * nobody waits for then; while work goes on, V8 collects as it always does.
 */
export function restingCollector({ quietMs = restMs, collect = compact }: RestOptions = {}): () => void {
  let calls = 0;
  let timer: NodeJS.Timeout | undefined;
  const rest = (): void => {
    calls = 0;
    collect();
  };
  return () => {
    calls++;
    clearTimeout(timer);
    if (calls >= worthCollecting) timer = setTimeout(rest, quietMs).unref();
  };
}

type Collect = (options?: object) => void;

let exposed: Collect | undefined;

/** On Node 20 the option of V8 closes the gaps; on later ones it has no effect, but there is a kind of collection that does. */
function compact(): void {
  exposed ??= exposeCollect();
  if (hasLastResort) return exposed({ type: "major", execution: "sync", flavor: "last-resort" });
  setFlagsFromString("--compact-on-every-full-gc");
  exposed();
  setFlagsFromString("--no-compact-on-every-full-gc");
}

const hasLastResort = Number.parseInt(process.versions.v8, 10) >= 12;

function exposeCollect(): Collect {
  setFlagsFromString(exposesCollection);
  return runInNewContext("gc") as Collect;
}
