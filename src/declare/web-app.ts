// WebApp: the declaration of an HTTP application of the user's own, mounted beside the routes of moose.

import { declarationBrand, register } from "./registry.js";

/** Node's own handler of requests. */
export type WebAppHandler = (request: never, response: never) => void | Promise<void>;

/** An application of Express, Fastify, Koa, Hono or the like: whatever handles requests. */
export type FrameworkApp = object;

/** Options of a web app. */
export interface WebAppConfig {
  /** Where it is mounted, `/dashboard`. Default: its name. */
  readonly mountPath?: string;
  readonly injectMooseUtils?: boolean;
  readonly metadata?: { readonly description?: string } & Readonly<Record<string, unknown>>;
}

/**
 * Declares an application that answers below a path.
 *
 * @example
 * const dashboard = new WebApp("dashboard", express(), { mountPath: "/dashboard" });
 */
export class WebApp {
  static readonly [declarationBrand] = true;
  readonly kind = "WebApp";
  readonly name: string;
  readonly app: WebAppHandler | FrameworkApp;
  readonly config: WebAppConfig;

  constructor(name: string, app: WebAppHandler | FrameworkApp, config: WebAppConfig = {}) {
    if (typeof name !== "string" || name === "" || (typeof app !== "function" && typeof app !== "object"))
      throw new TypeError('WebApp needs a name and an application: new WebApp("dashboard", express())');
    this.name = name;
    this.app = app;
    this.config = config;
    register({ kind: "WebApp", name, config: { ...config } }, this);
  }
}
