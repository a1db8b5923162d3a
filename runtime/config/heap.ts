// How the processes of moose keep their memory small. They live for days and do little at a time, so that V8, left alone,
// lets garbage pile up to several times of what is in use before it collects.

/**
 * Options of V8 for a process of moose: the young generation in MB, and by how many percent of what is in use the heap
 * may grow until the next full collection, most of which runs beside the program. The largest functions of the
 * TypeScript compiler are left unoptimised: after some 500 saves V8 comes to compile them, which takes 60 MB that the
 * system's allocator keeps.
 */
export function heapOptions(youngMb: number): readonly string[] {
  return [
    `--max-semi-space-size=${youngMb}`,
    "--heap-growing-percent=20",
    "--max-optimized-bytecode-size=8000",
  ];
}
