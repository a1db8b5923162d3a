// What happens during `moose dev`, as values: the views of the command line show them.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { Operation } from "../../src/plan/operation.js";
import type { RoundReport } from "../../src/status/report.js";
import type { TopicsReport } from "../../src/status/topics-report.js";
import type { TopicEvidence } from "../kafka/inspect.js";

export type DevEvent =
  | { readonly event: "starting"; readonly folder: string }
  /** The first round is over; from now on saves are seen. */
  | {
      readonly event: "ready";
      readonly url: string;
      readonly database: string;
      /** Of the server. */
      readonly version: string;
      readonly embedded: boolean;
      /** The watched folder, absolute. */
      readonly folder: string;
      /** From the start of the process. */
      readonly startMs: number;
      readonly tables: number;
    }
  /** The status page and the admin routes answer. */
  | { readonly event: "page"; readonly url: string }
  /** A round was applied and verified. */
  | {
      readonly event: "round";
      readonly report: RoundReport;
      /** From the first event of the save to the verified result. */
      readonly durationMs: number;
      /** Files whose change led to it, relative to the project. */
      readonly files: readonly string[];
    }
  /** A round of the topics was applied and verified, or shows something new. */
  | { readonly event: "topics"; readonly report: TopicsReport; readonly durationMs: number }
  /** Messages of the streams whose count or whose readers have changed; every few seconds at most. */
  | { readonly event: "messages"; readonly streams: readonly TopicEvidence[] }
  /** The local Kafka answers. */
  | { readonly event: "kafka-ready"; readonly broker: string; readonly startMs: number }
  /** Problems; with `kept` the database and the last good schema stay as they are. */
  | { readonly event: "problems"; readonly kept: boolean; readonly diagnostics: readonly Diagnostic[] }
  /** A long operation is under way; `partsToDo` counts what a background rewrite has left. */
  | { readonly event: "progress"; readonly operation: Operation; readonly partsToDo: number | undefined }
  /** A line that user code printed. */
  | { readonly event: "output"; readonly line: string }
  /** Something else worth a line: an engine that restarts, a lost connection. */
  | { readonly event: "notice"; readonly text: string }
  | { readonly event: "stopped" };

export type OnDevEvent = (event: DevEvent) => void;
