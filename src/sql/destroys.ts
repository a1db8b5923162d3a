// Whether a statement of the user's own loses rows, or can: read off its words, and assumed where they say nothing.

import { bareText } from "./bare-text.js";

/** What can be made again as it was. Rows of a view that keeps them itself are another matter. */
const dropsNoRows =
  /^DROP (FUNCTION|USER|ROLE|ROW POLICY|POLICY|QUOTA|SETTINGS PROFILE|PROFILE|NAMED COLLECTION|DICTIONARY|WORKLOAD|RESOURCE|VIEW)\b/;
const losesInAlter =
  /\b(DROP (COLUMN|PART|PARTITION|DETACHED)|CLEAR|DELETE|UPDATE|REPLACE PARTITION|MOVE PARTITION|DETACH|MODIFY COLUMN|MODIFY TTL)\b/;
const harmless =
  /^(CREATE|INSERT|ALTER|GRANT|REVOKE|SET|USE|SELECT|WITH|SHOW|DESC|DESCRIBE|EXPLAIN|SYSTEM|RENAME|EXCHANGE|ATTACH|UNDROP|OPTIMIZE)\b/;

export function destroys(sql: string): boolean {
  const text = bareText(sql).toUpperCase();
  if (/^DROP\b/.test(text)) return !dropsNoRows.test(text);
  if (/^CREATE OR REPLACE (TEMPORARY )?TABLE\b/.test(text)) return true;
  if (/^ALTER TABLE\b/.test(text)) return losesInAlter.test(text);
  return !harmless.test(text);
}

/** Whether it makes a materialized view that keeps its rows itself: they go with it. */
export function makesOwnStorage(sql: string): boolean {
  const text = bareText(sql).toUpperCase();
  const head = text.split(/ AS (?=SELECT\b|WITH\b|\()/)[0] ?? "";
  return /^(CREATE|CREATE OR REPLACE|ATTACH) MATERIALIZED VIEW\b/.test(head) && !/ TO [^\s]/.test(head);
}

export function dropsView(sql: string): boolean {
  return /^DROP (VIEW|TABLE)\b/.test(bareText(sql).toUpperCase());
}
