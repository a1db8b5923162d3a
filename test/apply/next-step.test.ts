import { expect, test } from "vitest";
import {
  type JournalEntry,
  type LogSays,
  type NextStep,
  nextStep,
  type Observed,
  type Situation,
} from "../../src/apply/next-step.js";

const journals: readonly JournalEntry[] = ["none", "intent", "done", "failed"];
const observations: readonly Observed[] = ["before", "after", "between", "neither", "unobservable"];
const logs: readonly LogSays[] = ["finished", "never-began", "broke-off", "silent"];

const shown = (step: NextStep): string => (step.step === "send" && step.again ? "again" : step.step);

const every: readonly Situation[] = [true, false].flatMap((running) =>
  journals.flatMap((journal) =>
    observations.flatMap((observed) =>
      [true, false].flatMap((repeatable) =>
        logs.map((log) => ({ operation: "RawSql 3", journal, observed, running, repeatable, log })),
      ),
    ),
  ),
);

/** What is to be done when nothing runs: by journal, and within by what is observed, in the order of `observations`. */
const table: Readonly<Record<JournalEntry, readonly [string, string, string, string, string]>> = {
  none: ["send", "done", "continue", "stop", "send"],
  intent: ["again", "done", "continue", "stop", "ask"],
  done: ["done", "done", "done", "done", "done"],
  failed: ["send", "done", "continue", "stop", "send"],
};

/** `ask`: an intent without outcome where nothing can be observed; by what the log says, in the order of `logs`. */
const asked: Readonly<Record<"repeatable" | "once", readonly [string, string, string, string]>> = {
  repeatable: ["done", "again", "again", "again"],
  once: ["done", "again", "stop", "stop"],
};

function expected({ journal, observed, running, repeatable, log }: Situation): string | undefined {
  if (running) return "wait";
  const cell = table[journal][observations.indexOf(observed)];
  return cell === "ask" ? asked[repeatable ? "repeatable" : "once"][logs.indexOf(log)] : cell;
}

test("every situation has the step of the table", () => {
  expect(every).toHaveLength(2 * 4 * 5 * 2 * 4);
  for (const situation of every)
    expect({ ...situation, step: shown(nextStep(situation)) }).toEqual({
      ...situation,
      step: expected(situation),
    });
});

test("what cannot be repeated is never sent again after an intent, unless the log says that it never began", () => {
  for (const situation of every) {
    const { observed, journal, repeatable, log } = situation;
    const risky = observed === "unobservable" && journal === "intent" && !repeatable && log !== "never-began";
    if (risky) expect(nextStep(situation).step).not.toBe("send");
  }
});

test("a stop names the operation, the reason and the way out", () => {
  const lost = {
    operation: "RawSql 3",
    journal: "intent",
    observed: "unobservable",
    running: false,
  } as const;
  expect(nextStep({ ...lost, repeatable: false, log: "silent" })).toMatchInlineSnapshot(`
    {
      "hint": "look at the data, then run moose migrate --mark-applied if it was applied, or moose migrate --mark-not-applied to have it sent again",
      "reason": "RawSql 3: it was sent, its answer was lost, and nothing tells whether it was applied; it is not sent again, for that could apply it twice",
      "step": "stop",
    }
  `);
  expect(nextStep({ ...lost, repeatable: false, log: "broke-off" })).toMatchInlineSnapshot(`
    {
      "hint": "look at the data, then run moose migrate --mark-applied if it was applied, or moose migrate --mark-not-applied to have it sent again",
      "reason": "RawSql 3: it broke off on the server, and may have been applied in part; it is not sent again, for that could apply it twice",
      "step": "stop",
    }
  `);
  expect(nextStep({ ...lost, observed: "neither", repeatable: false, log: "silent" })).toMatchInlineSnapshot(`
    {
      "hint": "look at what moose plan shows, then generate the migration anew from the database as it is",
      "reason": "RawSql 3: the object is neither as it was before nor as it is to be; something else has changed it",
      "step": "stop",
    }
  `);
});
