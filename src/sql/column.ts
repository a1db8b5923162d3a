// The text of one column inside CREATE TABLE and ALTER TABLE.

import type { Column } from "../infra/table.js";
import { quoteIdentifier, quoteString } from "./quote.js";

/** `` `age` UInt8 DEFAULT 1 COMMENT 'years' CODEC(ZSTD(1)) TTL at + toIntervalDay(1) `` */
export function columnDefinition(column: Column): string {
  const parts = [quoteIdentifier(column.name), column.type];
  if (column.default !== undefined) parts.push(`${column.default.kind} ${column.default.expression}`);
  if (column.comment !== "") parts.push(`COMMENT ${quoteString(column.comment)}`);
  if (column.codec !== "") parts.push(`CODEC(${column.codec})`);
  if (column.ttl !== "") parts.push(`TTL ${column.ttl}`);
  return parts.join(" ");
}
