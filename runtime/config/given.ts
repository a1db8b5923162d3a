// A value that somebody gave for a key, and who.

import type { SourcePlace } from "../../src/diagnostic.js";
import type { Key } from "./key.js";

/** Where a value was given. */
export type Origin =
  | { readonly kind: "config"; readonly place: SourcePlace }
  | { readonly kind: "envFile"; readonly variable: string; readonly place: SourcePlace }
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "flag"; readonly flag: string };

/** A value as it was given, before it is checked against the type of its key. */
export interface Given {
  readonly key: Key;
  readonly raw: unknown;
  readonly origin: Origin;
  /** The higher one wins. */
  readonly rank: number;
}

/** The order of precedence. */
export const ranks = {
  config: 0,
  ".env": 1,
  /** `.env.dev` or `.env.prod`. */
  envOfMode: 2,
  ".env.local": 3,
  environment: 4,
  flag: 5,
} as const;

/** How a message names the value: by its key, its variable or its flag. */
export function nameOf({ key, origin }: Pick<Given, "key" | "origin">): string {
  switch (origin.kind) {
    case "config":
      return `\`${key.path}\``;
    case "envFile":
      return `\`${origin.variable}\``;
    case "environment":
      return `The environment variable \`${origin.variable}\``;
    case "flag":
      return `\`${origin.flag}\``;
  }
}

export function placeOf(origin: Origin): SourcePlace | undefined {
  return "place" in origin ? origin.place : undefined;
}
