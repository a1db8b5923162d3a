// The two functions that moose inserts around `new` expressions and calls: they remember where in the source
// the running code stands, so that a declaration knows which expressions its type is read from.

import { declarationBrand } from "../../../src/declare/registry.js";

const sites: string[] = [];

/** The expressions under way, outermost first. */
export function currentSites(): readonly string[] {
  return [...sites];
}

/** Forgets what a failed run left behind. */
export function resetSites(): void {
  sites.length = 0;
}

type Callable = (...args: unknown[]) => unknown;
type Newable = new (...args: unknown[]) => object;

/** `new X<R>()` becomes `new (__moose_new(X, site))<R>()`. Whatever is no class of ours is given back as it is. */
export function followNew(target: unknown, site: string): unknown {
  if (typeof target !== "function" || Reflect.get(target, declarationBrand) !== true) return target;
  const proxy: Newable = new Proxy(target as Newable, {
    construct(made, args, newTarget) {
      // `new.target` inside the constructor has to be the user's class, not this proxy.
      return at(site, () => Reflect.construct(made, args, newTarget === proxy ? made : newTarget));
    },
  });
  return proxy;
}

/** `f<R>()` becomes `__moose_call(f, site)<R>()`, and `o.f<R>()` becomes `__moose_call(o.f, site, o)<R>()`. */
export function followCall(target: unknown, site: string, ...receiver: readonly unknown[]): unknown {
  if (typeof target !== "function") return target;
  return function (this: unknown, ...args: unknown[]): unknown {
    const self = receiver.length > 0 ? receiver[0] : this;
    return at(site, () => Reflect.apply(target as Callable, self, args));
  };
}

function at<T>(site: string, run: () => T): T {
  const depth = sites.push(site);
  try {
    return run();
  } finally {
    sites.length = depth - 1;
  }
}
