// Views that nobody has changed, but whose tables are: ClickHouse keeps the columns that they had.

import type { ViewChange } from "../diff/view-change.js";
import type { Address } from "../infra/address.js";
import type { View } from "../infra/view.js";
import { mentions } from "../sql/mentions.js";
import { takesAllColumns } from "../sql/table-parts.js";
import { readBy } from "../sql/view-references.js";
import type { OperationOnTable } from "./operation.js";
import type { ViewSides } from "./plan-views.js";
import { inReadingOrder } from "./view-order.js";

export function staleViews(
  operations: readonly OperationOnTable[],
  changes: readonly ViewChange[],
  { before, after }: ViewSides,
): readonly ViewChange[] {
  const changed = new Set(changes.map(({ address }) => address));
  const renewed = new Set<Address>(changed);
  const items = [...after].map(([address, view]) => ({ address, view }));
  return inReadingOrder(items, after).flatMap(({ address, view }): readonly ViewChange[] => {
    const viewBefore = before.get(address);
    // A dictionary has the types that its definition says, whatever becomes of its source.
    if (viewBefore === undefined || changed.has(address) || view.kind === "Dictionary") return [];
    const sources = readBy(view);
    const isTouched =
      [...sources].some((one) => renewed.has(one)) ||
      operations.some((operation) => sources.has(operation.address) && concerns(operation, view));
    if (!isTouched) return [];
    renewed.add(address);
    return [{ kind: "ViewChanged", address, view, viewBefore, aspects: ["columns"] }];
  });
}

/** Whether the operation may give other columns to the query of the view. */
function concerns(operation: OperationOnTable, { select }: View): boolean {
  const takesAll = takesAllColumns(select) || /\.\s*\*/.test(select);
  switch (operation.kind) {
    case "AddTableColumn":
      return takesAll;
    case "DropTableColumn":
      return takesAll || mentions(select, operation.column.name);
    case "RenameTableColumn":
      return takesAll || mentions(select, operation.to.name);
    case "ModifyTableColumn":
      return operation.aspects.includes("type") && (takesAll || mentions(select, operation.to.name));
    case "RecreateTable":
      return true;
    default:
      return false;
  }
}
