// The command line as a whole: one file a command, and only that of the command that is called is loaded.

import { Command } from "commander";
import { mooseVersion } from "./version.js";

/** In the order of `moose --help`. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import("./init-command.js")).initCommand(),
  dev: async () => (await import("./dev-command.js")).devCommand(),
  check: async () => (await import("./build-command.js")).checkCommand(),
  build: async () => (await import("./build-command.js")).buildCommand(),
  prod: async () => (await import("./prod-command.js")).prodCommand(),
  plan: async () => (await import("./plan-command.js")).planCommand(),
  generate: async () => (await import("./generate-command.js")).generateCommand(),
  migrate: async () => (await import("./migrate-command.js")).migrateCommand(),
  refresh: async () => (await import("./refresh-command.js")).refreshCommand(),
  migrations: async () => (await import("./migrations-command.js")).migrationsCommand(),
  ls: async () => (await import("./ls-command.js")).lsCommand(),
  query: async () => (await import("./query-command.js")).queryCommand(),
  peek: async () => (await import("./query-command.js")).peekCommand(),
  truncate: async () => (await import("./truncate-command.js")).truncateCommand(),
  db: async () => (await import("./db-command.js")).dbCommand(),
  kafka: async () => (await import("./kafka-command.js")).kafkaCommand(),
};

/**
 * Makes the parser.
 *
 * @param called - the command that is called; where it is none of them the parser has all
 */
export async function mooseProgram(called?: string): Promise<Command> {
  const program = new Command("moose")
    .description("Bring ClickHouse into line with the tables that your TypeScript code declares.")
    .version(mooseVersion());
  const wanted = called === undefined ? undefined : commands[called];
  for (const make of wanted === undefined ? Object.values(commands) : [wanted])
    program.addCommand(await make());
  return program;
}
