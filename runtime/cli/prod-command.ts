// moose prod: a server that brings the database into line with the code and tells what it is doing.

import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { destination } from "pino";
import { type Diagnostic, DiagnosticError, hasErrors } from "../../src/diagnostic.js";
import { connect } from "../clickhouse/client.js";
import { readSettings, type Settings } from "../config/settings.js";
import { type ProdServer, startProd } from "../http/prod-server.js";
import { createLogger, type Logger } from "../log/logger.js";
import { readDesired } from "../reconcile/prod/desired-source.js";
import type { ProdState } from "../reconcile/prod/prod-state.js";
import { reachKafka } from "../reconcile/project.js";
import type { Tool } from "../reconcile/run.js";
import { exitSoon, faultOf } from "./one-shot.js";
import { ProdLog } from "./prod-log.js";
import { commandLine, mooseVersion } from "./version.js";

interface ProdFlags {
  readonly project: string;
  readonly clickhouseUrl?: string;
  readonly host?: string;
  readonly port?: string;
  readonly exitOnFailure?: boolean;
  readonly adopt?: readonly string[];
  readonly driftInterval: number;
  readonly healDrift?: boolean;
  readonly grace: number;
}

/** For one statement; what takes longer is looked at again by the next round, and never sent twice. */
const statementDeadlineMs = 24 * 3_600_000;

export function prodCommand(): Command {
  return new Command("prod")
    .description(
      "Serve: bring the database into line with the code at start-up, become ready when it is, and watch it. Status, plan and approvals are on /admin.",
    )
    .option("--project <folder>", "folder of the project", ".")
    .option("--clickhouse-url <url>", "ClickHouse to work on, instead of the configured one")
    .option("--host <host>", "address to listen on, instead of the configured one")
    .option("--port <port>", "port to listen on, instead of the configured one")
    .option(
      "--exit-on-failure",
      "exit with 1 where something fails, is blocked or has drifted before the schema matches",
    )
    .option("--adopt <table...>", "take over existing tables, as database.name")
    .option("--drift-interval <seconds>", "between two looks for drift", seconds, 60)
    .option("--heal-drift", "bring drift back by itself, as far as that destroys nothing")
    .option(
      "--grace <seconds>",
      "that a statement in flight may take when the server is stopped",
      seconds,
      25,
    )
    .action(async (flags: ProdFlags) => {
      process.exitCode = await prod(flags, { version: mooseVersion(), command: commandLine() });
      exitSoon();
    });
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 86_400)) throw new InvalidArgumentError("give seconds, 0.1 to 86400");
  return value;
}

/** @returns the exit code */
async function prod(flags: ProdFlags, tool: Tool): Promise<number> {
  let log = stdoutLog(undefined);
  try {
    const read = await readSettings({
      folder: resolve(flags.project),
      mode: "prod",
      environment: process.env,
      overrides: { clickhouseUrl: flags.clickhouseUrl, host: flags.host, port: flags.port },
    });
    // An image may have the build of the schema alone.
    const diagnostics = read.diagnostics.filter(({ code }) => code !== "config/no-entry");
    log = stdoutLog(read.settings);
    logProblems(log, diagnostics);
    if (hasErrors(diagnostics)) return 1;
    return await serve(flags, { settings: read.settings, tool, log });
  } catch (error) {
    if (error instanceof DiagnosticError) logProblems(log, error.diagnostics);
    else log.fatal({ err: error, ...faultOf(error) }, "moose ended on a fault of its own");
    return 1;
  }
}

function stdoutLog(settings: Settings | undefined): Logger {
  return createLogger({
    level: settings?.logLevel ?? "info",
    secrets: settings?.secrets ?? [],
    destination: destination({ fd: 1, sync: true }),
  });
}

function logProblems(log: Logger, diagnostics: readonly Diagnostic[]): void {
  for (const { severity, summary, ...rest } of diagnostics) {
    if (severity === "error") log.error({ event: "problem", ...rest }, summary);
    else log.warn({ event: "problem", ...rest }, summary);
  }
}

interface Ground {
  readonly settings: Settings;
  readonly tool: Tool;
  readonly log: Logger;
}

async function serve(flags: ProdFlags, { settings, tool, log }: Ground): Promise<number> {
  const stop = new AbortController();
  const states = new ProdLog(log);
  let hasFailed = (): void => undefined;
  const failure = new Promise<"failed">((resolve) => {
    hasFailed = () => resolve("failed");
  });
  const notice = (text: string): void => log.info({ event: "notice" }, text);
  const server = await startProd({
    ...{ settings, tool, log, stop: stop.signal, statementDeadlineMs },
    readDesired: () => readDesired(settings, tool.version, notice),
    connect: () => connectTo(settings),
    reachKafka: () => reachKafka(settings),
    adopt: flags.adopt ?? [],
    driftIntervalMs: flags.driftInterval * 1000,
    healDrift: flags.healDrift === true,
    onChange(state) {
      states.state(state);
      if (flags.exitOnFailure === true && isFailure(state)) hasFailed();
    },
    onNotice: notice,
  });
  announce(log, server, settings);
  const signals = onSignals(server, stop, log);
  const end = await Promise.race([signals, failure]);
  if (end === "failed") stop.abort(new Error("stopped"));
  log.info({ event: "stopping" }, "stopping: the statement in flight may end");
  const isClosed = await Promise.race([server.close().then(() => true), after(flags.grace * 1000)]);
  if (!isClosed) log.error({ event: "grace-over" }, `what was under way has not ended in ${flags.grace} s`);
  else log.info({ event: "stopped" }, "stopped");
  return isClosed && end === "stopped" ? 0 : 1;
}

function isFailure({ phase, isReady }: ProdState): boolean {
  return !isReady && (phase === "failed" || phase === "blocked" || phase === "drifted");
}

async function connectTo({ clickhouse, environment }: Settings) {
  if (clickhouse.kind === "server") return connect(clickhouse, environment);
  throw new DiagnosticError([
    {
      code: "cli/no-server",
      severity: "error",
      summary: "moose prod needs a ClickHouse server",
      hint: "set MOOSE_CLICKHOUSE_CONFIG__URL",
    },
  ]);
}

function announce(log: Logger, { url, managementUrl }: ProdServer, settings: Settings): void {
  const { pathPrefix } = settings.http;
  log.info(
    { event: "listening", url, managementUrl },
    `listening on ${url}; the status page is ${url}${pathPrefix}/admin`,
  );
  if (settings.tokenHashes.admin.length === 0)
    log.warn(
      { event: "no-admin-key" },
      "no admin token is configured, so nobody can approve anything: moose generate hash-token makes one, and authentication.admin_api_key takes its hash",
    );
}

/** SIGHUP looks again; the first SIGTERM or SIGINT stops in order, the second at once. */
function onSignals({ session }: ProdServer, stop: AbortController, log: Logger): Promise<"stopped"> {
  process.on("SIGHUP", () => {
    log.info({ event: "woken" }, "looking, as SIGHUP asks");
    session.wake();
  });
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (stop.signal.aborted) process.exit(130);
        stop.abort(new Error(`stopped by ${signal}`));
        resolve("stopped");
      });
    }
  });
}

function after(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
