// One change of a topic from its check to its end: sent, repeated where nothing was done, looked at where nobody knows.

import { setTimeout as sleep } from "node:timers/promises";
import { failed, type KafkaProblem, notSent } from "./problem.js";

/** What became of a change. */
export type TopicOutcome =
  | { readonly state: "applied" }
  | {
      readonly state: "refused";
      /** Kafka's name of the error, or one of `KafkaProblem`. Nothing was done. */
      readonly code: string;
      readonly reason: string;
      /** True where the cause may pass: brokers that cannot be reached, a quota that is used up. */
      readonly passing: boolean;
    }
  /** Nobody could find out until the time was over. */
  | { readonly state: "unknown"; readonly reason: string };

export interface PerformOptions {
  /** Time for all of it, with repetitions and waiting, in milliseconds. Default 60,000. */
  readonly deadlineMs?: number | undefined;
}

/** What looking at the brokers says of a change. */
export type Seen =
  | { readonly kind: "done" }
  /** Not, or not yet; `what` completes "the brokers show ..". */
  | { readonly kind: "not-yet"; readonly what: string }
  /** It cannot come about: something else is there. */
  | { readonly kind: "impossible"; readonly code: string; readonly reason: string }
  /** The brokers do not let us look. */
  | { readonly kind: "blind"; readonly reason: string };

/**
 * What a refusal means which says that it is so already, where looking shows neither that it is nor that it cannot be:
 * `accepted`, what is looked at lags behind; `again`, what is in the way goes; `refused`, it is meant otherwise.
 */
export type Already = "accepted" | "again" | "refused";

export interface Change {
  /** The broker's own check, which changes nothing; throws a `KafkaProblem`. */
  readonly check?: () => Promise<unknown>;
  /** Sends it once. Sending it again after it was executed must do no harm. */
  readonly send: () => Promise<unknown>;
  readonly look: () => Promise<Seen>;
  /** Codes of refusals that may mean that it has been done already; then looking decides. */
  readonly already: Readonly<Record<string, Already>>;
  /** Whether an accepted change counts as applied though the brokers do not show it in the same words. */
  readonly trustsAnswer?: boolean;
}

const defaultDeadlineMs = 60_000;
const checkDeadlineMs = 10_000;
const firstBackOffMs = 200;
const greatestBackOffMs = 30_000;
const firstLookMs = 20;
const greatestLookMs = 1_000;
/** How long a change of unknown fate is looked for before it is sent again. */
const lookAfterLossMs = 1_500;
/** How long the brokers may take to show in the same words what they have accepted. */
const trustAfterMs = 3_000;

/** Never throws a `KafkaProblem`; what else is thrown is a bug. */
export async function perform(change: Change, options: PerformOptions = {}): Promise<TopicOutcome> {
  const endMs = performance.now() + (options.deadlineMs ?? defaultDeadlineMs);
  let doubtful: KafkaProblem | undefined;
  let isChecked = false;
  for (let attempt = 0; ; attempt++) {
    const sent = await sendOnce(change, isChecked);
    if (sent.kind === "accepted") return settle(change, endMs);
    const { problem } = sent;
    // Once is enough: a check uses up as much of a quota as the change itself.
    isChecked ||= sent.isChecked;
    const already = change.already[problem.code];
    if (already === "accepted") return settle(change, endMs);
    if (sent.kind === "doubtful") doubtful = problem;
    if (sent.kind === "doubtful" || already !== undefined) {
      const seen = await lookFor(change, Math.min(endMs, performance.now() + lookAfterLossMs));
      if (seen.kind === "done") return { state: "applied" };
      if (seen.kind === "impossible") return refused(seen.code, seen.reason, false);
    }
    if (problem.kind === "refused" && already !== "again") {
      return refused(problem.code, problem.message, false);
    }
    const waitMs = Math.max(problem.throttleMs, backOffMs(attempt));
    if (performance.now() + waitMs >= endMs) return outOfTime(problem, doubtful);
    await sleep(waitMs);
  }
}

/** The broker's check alone. */
export function checkOnly(check: () => Promise<unknown>): Promise<TopicOutcome> {
  const change: Change = { send: check, look: async () => ({ kind: "done" }), already: {} };
  return perform(change, { deadlineMs: checkDeadlineMs });
}

type Sent =
  | { readonly kind: "accepted" }
  /** `not-done`: nothing was done. `isChecked`: the brokers' check has passed. */
  | { readonly kind: "not-done" | "doubtful"; readonly problem: KafkaProblem; readonly isChecked: boolean };

async function sendOnce({ check, send }: Change, isChecked: boolean): Promise<Sent> {
  try {
    if (!isChecked) await check?.();
  } catch (thrown) {
    return { kind: "not-done", problem: notSent(thrown), isChecked: false };
  }
  try {
    await send();
    return { kind: "accepted" };
  } catch (thrown) {
    const problem = failed(thrown);
    return { kind: problem.kind === "unknown" ? "doubtful" : "not-done", problem, isChecked: true };
  }
}

/** An accepted change is applied when the brokers show it. */
async function settle(change: Change, endMs: number): Promise<TopicOutcome> {
  const untilMs = change.trustsAnswer ? Math.min(endMs, performance.now() + trustAfterMs) : endMs;
  const seen = await lookFor(change, untilMs);
  switch (seen.kind) {
    case "done":
    case "blind":
      return { state: "applied" };
    case "impossible":
      return refused(seen.code, seen.reason, false);
    case "not-yet":
      if (change.trustsAnswer) return { state: "applied" };
      return { state: "unknown", reason: `It was accepted, but the brokers show ${seen.what}.` };
  }
}

/** Looks again and again until it is done, cannot be, or the time is over. Brokers that do not answer are "not yet". */
async function lookFor({ look }: Change, untilMs: number): Promise<Seen> {
  for (let pauseMs = firstLookMs; ; pauseMs = Math.min(2 * pauseMs, greatestLookMs)) {
    const seen = await look().catch((thrown: unknown): Seen => {
      const { kind, message } = failed(thrown);
      return kind === "refused"
        ? { kind: "blind", reason: message }
        : { kind: "not-yet", what: `nothing: ${message}` };
    });
    if (seen.kind !== "not-yet" || performance.now() + pauseMs >= untilMs) return seen;
    await sleep(pauseMs);
  }
}

function backOffMs(attempt: number): number {
  return Math.min(firstBackOffMs * 2 ** attempt, greatestBackOffMs) * (0.5 + Math.random() / 2);
}

function refused(code: string, reason: string, passing: boolean): TopicOutcome {
  return { state: "refused", code, reason, passing };
}

function outOfTime(last: KafkaProblem, doubtful: KafkaProblem | undefined): TopicOutcome {
  if (doubtful === undefined) return refused(last.code, last.message, true);
  const reason = `It was sent, and no answer came (${doubtful.message}); the brokers could not be asked since, or do not show it.`;
  return { state: "unknown", reason };
}
