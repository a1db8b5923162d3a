// What can be wrong with declared renames of fields and tables.

import type { Diagnostic } from "../diagnostic.js";
import { tableAddress } from "../infra/address.js";
import type { Table } from "../infra/table.js";
import type { RowSchema } from "./row-schema.js";

/** A field that takes over the column of another one that is there too, or that two fields take over. */
export function fieldRenameProblems(table: string, { fields }: RowSchema): readonly Diagnostic[] {
  const takers = new Map<string, string>();
  return fields.flatMap(({ name, renamedFrom: from, place }): readonly Diagnostic[] => {
    if (from === undefined) return [];
    const other = takers.get(from);
    takers.set(from, name);
    const isDeclared = fields.some((field) => field.name === from);
    if (!isDeclared && other === undefined) return [];
    const hint = "take the marker out, or the other field";
    const says = isDeclared
      ? `is Renamed from "${from}", which is still a field`
      : `and "${other}" are both Renamed from "${from}"`;
    const summary = `field "${name}" of table ${table} ${says}`;
    return [{ code: "declare/ambiguous-rename", severity: "error", summary, place, hint }];
  });
}

/** The same for tables. */
export function tableRenameProblems(tables: readonly Table[]): readonly Diagnostic[] {
  const declared = new Set(tables.map(({ database, name }) => tableAddress(database, name)));
  const takers = new Map<string, string>();
  return tables.flatMap(({ database, name, renamedFrom: from, place }): readonly Diagnostic[] => {
    if (from === undefined) return [];
    const address = tableAddress(database, from);
    const other = takers.get(address);
    takers.set(address, name);
    if (!declared.has(address) && other === undefined) return [];
    const says = declared.has(address)
      ? `has renamedFrom: "${from}", which is still declared`
      : `and table ${other} both have renamedFrom: "${from}"`;
    const hint = "take renamedFrom out, or the other table";
    return [
      { code: "declare/ambiguous-rename", severity: "error", summary: `table ${name} ${says}`, place, hint },
    ];
  });
}
