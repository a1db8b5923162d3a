// How the processes of moose keep their memory small. They live for days and do little at a time, so that V8, left alone,
// lets garbage pile up to several times of what is in use before it collects.

/**
 * Options of V8 for a process of moose: the young generation in MB, and by how many percent of what is in use the heap
 * may grow until the next full collection, most of which runs beside the program. The largest functions of the
 * TypeScript compiler are left unoptimised: after some 500 saves V8 comes to compile them, which takes 60 MB that the
 * system's allocator keeps.
 */
export function heapOptions(youngMb: number): readonly string[] {
  return [`--max-semi-space-size=${youngMb}`, ...oldGeneration];
}

const oldGeneration = ["--heap-growing-percent=20", "--max-optimized-bytecode-size=8000"] as const;

/**
 * The same for a process that runs already, in which the limit of the young generation stands: it is kept from growing,
 * at the 2 MB that V8 begins with (measured on Node 20, 22 and 24, where 32 to 64 MB are reached otherwise).
 */
export const heapOptionsWhileRunning: readonly string[] = ["--semi-space-growth-factor=1", ...oldGeneration];
