// The version of this package.

import { existsSync, readFileSync } from "node:fs";

/** Beside the source this file is two folders deep, built it is three. */
export function mooseVersion(): string {
  const built = new URL("../../../package.json", import.meta.url);
  const file = existsSync(built) ? built : new URL("../../package.json", import.meta.url);
  const manifest: { readonly version: string } = JSON.parse(readFileSync(file, "utf8"));
  return manifest.version;
}
