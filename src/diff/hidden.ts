// What a server does not tell of a table, or tells in other words: it is no difference.

import type { Table } from "../infra/table.js";
import { hidesArguments, inWordsOfEngine } from "../sql/engine.js";

/** The server prints this for the value of a setting that is a secret. */
const hidden = "[HIDDEN]";

/** `found` with what the server hides as `wanted` has it, so that only what can be seen is compared. */
export function withHidden(found: Table, wanted: Table): Table {
  const engine = inWordsOfEngine(found.engine, wanted.engine);
  const secrets = Object.keys(found.settings).filter(
    (name) => found.settings[name] === hidden && wanted.settings[name] !== undefined,
  );
  if (engine === found.engine && secrets.length === 0 && found.cluster === wanted.cluster) return found;
  const known = Object.fromEntries(secrets.map((name) => [name, wanted.settings[name] ?? hidden]));
  return { ...found, engine, settings: { ...found.settings, ...known }, cluster: wanted.cluster };
}

/** Whether there is something of the table that cannot be compared. */
export function hidesSomething(found: Table): boolean {
  return hidesArguments(found.engine) || Object.values(found.settings).includes(hidden);
}
