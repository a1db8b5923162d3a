// The address of a resource: the one text that names it in maps, plans, journals and messages.

/** `database.name`; a part that is not a plain word stands in backticks, so that no two resources share an address. */
export type Address = string;

const plainWord = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The address of a table or view.
 *
 * @example
 * tableAddress("analytics", "events") // "analytics.events"
 * tableAddress("analytics", "a.b")    // "analytics.`a.b`"
 */
export function tableAddress(database: string, name: string): Address {
  return `${addressPart(database)}.${addressPart(name)}`;
}

export function addressOf(table: { readonly database: string; readonly name: string }): Address {
  return tableAddress(table.database, table.name);
}

function addressPart(part: string): string {
  return plainWord.test(part) ? part : `\`${part.replace(/[\\`]/g, "\\$&")}\``;
}
