// The view for people: plain lines; colours and a spinner only on a terminal.

import picocolors from "picocolors";
import { type Diagnostic, formatPlace } from "../../src/diagnostic.js";
import type { Operation } from "../../src/plan/operation.js";
import type { DevEvent, OnDevEvent } from "../reconcile/dev-event.js";
import { roundLines } from "./human-round.js";
import { MessageLine } from "./message-line.js";
import { TerminalLines } from "./terminal-lines.js";
import { topicRoundLines } from "./topic-view.js";

type Colors = ReturnType<typeof picocolors.createColors>;

/** A diagnostic as lines: `error` and the sentence, the place, the detail, and what to do. */
export function diagnosticLines(diagnostic: Diagnostic, colors: Colors): readonly string[] {
  const label = labelOf(diagnostic.severity, colors);
  const place = diagnostic.place === undefined ? "" : `${colors.cyan(formatPlace(diagnostic.place))}: `;
  return [
    `${label}: ${place}${diagnostic.summary}`,
    ...(diagnostic.detail?.split("\n").map((line) => `    ${colors.dim(line)}`) ?? []),
    ...(diagnostic.hint === undefined ? [] : [`    ${diagnostic.hint}`]),
  ];
}

function labelOf(severity: Diagnostic["severity"], colors: Colors): string {
  switch (severity) {
    case "error":
      return colors.red("error");
    case "warning":
      return colors.yellow("warning");
    case "notice":
      return colors.dim("notice");
  }
}

/** Milliseconds as a person says them. */
export function durationText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** Where the width of the terminal is not known; some say 0. */
const defaultWidth = 100;

/** Prints events as they come. Of a stream that is no terminal, lines go out plain and progress stays away. */
export function humanView(stream: NodeJS.WriteStream, write: (text: string) => void): OnDevEvent {
  const onTerminal = stream.isTTY === true;
  const colors = picocolors.createColors(onTerminal && picocolors.isColorSupported);
  const output = new TerminalLines(stream, write);
  const messages = new MessageLine();
  return (event) => {
    if (event.event === "messages") {
      const line = messages.update(event.streams, (stream.columns || defaultWidth) - 1);
      return line === undefined ? undefined : output.stand(colors.dim(line));
    }
    const own = eventLines(event, colors);
    const lines = onTerminal && standsApart(event) ? ["", ...own] : own;
    if (event.event === "stopped") return output.end(lines);
    output.print(lines);
    if (event.event === "starting") output.spin("starting");
    if (event.event === "progress") output.spin(progressText(event.operation, event.partsToDo));
  };
}

/** On a terminal, saves are told apart by an empty line, and the last word from the `^C` that was typed. */
function standsApart(event: DevEvent): boolean {
  return (
    event.event === "stopped" ||
    (event.event === "problems" && event.kept) ||
    ((event.event === "round" || event.event === "topics") && event.report.operations.length > 0)
  );
}

function eventLines(event: DevEvent, colors: Colors): readonly string[] {
  switch (event.event) {
    case "starting":
      return [`moose dev  ${colors.dim(event.folder)}`];
    case "ready":
      return readyLines(event, colors);
    case "page":
      return [`status page at ${colors.cyan(event.url)}`];
    case "round":
      return roundText(event, colors);
    case "topics":
      return topicText(event, colors);
    case "kafka-ready":
      return [
        `Kafka at ${colors.cyan(event.broker)}  ${colors.dim(`local, ready in ${durationText(event.startMs)}`)}`,
      ];
    case "problems":
      return [
        ...event.diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic, colors)),
        ...(event.kept ? [colors.dim("nothing was changed; waiting for the next save")] : []),
      ];
    case "messages":
    case "progress":
      return [];
    case "output":
      return [colors.dim(`| ${event.line}`)];
    case "notice":
      return [colors.yellow(event.text)];
    case "stopped":
      return ["stopped"];
  }
}

type EventOf<K extends DevEvent["event"]> = Extract<DevEvent, { event: K }>;

function progressText(operation: Operation, partsToDo: number | undefined): string {
  const left = partsToDo === undefined ? "" : `, ${partsToDo} parts to rewrite`;
  return `${operation.kind} ${operation.address}${left}`;
}

function readyLines(info: EventOf<"ready">, colors: Colors): readonly string[] {
  const kind = info.embedded ? "embedded ClickHouse" : "ClickHouse";
  return [
    `${kind} ${info.version} at ${colors.cyan(info.url)}  ${colors.dim(`database ${info.database}`)}`,
    `watching ${info.folder}  ${colors.dim(`${count(info.tables, "table")}, ready in ${durationText(info.startMs)}`)}`,
  ];
}

function roundText(info: EventOf<"round">, colors: Colors): readonly string[] {
  const lines = roundLines(info.report, colors);
  const applied = info.report.operations.filter(({ outcome }) => outcome.state === "applied").length;
  const others = info.report.operations.length - applied;
  const duration = durationText(info.durationMs);
  const parts = [
    ...(applied > 0 ? [`${count(applied, "change")} applied in ${duration}`] : []),
    ...(others > 0 ? [colors.yellow(`${count(others, "change")} not done`)] : []),
  ];
  return [...lines, parts.length === 0 ? `no change  ${colors.dim(duration)}` : parts.join(", ")];
}

function topicText({ report, durationMs }: EventOf<"topics">, colors: Colors): readonly string[] {
  const applied = report.operations.filter(({ outcome }) => outcome.state === "applied").length;
  const others = report.operations.length - applied;
  const parts = [
    ...(applied > 0 ? [`${count(applied, "topic change")} applied in ${durationText(durationMs)}`] : []),
    ...(others > 0 ? [colors.yellow(`${count(others, "topic change")} not done`)] : []),
  ];
  return [...topicRoundLines(report, colors), ...(parts.length === 0 ? [] : [parts.join(", ")])];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
