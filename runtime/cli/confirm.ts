// What has to be confirmed before a migration is written: renames that nobody declared, and operations that destroy data.

import type { GuessedRename } from "../../src/plan/guess-renames.js";
import type { JudgedTopicOperation } from "../../src/policy/judge-topics.js";
import type { JudgedOperation } from "../../src/policy/verdict.js";
import { askYes } from "./ask.js";
import type { OneShot } from "./one-shot.js";
import { operationName, renameText } from "./plan-view.js";
import type { RemoteFlags } from "./remote.js";
import { topicOperationName } from "./topic-view.js";

export interface GenerateFlags extends RemoteFlags {
  readonly save?: boolean;
  readonly adopt?: readonly string[];
  readonly name: string;
  readonly yesAll?: boolean;
  readonly yesRename?: boolean;
  readonly yesDestructive?: boolean;
}

/** Operations that no file makes happen. */
export function leftOutLines(blocked: readonly JudgedOperation[]): readonly string[] {
  return blocked.flatMap(({ operation, verdict }) =>
    verdict.decision === "blocked"
      ? [`left out: ${operationName(operation)}: ${verdict.reason}`, `    to go on: ${verdict.unblock}`]
      : [],
  );
}

/** The same of topics. */
export function leftOutTopicLines(blocked: readonly JudgedTopicOperation[]): readonly string[] {
  return blocked.flatMap((judged) =>
    judged.verdict.decision === "blocked"
      ? [
          `left out: ${topicOperationName(judged)}: ${judged.verdict.reason}`,
          `    to go on: ${judged.verdict.unblock}`,
        ]
      : [],
  );
}

/** The renames to be done as such; undefined when nobody said whether they are any. */
export async function acceptedRenames(
  shot: OneShot,
  flags: GenerateFlags,
  renames: readonly GuessedRename[],
): Promise<readonly GuessedRename[] | undefined> {
  if (renames.length === 0) return [];
  if (isAccepted(flags.yesRename, flags, "RENAME")) return renames;
  if (shot.isInteractive) {
    const accepted = [];
    for (const rename of renames)
      if (await askYes(`${renameText(rename)}. Rename it, and keep its values?`, shot.stop))
        accepted.push(rename);
    return accepted;
  }
  shot.problems(
    renames.map((rename) => ({
      code: "cli/unconfirmed-rename",
      severity: "error",
      summary: renameText(rename),
      hint: `take it for renamed with --yes-rename, or say so in the row type: ${rename.to}: Renamed<.., "${rename.from}">; if it is not, remove ${rename.from} and add ${rename.to} in two migrations`,
    })),
  );
  return undefined;
}

/**
 * Whether what destroys data may be written.
 *
 * @param texts - each operation in a sentence
 */
export async function isDestructionAccepted(
  shot: OneShot,
  flags: GenerateFlags,
  texts: readonly string[],
): Promise<boolean> {
  if (texts.length === 0 || isAccepted(flags.yesDestructive, flags, "DESTRUCTIVE")) return true;
  if (shot.isInteractive) {
    const isYes = await askYes(`This destroys data, or can: ${texts.join(", ")}. Write it?`, shot.stop);
    if (!isYes) shot.say("no file was written");
    return isYes;
  }
  shot.problems(
    texts.map((text) => ({
      code: "cli/unconfirmed-destruction",
      severity: "error",
      summary: `${text} destroys data, or can`,
      hint: "write it all the same with --yes-destructive, or take the change back",
    })),
  );
  return false;
}

function isAccepted(
  flag: boolean | undefined,
  flags: GenerateFlags,
  what: "RENAME" | "DESTRUCTIVE",
): boolean {
  const isSet = (name: string) => ["1", "true"].includes(process.env[`MOOSE_ACCEPT_${name}`] ?? "");
  return flag === true || flags.yesAll === true || isSet(what) || isSet("ALL");
}
