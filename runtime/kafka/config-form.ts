// Topic configs in the form in which brokers show them, which is not always the one in which they were given.

import { ConfigTypes } from "@platformatic/kafka";

/** By name of the config, what kind of value it has, as the brokers say. */
export type ConfigKinds = ReadonlyMap<string, number>;

/**
 * The configs as a broker will show them once it has them, so that both can be compared. A value that is none of its
 * kind stays as it is; the broker refuses it.
 *
 * @example
 * shownConfig({ "cleanup.policy": "compact, delete", "retention.ms": " 1000" }, configKinds)
 * // { "cleanup.policy": "compact,delete", "retention.ms": "1000" }
 */
export function shownConfig(
  config: Readonly<Record<string, string>>,
  kinds: ConfigKinds,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, shownValue(value, kinds.get(name))]),
  );
}

function shownValue(value: string, kind: number | undefined): string {
  const text = value.trim();
  switch (kind) {
    case ConfigTypes.BOOLEAN:
      return /^(true|false)$/i.test(text) ? text.toLowerCase() : value;
    case ConfigTypes.SHORT:
    case ConfigTypes.INT:
    case ConfigTypes.LONG:
      return /^[+-]?\d+$/.test(text) ? String(BigInt(text.replace(/^\+/, ""))) : value;
    case ConfigTypes.DOUBLE:
      return doubleText(text) ?? value;
    case ConfigTypes.LIST:
      return text.split(/\s*,\s*/).join(",");
    case ConfigTypes.STRING:
      return text;
    default:
      return value;
  }
}

/** As Java writes it, with at least one digit behind the point; very large and small ones are not met here. */
function doubleText(text: string): string | undefined {
  const number = text === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) return undefined;
  return Number.isInteger(number) ? `${number}.0` : String(number);
}
