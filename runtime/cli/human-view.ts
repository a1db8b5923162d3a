// The view for people: plain lines; colours and a spinner only on a terminal.

import picocolors from "picocolors";
import yoctoSpinner from "yocto-spinner";
import { type Diagnostic, formatPlace } from "../../src/diagnostic.js";
import type { Operation } from "../../src/plan/operation.js";
import { roundLines } from "./human-round.js";
import type { ReadyInfo, RoundInfo, View } from "./view.js";

type Colors = ReturnType<typeof picocolors.createColors>;

/** A diagnostic as lines: `error` and the sentence, the place, the detail, and what to do. */
export function diagnosticLines(diagnostic: Diagnostic, colors: Colors): readonly string[] {
  const label = diagnostic.severity === "error" ? colors.red("error") : colors.yellow("warning");
  const place = diagnostic.place === undefined ? "" : `${colors.cyan(formatPlace(diagnostic.place))}: `;
  return [
    `${label}: ${place}${diagnostic.summary}`,
    ...(diagnostic.detail?.split("\n").map((line) => `    ${colors.dim(line)}`) ?? []),
    ...(diagnostic.hint === undefined ? [] : [`    ${diagnostic.hint}`]),
  ];
}

/** Milliseconds as a person says them. */
export function durationText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

export function humanView(stream: NodeJS.WriteStream): View {
  const onTerminal = stream.isTTY === true;
  const colors = picocolors.createColors(onTerminal && picocolors.isColorSupported);
  const spinner = onTerminal ? yoctoSpinner({ stream }) : undefined;
  const print = (lines: readonly string[]): void => {
    spinner?.stop();
    for (const line of lines) stream.write(`${line}\n`);
  };
  return {
    starting(folder) {
      print([`moose dev  ${colors.dim(folder)}`]);
      spinner?.start("starting");
    },
    ready: (info) => print(readyLines(info, colors)),
    round: (info) => print(roundText(info, colors)),
    problems(diagnostics, kept) {
      print(diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic, colors)));
      if (kept) print([colors.dim("nothing was changed; waiting for the next save")]);
    },
    progress(operation, partsToDo) {
      spinner?.start(progressText(operation, partsToDo));
    },
    output: (line) => print([colors.dim(`| ${line}`)]),
    notice: (text) => print([colors.yellow(text)]),
    stopped: () => print(["stopped"]),
  };
}

function progressText(operation: Operation, partsToDo: number | undefined): string {
  const left = partsToDo === undefined ? "" : `, ${partsToDo} parts to rewrite`;
  return `${operation.kind} ${operation.address}${left}`;
}

function readyLines(info: ReadyInfo, colors: Colors): readonly string[] {
  const kind = info.embedded ? "embedded ClickHouse" : "ClickHouse";
  return [
    `${kind} ${info.version} at ${colors.cyan(info.url)}  ${colors.dim(`database ${info.database}`)}`,
    `watching ${info.folder}  ${colors.dim(`${count(info.tables, "table")}, ready in ${durationText(info.startMs)}`)}`,
  ];
}

function roundText(info: RoundInfo, colors: Colors): readonly string[] {
  const lines = roundLines(info.report, colors);
  const applied = info.report.operations.filter(({ outcome }) => outcome.state === "applied").length;
  const others = info.report.operations.length - applied;
  const notDone = others === 0 ? "" : `, ${count(others, "change")} not done`;
  const summary =
    info.report.operations.length === 0
      ? `no change  ${colors.dim(durationText(info.durationMs))}`
      : `${count(applied, "change")} applied in ${durationText(info.durationMs)}${notDone}`;
  return [...lines, summary];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
