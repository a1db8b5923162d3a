// The columns that a row type stands for, as read from the TypeScript source.

import type { SourcePlace } from "../diagnostic.js";
import type { DataType } from "../infra/datatype.js";
import type { ColumnDefault } from "../infra/table.js";

/** One field of the row type. */
export interface RowField {
  readonly name: string;
  readonly type: DataType;
  /** Declared with `Key<>`. */
  readonly key: boolean;
  /** Declared with `JWT<>`: filled from the caller's token. */
  readonly jwt?: true;
  readonly default: ColumnDefault | undefined;
  /** The field's doc comment, empty where there is none. */
  readonly comment: string;
  /** What stands inside `CODEC(..)`, empty for none. */
  readonly codec: string;
  readonly ttl: string;
  /** Declared with `Renamed<>`: the name of the column before. */
  readonly renamedFrom?: string | undefined;
  readonly place: SourcePlace;
}

/** The row type of one declaration. */
export interface RowSchema {
  readonly fields: readonly RowField[];
  /** The `new` expression. */
  readonly place: SourcePlace;
}
