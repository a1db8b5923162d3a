// Sizes as text for people.

import type { TableSize } from "../plan/evidence.js";

/** Rows and bytes as text: `120 rows, 4.1 KiB`. */
export function describeSize(size: TableSize): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = size.bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const bytes = unit === 0 ? String(value) : value.toFixed(1);
  return `${size.rows.toLocaleString("en-GB")} ${size.rows === 1 ? "row" : "rows"}, ${bytes} ${units[unit]}`;
}
