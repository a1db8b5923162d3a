// A server that is used under a lock: nothing is sent once the lock is gone, and what the fence stops is told as such.

import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";
import { type ClickHouse, type CommandOptions, errorCode, type RequestView } from "./client.js";
import type { LockDriver } from "./lock-driver.js";
import { lockGone, lockLost } from "./lock-problems.js";
import { isFenceDown } from "./lock-store.js";
import { commandInSession } from "./session-fence.js";

/** What was sent under a lock, over all views of it. */
export interface Traffic {
  running: number;
  /** The outcome of a statement was never learnt. */
  isUnsure: boolean;
}

export interface FencedLock {
  readonly project: string;
  readonly driver: LockDriver;
  /** What each request carries. */
  readonly view: Pick<RequestView, "database" | "queryIdPrefix">;
  readonly traffic: Traffic;
}

export class Fenced implements ClickHouse {
  readonly #view: ClickHouse;
  /** Without the fence's database; it carries what is sent in a session. */
  readonly #plain: ClickHouse;
  readonly #lock: FencedLock;

  /** @param clickhouse - the server without a fence; the caller closes it, and this */
  constructor(clickhouse: ClickHouse, lock: FencedLock, more: RequestView = {}) {
    const queryIdPrefix = `${lock.view.queryIdPrefix ?? ""}${more.queryIdPrefix ?? ""}`;
    this.#view = clickhouse.view({ ...more, ...lock.view, queryIdPrefix });
    this.#plain = clickhouse.view({ ...more, queryIdPrefix });
    this.#lock = lock;
  }

  get url(): string {
    return this.#view.url;
  }

  get version(): string {
    return this.#view.version;
  }

  get variables(): ClickHouse["variables"] {
    return this.#view.variables;
  }

  rows<T>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<readonly T[]> {
    return this.#guard(() => this.#view.rows<T>(sql, params));
  }

  command(sql: string, options?: CommandOptions): Promise<void> {
    const inDatabase = options?.inDatabase;
    if (inDatabase === undefined || this.#lock.view.database === undefined)
      return this.#guard(() => this.#view.command(sql, options));
    const through = { fenced: this.#view, plain: this.#plain };
    return this.#guard(() => commandInSession(through, sql, { ...options, inDatabase }));
  }

  insert(
    table: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    options?: Pick<CommandOptions, "settings">,
  ): Promise<void> {
    return this.#guard(() => this.#view.insert(table, rows, options));
  }

  /** Behind the same fence. */
  view(more: RequestView): ClickHouse {
    return new Fenced(this.#view, this.#lock, more);
  }

  async close(): Promise<void> {
    await Promise.all([this.#view.close(), this.#plain.close()]);
  }

  async #guard<T>(send: () => Promise<T>): Promise<T> {
    const { driver, traffic, view } = this.#lock;
    // The process may have been stopped for long since it last looked at the clock.
    driver.hear({ kind: "tick" });
    if (driver.lease.phase !== "owner") throw new DiagnosticError([whyNot(this.#lock)]);
    traffic.running++;
    try {
      return await send();
    } catch (error) {
      if (view.database !== undefined && isFenceDown(error, view.database)) {
        driver.hear({ kind: "refused" });
        throw new DiagnosticError([whyNot(this.#lock)]);
      }
      if (errorCode(error) === undefined) traffic.isUnsure = true;
      throw error;
    } finally {
      traffic.running--;
    }
  }
}

function whyNot({ driver, project }: FencedLock): Diagnostic {
  const { lease } = driver;
  return lease.phase === "deposed" ? lockLost(project, lease.reason) : lockGone(project);
}
