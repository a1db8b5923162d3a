// What a stream holds and how far behind its readers are, as servers report it.

export interface GroupOfStream {
  readonly id: string;
  /** As Kafka says it: `STABLE` with members, `EMPTY` without. */
  readonly state: string;
  /** Messages that it has not read yet. */
  readonly lag: number;
}

/** As it was counted last, some seconds ago. */
export interface StreamMessages {
  /** Between the oldest and the newest offset; compaction and transactions make it less. */
  readonly count: number | undefined;
  /** Consumer groups that have committed offsets. */
  readonly groups: readonly GroupOfStream[] | undefined;
  /** Why something of it is not known; undefined where all is. */
  readonly missing: string | undefined;
}
