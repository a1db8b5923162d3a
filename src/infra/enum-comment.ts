// What the comment of an enum column tells besides: the names that its members have in the code. ClickHouse keeps only
// the stored texts; the existing tool reads the names out of the comment, so both write it alike.

import type { DataType } from "./datatype.js";

const prefix = "[MOOSE_METADATA:DO_NOT_MODIFY] ";

export interface NamedEnum {
  readonly name: string;
  readonly members: readonly { readonly name: string; readonly value: string | number }[];
}

/** The user's comment, and behind it the members where the column is an enum. */
export function withMembers(comment: string, type: DataType): string {
  const known = enumOf(type);
  if (known === undefined) return comment;
  const metadata = `${prefix}${JSON.stringify({ version: 1, enum: known })}`;
  return comment === "" ? metadata : `${comment} ${metadata}`;
}

export function hasMembers(comment: string): boolean {
  return comment.includes(prefix);
}

/** The user's comment alone. */
export function withoutMembers(comment: string): string {
  const at = comment.indexOf(prefix);
  return at < 0 ? comment : comment.slice(0, at).trimEnd();
}

/** The enum that a comment tells of; undefined where it tells of none, or not as it should. */
export function membersIn(comment: string): NamedEnum | undefined {
  const at = comment.indexOf(prefix);
  if (at < 0) return undefined;
  try {
    const { enum: known }: { enum?: Partial<NamedEnum> } = JSON.parse(comment.slice(at + prefix.length));
    const isWhole = typeof known?.name === "string" && Array.isArray(known.members);
    return isWhole ? (known as NamedEnum) : undefined;
  } catch {
    return undefined;
  }
}

function enumOf(type: DataType): NamedEnum | undefined {
  const inner = type.kind === "nullable" ? type.inner : type;
  if (inner.kind !== "enum" || inner.name === undefined) return undefined;
  const members = inner.members.map(({ name, value, key }) =>
    key === undefined ? { name, value } : { name: key, value: name },
  );
  return { name: inner.name, members };
}
