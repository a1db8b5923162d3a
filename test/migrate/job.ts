// What a migrating process is told, and what it tells.

import type { MigrationOperation } from "../../src/format/operation.js";
import type { Table } from "../../src/infra/table.js";
import type { Topic } from "../../src/infra/topic.js";

/** Moments that the process itself knows of. */
export const ownMoments = [
  "before-intent",
  "intended",
  "sending",
  "answered",
  "done",
  "rewriting",
  "between",
] as const;

/**
 * Moments that are seen from outside, by the requests that the process makes: the server never hears of a lost one, gets
 * a late one after the death of the process, one that is held after another has taken over, and has done a served one.
 */
export const requestMoments = [
  "intent lost",
  "intent late",
  "intent stored",
  "statement lost",
  "statement late",
  "statement held",
  "statement served",
  "outcome lost",
  "outcome late",
  "outcome stored",
  "claim lost",
  "claim late",
  "claim stored",
] as const;

export type Moment = (typeof ownMoments)[number];
export type RequestMoment = (typeof requestMoments)[number];

export interface Job {
  readonly url: string;
  readonly project: string;
  readonly id: string;
  readonly operations: readonly MigrationOperation[];
  readonly before: readonly Table[];
  /** `host:port` of a Kafka, for a migration with topics. */
  readonly broker?: string;
  readonly topicsBefore?: readonly Topic[];
  readonly mark?: "applied" | "not-applied";
  readonly repair?: boolean;
  readonly tellsMoments?: boolean;
  /** Kills itself there, the first time or after so many times. */
  readonly dieAt?: { readonly moment: Moment; readonly operation: number; readonly after: number };
}

export interface Ending {
  readonly state: "applied" | "already-applied" | "refused" | "unfinished" | "thrown";
  readonly problems: readonly {
    readonly code: string;
    readonly summary: string;
    readonly detail?: string | undefined;
    readonly hint?: string | undefined;
  }[];
  readonly operations: readonly string[];
}

export type Told = Ending | { readonly moment: Moment; readonly operation: number };
