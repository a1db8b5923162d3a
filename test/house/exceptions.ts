// Findings that are allowed, each with its reason. Best kept empty.

import type { Finding } from "./source.js";

export interface Exception {
  readonly rule: string;
  /** The file. */
  readonly path: string;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [];

/** The findings that no exception covers, and the exceptions that cover none: those must go. */
export function judge(findings: readonly Finding[], allowed: readonly Exception[]): readonly string[] {
  const covers = (one: Exception, finding: Finding) =>
    one.rule === finding.rule && (finding.place === one.path || finding.place.startsWith(`${one.path}:`));
  const open = findings.filter((finding) => !allowed.some((one) => covers(one, finding)));
  const idle = allowed.filter((one) => !findings.some((finding) => covers(one, finding)));
  return [
    ...open.map(({ rule, place, what }) => `${rule}: ${place} ${what}`),
    ...idle.map(({ rule, path }) => `the exception for ${path} from "${rule}" is not needed any more`),
  ];
}
