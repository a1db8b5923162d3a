// An operation on a view as lines for people.

import { targetAddress } from "../infra/view.js";
import type { ViewOperation } from "../plan/view-operation.js";
import { noun } from "./view-change-text.js";

/** The sign tells what is done: `+` makes, `-` drops, `~` changes. */
export interface SignedText {
  readonly sign: "+" | "-" | "~";
  readonly text: string;
}

export function viewOperationText(operation: ViewOperation): readonly SignedText[] {
  const { view, address } = operation;
  const target = targetAddress(view);
  const to = target === undefined ? "" : `, writes to ${target}`;
  switch (operation.kind) {
    case "CreateView":
    case "CreateDictionary":
    case "CreateMaterializedView": {
      const refresh = view.refresh === "" ? "" : `, REFRESH ${view.refresh}`;
      return [
        { sign: "+", text: `${address}  ${noun(view)}${refresh}${to}` },
        { sign: "+", text: `    ${view.select}` },
      ];
    }
    case "DropView":
    case "DropDictionary":
    case "DropMaterializedView":
      return [{ sign: "-", text: `${address}  ${noun(view)}: ${operation.reason}` }];
    case "ModifyViewQuery":
    case "ReplaceDictionary":
      return [
        { sign: "~", text: `${address}  ${noun(view)}: ${operation.reason}` },
        ...(operation.before.select === view.select
          ? []
          : [
              { sign: "-", text: `    ${operation.before.select}` } as const,
              { sign: "+", text: `    ${view.select}` } as const,
            ]),
      ];
    case "ModifyViewRefresh":
      return [{ sign: "~", text: `${address}  refresh: ${operation.before.refresh} -> ${view.refresh}` }];
  }
}
