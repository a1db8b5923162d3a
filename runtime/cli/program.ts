// The command line as a whole: one file a command.

import { readFileSync } from "node:fs";
import { Command } from "commander";
import { buildCommand, checkCommand } from "./build-command.js";
import { devCommand } from "./dev-command.js";
import { generateCommand } from "./generate-command.js";
import { migrateCommand } from "./migrate-command.js";
import { migrationsCommand } from "./migrations-command.js";
import { planCommand } from "./plan-command.js";

/** Makes the parser with all commands. `packageFile` is moose's own package.json, for `--version`. */
export function mooseProgram(packageFile: URL): Command {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(packageFile, "utf8"));
  return new Command("moose")
    .description("Bring ClickHouse into line with the tables that your TypeScript code declares.")
    .version(manifest.version)
    .addCommand(devCommand())
    .addCommand(checkCommand())
    .addCommand(buildCommand())
    .addCommand(planCommand())
    .addCommand(generateCommand())
    .addCommand(migrateCommand())
    .addCommand(migrationsCommand());
}
