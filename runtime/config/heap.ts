// How the processes of moose keep their heaps small. They live for days and do little at a time, so that V8, left alone,
// lets garbage pile up to several times of what is in use before it collects.

/**
 * Options of V8 for a process of moose: the young generation in MB, and by how many percent of what is in use the heap
 * may grow until the next full collection, most of which runs beside the program.
 */
export function heapOptions(youngMb: number): readonly string[] {
  return [`--max-semi-space-size=${youngMb}`, "--heap-growing-percent=20"];
}
