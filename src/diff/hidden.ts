// What a server does not tell of a table: it is no difference.

import type { Table } from "../infra/table.js";
import { hidesArguments } from "../sql/engine.js";

/** The server prints this for the value of a setting that is a secret. */
const hidden = "[HIDDEN]";

/** Whether a setting is as the code wants it, as far as can be seen. */
export function isSameSetting(found: string | undefined, wanted: string | undefined): boolean {
  return found === wanted || (found === hidden && wanted !== undefined);
}

/** Whether there is something of the table that cannot be compared. */
export function hidesSomething(found: Table): boolean {
  return hidesArguments(found.engine) || Object.values(found.settings).includes(hidden);
}
