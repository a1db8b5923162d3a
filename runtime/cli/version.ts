// What this command is: its version, and how it was called.

import { existsSync, readFileSync } from "node:fs";

/** Beside the source this file is two folders deep, built it is three. */
export function mooseVersion(): string {
  const built = new URL("../../../package.json", import.meta.url);
  const file = existsSync(built) ? built : new URL("../../package.json", import.meta.url);
  const manifest: { readonly version: string } = JSON.parse(readFileSync(file, "utf8"));
  return manifest.version;
}

/** As the user typed it, for those who wait for it. Secrets are taken out where it is shown. */
export function commandLine(): string {
  return `moose ${process.argv.slice(2).join(" ")}`;
}
