// The text of a user's file as it was analysed, with what is inserted before it is run: what the reader of types hands
// to the process that runs the code.

/** Text to insert; nothing of the user's text is removed or replaced. */
export interface Insertion {
  /** Where, in UTF-16 units from the start of the user's text. */
  readonly offset: number;
  readonly text: string;
}

/** One file of user code, exactly as it was analysed. */
export interface SourceText {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  readonly insertions: readonly Insertion[];
}
