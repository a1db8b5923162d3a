#!/usr/bin/env node
// The command line: one file a command.

import { readFileSync } from "node:fs";
import { Command } from "commander";
import { devCommand } from "./dev-command.js";

const manifest: { readonly version: string } = JSON.parse(
  readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
);

const program = new Command("moose")
  .description("Bring ClickHouse into line with the tables that your TypeScript code declares.")
  .version(manifest.version)
  .addCommand(devCommand());

await program.parseAsync();
