// Operations on views.

import type { View } from "../infra/view.js";
import type { OperationCommon } from "./operation-common.js";

interface ViewOperationBase extends OperationCommon {
  /** The view as the code wants it; for a removed one, as it is. */
  readonly view: View;
}

export type ViewOperation = ViewOperationBase &
  (
    | { readonly kind: "CreateView" }
    /** `isReplacing`: another form of it is dropped before. */
    | { readonly kind: "CreateMaterializedView"; readonly isReplacing: boolean }
    | { readonly kind: "DropView" | "DropMaterializedView"; readonly isReplaced: boolean }
    /** Also where only the tables under it have changed, and it is made to see that. */
    | { readonly kind: "ModifyViewQuery"; readonly before: View }
    | { readonly kind: "ModifyViewRefresh"; readonly before: View }
  );
