// What a failed statement means: was it applied, was it not, or is nobody able to say without looking.

import type { StatementNature } from "../sql/statement-nature.js";

/** How a statement failed, as far as the client can tell. */
export type Failure =
  /** ClickHouse's own error. Status 200 means that it came inside an answer that had already begun. */
  | { readonly kind: "server"; readonly code: number; readonly httpStatus: number; readonly text: string }
  /** Refused, or no such host: no connection was made, so nothing was sent. */
  | { readonly kind: "connect"; readonly text: string }
  /** Reset, timed out, or answered by half: the server may have it. */
  | { readonly kind: "lost"; readonly text: string }
  /** An answer of something between us and ClickHouse. */
  | { readonly kind: "http"; readonly status: number; readonly text: string };

export type FailureClass =
  /** Nothing was applied, and the cause may pass: send it again after a while. */
  | "not-applied"
  /** Look before anything else is decided. */
  | "unknown"
  /** The server says that it is so already: look, and count it as done if it is. */
  | "already"
  /** The state database has moved on: another owner has the lock. */
  | "fence-lost"
  /** Nothing was applied, and sending it again is no use: the statement or the rights have to change. */
  | "fatal";

export function classify(failure: Failure, nature: StatementNature): FailureClass {
  switch (failure.kind) {
    case "connect":
      return "not-applied";
    case "lost":
      return "unknown";
    case "http":
      return classOfStatus(failure.status);
    case "server":
      return classOfError(failure, nature);
  }
}

/**
 * Only 429 is a promise that nothing was forwarded. A 502 or 504 is also what a proxy says that has forwarded the
 * request and lost the answer, or waited too long for it; and so is a 503 of Envoy ("upstream connect error or
 * disconnect/reset before headers"). Looking costs one query, sending twice may cost data: so these are unknown.
 * 408, 425 and 499 speak of a request that was cut off on the way, 500 and the rest of anything. What else begins with
 * 3 or 4 turns the request itself away: wrong address, wrong password at the gate, too large.
 */
function classOfStatus(status: number): FailureClass {
  if (status === 429) return "not-applied";
  if (status === 408 || status === 425 || status === 499) return "unknown";
  return status >= 300 && status < 500 ? "fatal" : "unknown";
}

function classOfError(failure: Failure & { kind: "server" }, nature: StatementNature): FailureClass {
  const { code, text } = failure;
  if (code === unknownDatabase && stateDatabaseGone.test(text)) return "fence-lost";
  if (failure.httpStatus === 200) return "unknown";
  if (nature.already.some((signal) => signal.code === code && (signal.text?.test(text) ?? true)))
    return "already";
  const known = classOfCode.get(code) ?? "unknown";
  // Where rows are written, only what is found before the first of them says that there are none.
  return nature.writesRows && known !== "unknown" && !foundBeforeRows.has(code) ? "unknown" : known;
}

const unknownDatabase = 81;
/** `Database _moose_shop_e3 does not exist`, with or without quotes around the name. */
const stateDatabaseGone = /Database [`'"]?_moose_\w+_e\d+[`'"]? (does not|doesn't) exist/;

/** Errors that pass by themselves, raised before anything is applied. */
const passing: Readonly<Record<number, string>> = {
  198: "DNS_ERROR",
  202: "TOO_MANY_SIMULTANEOUS_QUERIES",
  203: "NO_FREE_CONNECTION",
  225: "NO_ZOOKEEPER",
  241: "MEMORY_LIMIT_EXCEEDED",
  242: "TABLE_IS_READ_ONLY",
  252: "TOO_MANY_PARTS",
  254: "NO_ACTIVE_REPLICAS",
  265: "NO_AVAILABLE_REPLICA",
  279: "ALL_CONNECTION_TRIES_FAILED",
  285: "TOO_FEW_LIVE_REPLICAS",
  286: "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE",
  473: "DEADLOCK_AVOIDED",
  517: "CANNOT_ASSIGN_ALTER",
};

/** Errors that the same statement meets again each time. */
const lasting: Readonly<Record<number, string>> = {
  10: "NOT_FOUND_COLUMN_IN_BLOCK",
  15: "DUPLICATE_COLUMN",
  16: "NO_SUCH_COLUMN_IN_TABLE",
  20: "NUMBER_OF_COLUMNS_DOESNT_MATCH",
  36: "BAD_ARGUMENTS",
  42: "NUMBER_OF_ARGUMENTS_DOESNT_MATCH",
  43: "ILLEGAL_TYPE_OF_ARGUMENT",
  44: "ILLEGAL_COLUMN",
  46: "UNKNOWN_FUNCTION",
  47: "UNKNOWN_IDENTIFIER",
  48: "NOT_IMPLEMENTED",
  50: "UNKNOWN_TYPE",
  53: "TYPE_MISMATCH",
  56: "UNKNOWN_STORAGE",
  57: "TABLE_ALREADY_EXISTS",
  60: "UNKNOWN_TABLE",
  62: "SYNTAX_ERROR",
  70: "CANNOT_CONVERT_TYPE",
  80: "INCORRECT_QUERY",
  81: "UNKNOWN_DATABASE",
  82: "DATABASE_ALREADY_EXISTS",
  115: "UNKNOWN_SETTING",
  164: "READONLY",
  229: "QUERY_IS_TOO_LARGE",
  243: "NOT_ENOUGH_SPACE",
  344: "SUPPORT_IS_DISABLED",
  372: "SESSION_NOT_FOUND",
  359: "TABLE_SIZE_EXCEEDS_MAX_DROP_SIZE_LIMIT",
  370: "DATA_TYPE_CANNOT_BE_USED_IN_TABLES",
  452: "SETTING_CONSTRAINT_VIOLATION",
  472: "READONLY_SETTING",
  478: "UNKNOWN_POLICY",
  497: "ACCESS_DENIED",
  516: "AUTHENTICATION_FAILED",
  524: "ALTER_OF_COLUMN_IS_FORBIDDEN",
  582: "NO_SUCH_PROJECTION_IN_TABLE",
  583: "ILLEGAL_PROJECTION",
  630: "HAVE_DEPENDENT_OBJECTS",
  701: "CLUSTER_DOESNT_EXIST",
  708: "ILLEGAL_STATISTICS",
};

/**
 * Of all other codes nobody can say: 159 TIMEOUT_EXCEEDED, 209 SOCKET_TIMEOUT, 210 NETWORK_ERROR, 236 ABORTED, 319
 * UNKNOWN_STATUS_OF_INSERT, 341 UNFINISHED (the schema is changed, the rows are not), 394 QUERY_WAS_CANCELLED, 416, 425,
 * 999 KEEPER_EXCEPTION, 1000 to 1002; codes not met before; and 216 QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, which says
 * that an earlier copy is at work.
 */
const classOfCode: ReadonlyMap<number, FailureClass> = new Map([
  ...Object.keys(passing).map((code) => [Number(code), "not-applied"] as const),
  ...Object.keys(lasting).map((code) => [Number(code), "fatal"] as const),
]);

/** Found while the statement is admitted, read and analysed. */
const foundBeforeRows: ReadonlySet<number> = new Set([
  ...[16, 20, 46, 47, 50, 60, 62, 80, 81, 115, 164, 202, 229, 452, 497, 516, 701],
]);

/** An error whose cause goes away by itself: memory, connections, replicas that lag. */
export function passes(code: number): boolean {
  return classOfCode.get(code) === "not-applied";
}
