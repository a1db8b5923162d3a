// Api: the declaration of a query that is served over HTTP.

import type { QueryClient } from "./query-port.js";
import { declarationBrand, register } from "./registry.js";
import type { sql } from "./sql.js";

/** What a handler is given beside the parameters. */
export interface ApiUtil {
  readonly client: { readonly query: QueryClient };
  readonly sql: typeof sql;
  /** Claims of the token of the request, where there is one. */
  readonly jwt?: Readonly<Record<string, unknown>> | undefined;
}

/** @deprecated called {@link ApiUtil} now */
export type ConsumptionUtil = ApiUtil;

export type ApiHandler<T, R> = (params: T, utils: ApiUtil) => R | Promise<R>;

/** Options of an API. */
export interface ApiConfig {
  /** Last part of the path, `/api/top/1.0`. Default: none. */
  readonly version?: string;
  /** Path behind `/api/`. Default: the name. */
  readonly path?: string;
  readonly metadata?: { readonly description?: string } & Readonly<Record<string, unknown>>;
}

/** @deprecated called {@link ApiConfig} now */
export type EgressConfig = ApiConfig;

/**
 * Declares that a handler answers at `GET /api/<name>`.
 *
 * @typeParam T - the parameters of the request
 * @typeParam R - the answer
 *
 * @example
 * const top = new Api<{ limit: number }, { url: string }[]>("top", async ({ limit }, { client, sql }) => {
 *   const rows = await client.query.execute<{ url: string }>(sql`SELECT url FROM ${pages} LIMIT ${limit}`);
 *   return rows.json();
 * });
 */
export class Api<T = Readonly<Record<string, unknown>>, R = unknown> {
  static readonly [declarationBrand] = true;
  /** The parameters, for the type checker only; never set. */
  declare readonly "~moose"?: { readonly schema: T };
  readonly kind = "Api";
  readonly name: string;
  readonly config: ApiConfig;
  readonly #handler: ApiHandler<T, R>;

  constructor(name: string, handler: ApiHandler<T, R>, config: ApiConfig = {}) {
    if (typeof name !== "string" || name === "" || typeof handler !== "function")
      throw new TypeError(
        'Api needs a name and a handler: new Api<Params, Row[]>("top", (params, utils) => ..)',
      );
    this.name = name;
    this.config = config;
    this.#handler = handler;
    register({ kind: "Api", name, config: { ...config } }, this);
  }

  /** The handler that was given. */
  getHandler(): ApiHandler<T, R> {
    return this.#handler;
  }
}

/** @deprecated called {@link Api} now */
export class ConsumptionApi<T = Readonly<Record<string, unknown>>, R = unknown> extends Api<T, R> {}
