// Records of a table in the hands of user code: checked against its columns, and inserted.

import type { Column } from "../infra/table.js";
import { checkRow, type RecordProblem } from "./check-row.js";
import { openDatabase } from "./query-port.js";

const schemaKey = Symbol.for("moose.schema");
type FindColumns = (name: string, database: string | undefined) => readonly Column[] | undefined;
type Holder = { [schemaKey]?: FindColumns };

/** @param find - columns of a table by its name in ClickHouse; undefined where the table is not known */
export function setSchema(find: FindColumns): void {
  (globalThis as Holder)[schemaKey] = find;
}

/** Undefined where nobody knows: no build of the project was found. */
export function columnsOfTable(name: string, database: string | undefined): readonly Column[] | undefined {
  return (globalThis as Holder)[schemaKey]?.(name, database);
}

export type ValidationResult<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly errors: readonly RecordProblem[] };

/** What an insert does about records that do not fit. */
export interface InsertOptions {
  /**
   * `"fail-fast"`: nothing is inserted, and it throws. `"discard"`: they are left out. `"isolate"`: they are left out and
   * given back; where the server refuses a batch, it is tried record by record. Default: `"fail-fast"`.
   */
  readonly strategy?: "fail-fast" | "discard" | "isolate";
  /** So many may be left out; with more it throws. Default: any number. */
  readonly allowErrors?: number;
  /** The same as a part of all, 0 to 1. Default: 1. */
  readonly allowErrorsRatio?: number;
  /** False to have the server alone look at them. Default: true, where the columns are known. */
  readonly validate?: boolean;
}

export interface FailedRecord<T> {
  readonly record: T;
  readonly error: string;
  /** Place in what was given, from 0. */
  readonly index: number;
}

export interface InsertResult<T> {
  readonly successful: number;
  readonly failed: number;
  readonly total: number;
  /** With the strategy `"isolate"` alone. */
  readonly failedRecords?: readonly FailedRecord<T>[];
}

/** The records were not inserted, or too few of them. */
export class InsertError extends Error {
  readonly failedRecords: readonly FailedRecord<unknown>[];
  constructor(message: string, failedRecords: readonly FailedRecord<unknown>[]) {
    super(message);
    this.name = "InsertError";
    this.failedRecords = failedRecords;
  }
}

/** @param table - quoted, as it stands in a query */
export function insertRecords<T extends object>(
  table: string,
  records: readonly T[],
  columns: readonly Column[] | undefined,
  options: InsertOptions,
): Promise<InsertResult<T>> {
  const { strategy = "fail-fast", validate = true } = options;
  const refused = validate && columns !== undefined ? invalid(records, columns) : [];
  const isFatal = refused.length > 0 && strategy === "fail-fast";
  if (isFatal || isOverLimit(refused, records.length, options)) {
    return openDatabase().then(() => {
      throw tooMany(table, refused, records.length);
    });
  }
  const bad = new Set(refused.map(({ index }) => index));
  const good = records.map((record, index) => ({ record, index })).filter(({ index }) => !bad.has(index));
  const result = (failed: readonly FailedRecord<T>[]): InsertResult<T> => ({
    successful: records.length - failed.length,
    failed: failed.length,
    total: records.length,
    ...(strategy === "isolate" && failed.length > 0 && { failedRecords: failed }),
  });
  if (good.length === 0) return openDatabase().then(() => result(refused));
  return openDatabase().then((database) => {
    const rows = good.map(({ record }) => record);
    return database.insert(table, rows).then(
      () => result(refused),
      (error: unknown) => {
        if (strategy !== "isolate") throw error;
        const oneByOne = good.reduce<Promise<readonly FailedRecord<T>[]>>(
          (before, { record, index }) =>
            before.then((failed) =>
              database.insert(table, [record]).then(
                () => failed,
                (reason: unknown) => [...failed, { record, index, error: String(reason) }],
              ),
            ),
          openDatabase().then(() => []),
        );
        return oneByOne.then((failed) => {
          const all = [...refused, ...failed].sort((a, b) => a.index - b.index);
          if (isOverLimit(all, records.length, options)) throw tooMany(table, all, records.length);
          return result(all);
        });
      },
    );
  });
}

function invalid<T>(records: readonly T[], columns: readonly Column[]): readonly FailedRecord<T>[] {
  return records.flatMap((record, index) => {
    const problems = checkRow(columns, record);
    const error = problems
      .map(({ path, expected }) => `${path || "record"}: ${expected} expected`)
      .join("; ");
    return problems.length === 0 ? [] : [{ record, index, error }];
  });
}

function isOverLimit(
  failed: readonly FailedRecord<unknown>[],
  total: number,
  { allowErrors, allowErrorsRatio }: InsertOptions,
): boolean {
  return (
    (allowErrors !== undefined && failed.length > allowErrors) ||
    (allowErrorsRatio !== undefined && failed.length > allowErrorsRatio * total)
  );
}

function tooMany(table: string, failed: readonly FailedRecord<unknown>[], total: number): InsertError {
  const [first] = failed;
  return new InsertError(
    `${failed.length} of ${total} records do not fit ${table}; record ${first?.index ?? 0}: ${first?.error ?? ""}`,
    failed,
  );
}
