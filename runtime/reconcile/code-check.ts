// Whether the code is still what a migration was generated from.

import type { Diagnostic } from "../../src/diagnostic.js";
import { diffSqlResources, type SqlResourceChange } from "../../src/diff/diff-sql-resources.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { topicAddress } from "../../src/infra/topic.js";
import { changeText } from "../../src/status/change-text.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { differences } from "./topics/topic-history.js";
import { changesInServersForm } from "./two-maps.js";
import { viewsBetween } from "./view-drift.js";

/** One diagnostic for each table that differs between the code and `local_infra_map.json`. */
export async function codeDifferences(
  clickhouse: ClickHouse,
  project: string,
  generatedFrom: InfraMap,
  code: InfraMap,
): Promise<readonly Diagnostic[]> {
  const changes = await changesInServersForm(clickhouse, project, generatedFrom, code);
  const addresses = [...new Set([...generatedFrom.tables.keys(), ...code.tables.keys()])].sort();
  const views = await viewsBetween(clickhouse, generatedFrom, code, (address, text, view) =>
    differs(address, [text], view?.place),
  );
  const ofTables = addresses.flatMap((address) => {
    const [then, now] = [generatedFrom.tables.get(address), code.tables.get(address)];
    if (then === undefined || now === undefined) {
      const texts = [now === undefined ? "the code declares it no more" : "the code did not declare it then"];
      return changes.some((change) => change.address === address)
        ? [differs(address, texts, now?.place)]
        : [];
    }
    const texts = changes.filter((change) => change.address === address).map(changeText);
    if (then.lifeCycle !== now.lifeCycle) texts.push(`~ lifeCycle: ${then.lifeCycle} -> ${now.lifeCycle}`);
    return texts.length === 0 ? [] : [differs(address, texts, now.place)];
  });
  const ofStatements = diffSqlResources(generatedFrom, code).map(({ kind, address, resource }) =>
    differs(address, [sqlResourceDifference(kind)], resource.place),
  );
  return [...ofTables, ...views, ...ofStatements, ...topicDifferences(generatedFrom, code)];
}

function sqlResourceDifference(kind: SqlResourceChange["kind"]): string {
  if (kind === "SqlResourceAdded") return "the code did not declare it then";
  return kind === "SqlResourceRemoved" ? "the code declares it no more" : "~ setup";
}

/** Files that were written where no Kafka could be asked say nothing of topics. */
export function topicDifferences(
  { topics: then }: InfraMap,
  { topics: now }: InfraMap,
): readonly Diagnostic[] {
  if (then.size === 0) return [];
  return [...new Set([...then.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [before, after] = [then.get(name), now.get(name)];
    const texts =
      before === undefined || after === undefined
        ? [after === undefined ? "the code declares it no more" : "the code did not declare it then"]
        : [
            ...differences(before, after, "all"),
            ...(before.lifeCycle === after.lifeCycle
              ? []
              : [`~ lifeCycle: ${before.lifeCycle} -> ${after.lifeCycle}`]),
          ];
    return texts.length === 0 ? [] : [differs(topicAddress(name), texts, after?.place)];
  });
}

function differs(address: string, texts: readonly string[], place: Diagnostic["place"]): Diagnostic {
  return {
    code: "reconcile/code-changed",
    severity: "error",
    summary: `the code of ${address} is no longer what the migration was generated from`,
    detail: texts.join("\n"),
    place,
    hint: "generate the migration anew, so that it does what the code says",
  };
}
