// What moose migrate tells while it runs: progress on a terminal, one line an operation otherwise.

import type { Colors } from "picocolors/types.js";
import yoctoSpinner from "yocto-spinner";
import type { OperationResult } from "../../src/status/migration-report.js";
import type { MigrateEvent } from "../reconcile/migrate-options.js";
import type { MigrateResult } from "../reconcile/migrate-result.js";
import { durationText } from "./human-view.js";
import type { OneShot } from "./one-shot.js";

export interface MigrateView {
  onEvent(event: MigrateEvent): void;
  /** Takes the progress away, and prints what is still to be printed. */
  end(): void;
}

/** Lines of operations go out together where many end at once: each write to a pipe wakes its reader. */
const gatherMs = 50;

/** @param count - of the operations of the migration */
export function migrateView({ say, colors, isInteractive, log }: OneShot, count: number): MigrateView {
  const spinner = isInteractive ? yoctoSpinner({ stream: process.stdout }) : undefined;
  let gathered: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    spinner?.stop();
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length > 0) say(gathered.join("\n"));
    gathered = [];
  };
  const print = (line: string): void => {
    end();
    say(line);
  };
  const gather = (line: string): void => {
    gathered.push(line);
    if (spinner !== undefined) end();
    else timer ??= setTimeout(end, gatherMs);
  };
  return {
    end,
    onEvent(event) {
      switch (event.event) {
        case "lock-waiting": {
          const { owner } = event.holder;
          return print(
            colors.yellow(
              `waiting for ${owner.command} on ${owner.host} (process ${owner.pid}), which has the lock`,
            ),
          );
        }
        case "lock-taken":
          return;
        case "started":
          log.info({ operations: event.operations, resumed: event.resumed }, "migration started");
          return event.resumed ? print("going on with a migration that was begun before") : undefined;
        case "step": {
          const { step, moment } = event.step;
          if (moment === "sending")
            spinner?.start(`${step.operation + 1}/${count} ${step.kind} ${step.address}`);
          if (moment === "waiting")
            print(colors.yellow(`${step.kind} ${step.address}: ${event.step.wait.reason}`));
          return;
        }
        case "progress":
          if (spinner !== undefined)
            spinner.text = `${event.index + 1}/${count} ${event.partsToDo} parts to rewrite`;
          return;
        case "operation":
          log.info(event.result, "operation ended");
          return gather(operationLine(event.result, count, colors));
        case "repaired":
          for (const { table, command, gone } of event.mutations)
            print(`${gone ? "cleared" : "could not clear"} ${table.database}.${table.name}: ${command}`);
      }
    },
  };
}

function operationLine(result: OperationResult, count: number, colors: Colors): string {
  const number = colors.dim(`${String(result.index + 1).padStart(String(count).length)}/${count}`);
  const text = `${number} ${result.kind} ${result.subject}`;
  const time = colors.dim(durationText(result.durationMs));
  return result.state === "applied" ? `${text}  ${time}` : colors.red(`${text}  ${result.state}`);
}

export function resultLines(result: MigrateResult, colors: Colors): readonly string[] {
  switch (result.state) {
    case "applied": {
      const before = result.operations.filter(({ state }) => state === "done-before").length;
      const more = before === 0 ? "" : colors.dim(`, ${before} of them by an earlier run`);
      return [colors.green(`${operationCount(result.operations.length)} applied`) + more];
    }
    case "already-applied":
      return ["already applied: the database is as the migration leaves it"];
    case "refused":
      return [colors.red("nothing was changed")];
    case "unfinished": {
      const done = result.operations.filter(
        ({ state }) => state === "applied" || state === "done-before",
      ).length;
      return [colors.red(`unfinished: ${operationCount(done)} applied`)];
    }
  }
}

export function operationCount(n: number): string {
  return `${n} ${n === 1 ? "operation" : "operations"}`;
}
