// Runs the statements of a SQL resource, each written down before it is sent: only that tells later what was done.

import type { SqlResource } from "../../src/infra/sql-resource.js";
import type { SqlResourceOperation } from "../../src/plan/sql-resource-operation.js";
import { natureOf } from "../../src/sql/statement-nature.js";
import type { Outcome } from "../../src/status/report.js";
import { errorCode, errorText } from "./client.js";
import { type SendStep, StepRefused, StepUnknown } from "./send-step.js";
import { sqlResourceRecord } from "./sql-resource-records.js";
import type { State } from "./state.js";

interface Context {
  readonly state: State;
  readonly send: SendStep;
}

export async function executeOnSqlResource(
  { state, send }: Context,
  operation: SqlResourceOperation,
  startMs: number,
): Promise<Outcome> {
  const { resource, steps } = operation;
  const doing = operation.kind === "SetUpSqlResource" ? "setup" : "teardown";
  const at = (done: number, isNextBegun: boolean): SqlResource => ({
    ...resource,
    unfinished: { doing, done, isNextBegun },
  });
  for (const [index, step] of steps.entries()) {
    const done = operation.done + index;
    await state.put([sqlResourceRecord(at(done, true))]);
    try {
      await send(operation, index, { ...step, mayBeDone: false });
    } catch (error) {
      // What is dropped already is as it is to be, whoever did it; what exists already may be something else.
      const isAgain = doing === "teardown" || (operation.isBegun && index === 0);
      if (isAgain && saysAlready(step.sql, error)) continue;
      if (error instanceof StepUnknown) return { state: "unknown", reason: error.message };
      if (errorCode(error) === undefined && !(error instanceof StepRefused)) throw error;
      const isUntouched = doing === "setup" && done === 0;
      await state.put([sqlResourceRecord(at(done, false), !isUntouched)]);
      return { state: "failed", reason: errorText(error), repaired: false };
    }
  }
  await state.put([sqlResourceRecord({ ...resource, unfinished: undefined }, doing === "setup")]);
  return { state: "applied", durationMs: performance.now() - startMs };
}

function saysAlready(sql: string, error: unknown): boolean {
  const code = error instanceof StepRefused ? error.code : errorCode(error);
  return natureOf(sql).already.some(
    (signal) => signal.code === code && (signal.text?.test(errorText(error)) ?? true),
  );
}
