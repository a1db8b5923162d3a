// Puts a desired map into the server's form with as little asking as the comparison allows.

import { hasErrors } from "../../src/diagnostic.js";
import type { Change } from "../../src/diff/change.js";
import { diff } from "../../src/diff/diff.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import type { Normalised, Normaliser } from "../clickhouse/normalise.js";

/**
 * The desired map as the server prints it: formatted in one query, and where a table still seems to differ in
 * something that the server may just print otherwise, made empty and read back.
 */
export async function inServersForm(
  normaliser: Normaliser,
  actual: InfraMap,
  desired: InfraMap,
): Promise<Normalised> {
  const formatted = await normaliser.format(desired);
  if (hasErrors(formatted.diagnostics)) return formatted;
  const unsure = new Set(
    diff(actual, formatted.map)
      .filter(mayBeSpelling)
      .map((change) => change.address),
  );
  if (unsure.size === 0) return formatted;
  const settled = await normaliser.settle(formatted.map, unsure);
  return { map: settled.map, diagnostics: [...formatted.diagnostics, ...settled.diagnostics] };
}

/** Whether a difference could be one of spelling only. What exists on one side alone, and comments, cannot. */
function mayBeSpelling(change: Change): boolean {
  switch (change.kind) {
    case "TableAdded":
    case "TableRemoved":
    case "ColumnAdded":
    case "ColumnRemoved":
    case "CommentChanged":
      return false;
    case "ColumnChanged":
      return change.aspects.some((aspect) => aspect !== "comment");
    case "LayoutChanged":
    case "TtlChanged":
    case "SampleByChanged":
    case "SettingsChanged":
      return true;
  }
}
