// The command line as a whole: one file a command.

import { readFileSync } from "node:fs";
import { Command } from "commander";
import { devCommand } from "./dev-command.js";

/** Makes the parser with all commands. `packageFile` is moose's own package.json, for `--version`. */
export function mooseProgram(packageFile: URL): Command {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(packageFile, "utf8"));
  return new Command("moose")
    .description("Bring ClickHouse into line with the tables that your TypeScript code declares.")
    .version(manifest.version)
    .addCommand(devCommand(manifest.version));
}
