// Operations on views and dictionaries.

import type { View } from "../infra/view.js";
import type { OperationCommon } from "./operation-common.js";

interface ViewOperationBase extends OperationCommon {
  /** The view as the code wants it; for a removed one, as it is. */
  readonly view: View;
}

export type ViewOperation = ViewOperationBase &
  (
    | { readonly kind: "CreateView" | "CreateDictionary" }
    /** `isReplacing`: another form of it is dropped before. */
    | { readonly kind: "CreateMaterializedView"; readonly isReplacing: boolean }
    | { readonly kind: "DropView" | "DropMaterializedView" | "DropDictionary"; readonly isReplaced: boolean }
    /** Also where only the tables under it have changed, and it is made to see that. */
    | { readonly kind: "ModifyViewQuery"; readonly before: View }
    | { readonly kind: "ModifyViewRefresh"; readonly before: View }
    | { readonly kind: "ReplaceDictionary"; readonly before: View }
  );

export type ViewDrop = Extract<ViewOperation, { readonly isReplaced: boolean }>;

export function isViewDrop(operation: ViewOperation): operation is ViewDrop {
  return (
    operation.kind === "DropView" ||
    operation.kind === "DropMaterializedView" ||
    operation.kind === "DropDictionary"
  );
}

export function isViewCreation({ kind }: ViewOperation): boolean {
  return kind === "CreateView" || kind === "CreateMaterializedView" || kind === "CreateDictionary";
}
