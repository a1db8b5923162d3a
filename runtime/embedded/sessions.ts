// Named sessions (`?session_id=`): one connection each, which keeps temporary tables, SET and USE between requests.

import type { Connection } from "./chdb-addon.js";
import type { Engine } from "./engine.js";
import type { QueryRequest, SessionRequest } from "./request.js";
import { identifier, literal } from "./script.js";
import { ServerError } from "./server-error.js";

const greatestSessions = 500;

interface Session {
  readonly connection: Connection;
  busy: boolean;
  expiry: NodeJS.Timeout | undefined;
}

/** A connection for one request. */
export interface Lease {
  readonly connection: Connection;
  /** Call once nothing runs on it any more. */
  release(): Promise<void>;
}

export class Sessions {
  readonly #engine: Engine;
  readonly #byId = new Map<string, Session>();
  /** For the next request without a session: to make one takes longer than to hand it out, and holds up this thread. */
  #spare: Connection | undefined;
  #isClosed = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Without a session id, a request gets a connection of its own, which is closed behind it: nothing it sets
   * can reach another request.
   */
  async lease(request: QueryRequest): Promise<Lease> {
    if (request.session !== undefined) return this.#leaseNamed(request, request.session);
    const connection = this.#spare ?? this.#engine.connect();
    this.#spare = undefined;
    const release = async () => {
      this.#engine.disconnect(connection);
      // Once the answer is on its way.
      setImmediate(() => this.#provideSpare());
    };
    return { connection, release };
  }

  #provideSpare(): void {
    if (this.#isClosed) return;
    try {
      this.#spare ??= this.#engine.connect();
    } catch {
      // The next request tries again, and is told.
    }
  }

  async #leaseNamed(request: QueryRequest, asked: SessionRequest): Promise<Lease> {
    const session = this.#find(asked);
    session.busy = true;
    clearTimeout(session.expiry);
    let restore: string | undefined;
    try {
      restore = await this.#restoreScript(session.connection, request);
    } catch {
      restore = undefined;
    }
    return {
      connection: session.connection,
      release: async () => {
        const kept = !asked.closeAfter && (await this.#restore(session.connection, restore));
        session.busy = false;
        if (kept) session.expiry = setTimeout(() => this.#close(asked.id), asked.timeoutMs).unref();
        else this.#close(asked.id);
      },
    };
  }

  #find(asked: SessionRequest): Session {
    const existing = this.#byId.get(asked.id);
    if (existing?.busy)
      throw new ServerError(
        373,
        "SESSION_IS_LOCKED",
        `Session ${asked.id} is locked by a concurrent client.`,
      );
    if (existing !== undefined) return existing;
    if (asked.mustExist) throw new ServerError(372, "SESSION_NOT_FOUND", `Session ${asked.id} not found.`);
    if (this.#byId.size >= greatestSessions)
      throw new ServerError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", `Too many sessions: ${greatestSessions}.`);
    const session: Session = { connection: this.#engine.connect(), busy: false, expiry: undefined };
    this.#byId.set(asked.id, session);
    return session;
  }

  #close(id: string): void {
    const session = this.#byId.get(id);
    if (session === undefined || session.busy) return;
    clearTimeout(session.expiry);
    this.#byId.delete(id);
    this.#engine.disconnect(session.connection);
  }

  closeAll(): void {
    this.#isClosed = true;
    if (this.#spare !== undefined) this.#engine.disconnect(this.#spare);
    this.#spare = undefined;
    for (const id of [...this.#byId.keys()]) this.#close(id);
  }

  /** What sets the session back to where it was, since the URL's settings and database are for one request only. */
  async #restoreScript(connection: Connection, request: QueryRequest): Promise<string | undefined> {
    if (request.settings.size === 0 && request.database === undefined) return undefined;
    const names = [...request.settings.keys()].map(literal).join(",") || "''";
    const outcome = await this.#engine.query(
      connection,
      `SELECT currentDatabase(), groupArray((name, toString(value), toUInt8(changed))) FROM system.settings WHERE name IN (${names})`,
      "JSONCompact",
    );
    const answer = JSON.parse(Buffer.from(outcome.bytes).toString("utf8")) as {
      data: [string, [string, string, number][]][];
    };
    const [database, settings] = answer.data[0] ?? ["default", []];
    const sets = settings.map(([name, value, changed]) => `${name}=${changed ? literal(value) : "DEFAULT"}`);
    const use = request.database === undefined ? "" : `USE ${identifier(database)};`;
    return `${use}${sets.length > 0 ? `SET ${sets.join(",")}` : "SET max_query_size=262144"}`;
  }

  async #restore(connection: Connection, script: string | undefined): Promise<boolean> {
    if (script === undefined) return true;
    return this.#engine.query(connection, script, "Null").then(
      () => true,
      () => false,
    );
  }
}
