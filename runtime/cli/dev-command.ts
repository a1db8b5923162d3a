// moose dev: watches the code and applies each save at once.

import { resolve } from "node:path";
import { Command } from "commander";
import { DiagnosticError } from "../../src/diagnostic.js";
import { type Overrides, type ReadSettings, readSettings } from "../config/settings.js";
import { runDev } from "../reconcile/run-dev.js";
import { humanView } from "./human-view.js";
import { jsonView } from "./json-view.js";
import { onStopSignal } from "./stop-signal.js";

interface DevFlags {
  readonly project: string;
  readonly clickhouseUrl?: string;
  readonly poll?: boolean;
  readonly json?: boolean;
  readonly adopt?: readonly string[];
}

export function devCommand(): Command {
  return new Command("dev")
    .description("Watch the code and apply every save to the database at once.")
    .option("--project <folder>", "folder of the project", ".")
    .option("--clickhouse-url <url>", "work on this server instead of the embedded ClickHouse")
    .option("--adopt <table...>", "take over existing tables, as database.name")
    .option("--poll", "look at the files in turn, for mounts that send no events")
    .option("--json", "print JSON lines")
    .action(async (flags: DevFlags) => {
      process.exitCode = await dev(flags);
      setTimeout(() => process.exit(), lingerMs).unref();
    });
}

/** After the end in order; what still holds the process up by then is a connection to a server that does not answer. */
const lingerMs = 300;

async function dev(flags: DevFlags): Promise<number> {
  const onEvent = flags.json === true ? jsonView(process.stdout) : humanView(process.stdout);
  const stop = onStopSignal();
  try {
    await runDev({
      read: () => read(flags),
      adopt: flags.adopt ?? [],
      stop,
      onEvent,
    });
    return 0;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    onEvent({ event: "problems", kept: false, diagnostics: error.diagnostics });
    return 1;
  }
}

function read(flags: DevFlags): Promise<ReadSettings> {
  const overrides: Overrides = { clickhouseUrl: flags.clickhouseUrl, poll: flags.poll, json: flags.json };
  return readSettings({ folder: resolve(flags.project), mode: "dev", environment: process.env, overrides });
}
