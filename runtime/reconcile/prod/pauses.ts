// How long a server waits before it looks again, in milliseconds, and how much it does at a time.

export const firstRetryMs = 500;
export const longestRetryMs = 30_000;
/** A change that waits for a person or a repaired database is looked at again so often. */
export const blockedRetryMs = 5_000;
/** So long another server's lock is waited for before one looks again whether there is anything left to do. */
export const lockPatienceMs = 1_000;
/** What operations report is shown so often. */
export const progressMs = 100;
/** The messages of the streams are counted so often. */
export const countMs = 15_000;
/** Fewer than a command works on: whoever asks meanwhile is answered soon, and the whole takes hardly longer. */
export const tablesAtOnce = 4;
