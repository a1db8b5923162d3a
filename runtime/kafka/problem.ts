// What a failed request to Kafka means: refused, nothing done, or nobody can say without looking.

/**
 * `refused`: asking again is no use as long as neither the request nor the rights change. `retriable`: nothing was
 * done, and the cause may pass. `unknown`: the brokers may have done it; look, then decide.
 */
export type KafkaProblemKind = "refused" | "retriable" | "unknown";

/** A request to Kafka that failed. */
export class KafkaProblem extends Error {
  /**
   * Kafka's own name, `TOPIC_ALREADY_EXISTS`, or one of ours: `UNREACHABLE`, `LOST`, `TIMED_OUT`, `TLS_FAILED`,
   * `AUTHENTICATION_FAILED`, `CLOSED`, `UNSUPPORTED`, `CLIENT`.
   */
  readonly code: string;
  readonly kind: KafkaProblemKind;
  /** What the brokers ask to wait before the next request, in milliseconds. */
  readonly throttleMs: number;
  /** The whole answer, where only items of it are errors. */
  readonly answer: object | undefined;
  constructor(code: string, kind: KafkaProblemKind, reason: string, options: ProblemOptions = {}) {
    super(reason, { cause: options.cause });
    this.name = "KafkaProblem";
    this.code = code;
    this.kind = kind;
    this.throttleMs = options.throttleMs ?? 0;
    this.answer = options.answer;
  }
}

export interface ProblemOptions {
  readonly cause?: unknown;
  readonly throttleMs?: number;
  readonly answer?: object | undefined;
}

/** Answers after which nothing was done, and which may pass. */
const passing: ReadonlySet<string> = new Set([
  ...["LEADER_NOT_AVAILABLE", "NOT_LEADER_OR_FOLLOWER", "BROKER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE"],
  ...["NOT_CONTROLLER", "STALE_CONTROLLER_EPOCH", "THROTTLING_QUOTA_EXCEEDED", "OPERATION_NOT_ATTEMPTED"],
  ...["COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR"],
  ...["LISTENER_NOT_FOUND", "UNKNOWN_LEADER_EPOCH", "FENCED_LEADER_EPOCH", "OFFSET_NOT_AVAILABLE"],
  // The answering broker does not know a topic yet that another has made.
  ...["UNKNOWN_TOPIC_ID", "INCONSISTENT_TOPIC_ID"],
]);

/** Answers of a broker that does not know itself what became of the request. */
const undecided: ReadonlySet<string> = new Set([
  ...["REQUEST_TIMED_OUT", "NETWORK_EXCEPTION", "UNKNOWN_SERVER_ERROR", "KAFKA_STORAGE_ERROR"],
]);

/** The problem that a code of Kafka's means. */
export function answered(
  code: string,
  text: string | null | undefined,
  options: ProblemOptions = {},
): KafkaProblem {
  const kind = passing.has(code) ? "retriable" : undecided.has(code) ? "unknown" : "refused";
  return new KafkaProblem(code, kind, text || texts[code] || code, options);
}

/** For the codes that users meet, where the broker's answer has no text of its own. */
const texts: Readonly<Record<string, string>> = {
  TOPIC_ALREADY_EXISTS: "A topic of that name exists already.",
  UNKNOWN_TOPIC_OR_PARTITION: "There is no topic of that name, or the user may not see it.",
  TOPIC_AUTHORIZATION_FAILED: "The user has no right to do that to the topic.",
  CLUSTER_AUTHORIZATION_FAILED: "The user has no right to do that in the cluster.",
  TOPIC_DELETION_DISABLED: "The brokers are set to delete no topics (`delete.topic.enable`).",
  REASSIGNMENT_IN_PROGRESS: "The topic's partitions are being moved to other brokers at the moment.",
  REQUEST_TIMED_OUT: "The brokers did not finish in time.",
  NOT_CONTROLLER: "The broker that was asked is not the controller.",
};

/** Before anything of the request was sent. */
export function notConnected(thrown: unknown): KafkaProblem {
  const all = [...chain(thrown)];
  const login = all.find(({ code }) => code === "PLT_KFK_AUTHENTICATION");
  if (login !== undefined)
    return new KafkaProblem("AUTHENTICATION_FAILED", "refused", deepest(all, login), { cause: thrown });
  const tls = all.find(
    ({ code, message }) => tlsCodes.test(code ?? "") || /TLS handshake failed/.test(message),
  );
  if (tls !== undefined) return new KafkaProblem("TLS_FAILED", "refused", tls.message, { cause: thrown });
  const last = all.find(({ code }) => /^E[A-Z]+$/.test(code ?? "")) ?? all[0];
  return new KafkaProblem("UNREACHABLE", "retriable", last?.message ?? String(thrown), { cause: thrown });
}

const tlsCodes = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|EPROTO$)/;

/** What the broker itself says of a login is deeper in the chain than the client's own summary. */
function deepest(all: readonly Link[], fallback: Link): string {
  return all.find(({ serverErrorMessage }) => serverErrorMessage)?.serverErrorMessage ?? fallback.message;
}

/** After the request was sent: the answer's error, or no answer. */
export function failed(thrown: unknown): KafkaProblem {
  if (thrown instanceof KafkaProblem) return thrown;
  const all = [...chain(thrown)];
  const answer = all.find(({ response }) => response !== undefined)?.response;
  const throttleMs = answer?.throttleTimeMs ?? 0;
  const error = all.find(({ apiId }) => apiId !== undefined);
  if (error?.apiId !== undefined)
    return answered(error.apiId, error.serverErrorMessage, { cause: thrown, throttleMs, answer });
  const first = all[0];
  const text = first?.message ?? String(thrown);
  if (/timed out/i.test(text)) return new KafkaProblem("TIMED_OUT", "unknown", text, { cause: thrown });
  if (first?.code === "PLT_KFK_UNSUPPORTED_API")
    return new KafkaProblem("UNSUPPORTED", "refused", text, { cause: thrown });
  if (first?.code === "PLT_KFK_USER") return new KafkaProblem("CLIENT", "refused", text, { cause: thrown });
  return new KafkaProblem("LOST", "unknown", text, { cause: thrown });
}

/** The same problem, of a request before the one that matters: that one was not sent, whatever became of the other. */
export function notSent(thrown: unknown): KafkaProblem {
  const problem = failed(thrown);
  if (problem.kind !== "unknown") return problem;
  const { code, message, throttleMs } = problem;
  return new KafkaProblem(code, "retriable", message, { cause: thrown, throttleMs });
}

/** What the client's errors carry, as far as it is used here. */
interface Link {
  readonly message: string;
  readonly code?: string;
  readonly apiId?: string;
  readonly serverErrorMessage?: string | null;
  readonly response?: { readonly throttleTimeMs?: number };
}

/** The error, what it is made of, and what caused it. */
function* chain(thrown: unknown, depth = 0): Generator<Link> {
  const greatestDepth = 8;
  if (!(thrown instanceof Error) || depth > greatestDepth) return;
  yield thrown as Link;
  if (thrown instanceof AggregateError) for (const one of thrown.errors) yield* chain(one, depth + 1);
  yield* chain(thrown.cause, depth + 1);
}
