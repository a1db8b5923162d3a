// Yes-or-no questions on a terminal.

import { createInterface } from "node:readline/promises";

/** True for `y` and `yes`; anything else is no. */
export async function askYes(question: string, signal: AbortSignal): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
