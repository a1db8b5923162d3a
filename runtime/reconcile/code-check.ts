// Whether the code is still what a migration was generated from.

import type { Diagnostic } from "../../src/diagnostic.js";
import { sameTable } from "../../src/format/same.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { changeText } from "../../src/status/change-text.js";
import type { ClickHouse } from "../clickhouse/client.js";
import { Normaliser } from "../clickhouse/normalise.js";
import { Comparison } from "./comparison.js";

/**
 * One diagnostic for each table that differs between the code and `local_infra_map.json`. Texts that differ are compared
 * again in the server's form.
 */
export async function codeDifferences(
  clickhouse: ClickHouse,
  generatedFrom: InfraMap,
  code: InfraMap,
): Promise<readonly Diagnostic[]> {
  const differing = [...new Set([...generatedFrom.tables.keys(), ...code.tables.keys()])].filter(
    (address) => {
      const [then, now] = [generatedFrom.tables.get(address), code.tables.get(address)];
      if (then === undefined || now === undefined) return true;
      return !sameTable(then, now) || then.lifeCycle !== now.lifeCycle;
    },
  );
  if (differing.length === 0) return [];
  const part = (map: InfraMap): InfraMap => ({
    tables: new Map(
      [...map.tables]
        .filter(([address]) => differing.includes(address))
        .map(([address, table]) => [address, { ...table, renamedFrom: undefined }]),
    ),
  });
  const comparison = new Comparison(new Normaliser(clickhouse, undefined));
  const [then, now] = [part(generatedFrom), part(code)];
  const before = (await comparison.inServersForm(then, then)).map;
  const after = (await comparison.inServersForm(before, now)).map;
  return differing.flatMap((address) => {
    const [a, b] = [before.tables.get(address), after.tables.get(address)];
    const texts = comparison
      .diff({ tables: new Map(a && [[address, a]]) }, { tables: new Map(b && [[address, b]]) })
      .map(changeText);
    if (a !== undefined && b !== undefined && a.lifeCycle !== b.lifeCycle)
      texts.push(`~ lifecycle: ${a.lifeCycle} -> ${b.lifeCycle}`);
    return texts.length === 0 ? [] : [differs(address, texts, code.tables.get(address)?.place)];
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
