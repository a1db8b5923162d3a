// What moose may do to a resource; the user sets it on each table and stream.

/** Which changes moose is allowed to make to a table or stream. */
export enum LifeCycle {
  /** Brought into line with the code, destructive changes included. The default. */
  FULLY_MANAGED = "FULLY_MANAGED",
  /** Brought into line with the code, but nothing that destroys data is done. */
  DELETION_PROTECTED = "DELETION_PROTECTED",
  /** Never changed by moose; differences are shown. */
  EXTERNALLY_MANAGED = "EXTERNALLY_MANAGED",
}

const fromMild = [LifeCycle.FULLY_MANAGED, LifeCycle.DELETION_PROTECTED, LifeCycle.EXTERNALLY_MANAGED];

/** The one that allows least, of those that different places say of a table; undefined where none says anything. */
export function strictest(lifeCycles: readonly (LifeCycle | undefined)[]): LifeCycle | undefined {
  return fromMild.findLast((lifeCycle) => lifeCycles.includes(lifeCycle));
}
