// What stands beside an operation for people: its verdict, and whether their word would let it go on.

import type { Verdict } from "../policy/verdict.js";
import type { Decision } from "./server-status.js";

interface Judged {
  readonly verdict: Verdict;
}

/** What is refused for another reason is not let go on by anybody's word. */
export function isApprovable({ verdict }: Judged): boolean {
  return (
    verdict.decision === "blocked" && ["needs-approval", "rejected", "superseded"].includes(verdict.code)
  );
}

export function decisionOf(judged: Judged): Decision {
  const { verdict } = judged;
  return isApprovable(judged) && verdict.decision === "blocked"
    ? { decision: "needs-approval", reason: verdict.reason }
    : verdict;
}
