// The next step of one operation in a run that may have been interrupted: what the journal says, held against reality.

/** What the journal has on the operation: an intent is written before the first statement, an outcome after the last. */
export type JournalEntry = "none" | "intent" | "done" | "failed";

/**
 * The object as it is now, beside what it was to be before and after the operation. `between`: some of the operation's
 * statements have been applied. `unobservable`: the statements are a user's own, and say not what they change.
 */
export type Observed = "before" | "after" | "between" | "neither" | "unobservable";

/** What the server's log says of the statement; `silent` where it has nothing on it, or where there is no log. */
export type LogSays = "finished" | "never-began" | "broke-off" | "silent";

export interface Situation {
  /** What the user knows the operation by. */
  readonly operation: string;
  readonly journal: JournalEntry;
  readonly observed: Observed;
  /** A statement of it, or a rewrite that one has started, is still at work on the server. */
  readonly running: boolean;
  /** The statement may be sent twice: see `natureOf`. Only asked where nothing can be observed. */
  readonly repeatable: boolean;
  readonly log: LogSays;
}

export type NextStep =
  /**
   * From the first statement on. `again`: an earlier copy was sent, so an answer that says "already" counts as done;
   * and the fence is moved on first, for that copy may still be held up on the way.
   */
  | { readonly step: "send"; readonly again: boolean }
  | { readonly step: "wait" }
  | { readonly step: "done" }
  /** With those statements whose effect is not there yet. */
  | { readonly step: "continue" }
  | { readonly step: "stop"; readonly reason: string; readonly hint: string };

export function nextStep(situation: Situation): NextStep {
  // As long as it is at work all that is seen may change.
  if (situation.running) return { step: "wait" };
  // What was confirmed is not judged again by what is seen: later operations may have changed the same object. The
  // comparison at the end of the run finds what somebody else has undone.
  if (situation.journal === "done") return { step: "done" };
  switch (situation.observed) {
    case "before":
      return { step: "send", again: situation.journal === "intent" };
    case "after":
      return { step: "done" };
    case "between":
      return { step: "continue" };
    case "neither":
      return changedByOthers(situation);
    case "unobservable":
      // A failure is only journalled when the server refused and nothing was applied; the cause may be gone now.
      return situation.journal === "intent" ? unobserved(situation) : { step: "send", again: false };
  }
}

function unobserved(situation: Situation): NextStep {
  if (situation.log === "finished") return { step: "done" };
  if (situation.repeatable) return { step: "send", again: true };
  return situation.log === "never-began" ? { step: "send", again: true } : nobodyKnows(situation);
}

function changedByOthers({ operation }: Situation): NextStep {
  return {
    step: "stop",
    reason: `${operation}: the object is neither as it was before nor as it is to be; something else has changed it`,
    hint: "look at what moose plan shows, then generate the migration anew from the database as it is",
  };
}

function nobodyKnows({ operation, log }: Situation): NextStep {
  const what =
    log === "broke-off"
      ? "it broke off on the server, and may have been applied in part"
      : "it was sent, its answer was lost, and nothing tells whether it was applied";
  return {
    step: "stop",
    reason: `${operation}: ${what}; it is not sent again, for that could apply it twice`,
    hint: "look at the data, then run moose migrate --mark-applied if it was applied, or moose migrate --mark-not-applied to have it sent again",
  };
}
