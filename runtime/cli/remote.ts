// Commands that ask a moose server instead of its database: --url and --token.

import type { Command } from "commander";
import { DiagnosticError } from "../../src/diagnostic.js";
import { AdminClient } from "../http/admin-client.js";
import type { OneShot, ProjectFlags } from "./one-shot.js";

export interface RemoteFlags extends ProjectFlags {
  readonly url?: string;
}

export function withRemoteOptions(command: Command): Command {
  return command
    .option("--url <url>", "moose server to ask, instead of the database")
    .option("--token <token>", "token of its admin routes (MOOSE_ADMIN_TOKEN)");
}

/**
 * The way to the server of `--url`.
 *
 * @throws DiagnosticError when the address is none, or no token is given
 */
export function adminClient({ settings, stop }: OneShot, url: string): AdminClient {
  const token = settings.adminToken;
  if (token === undefined) {
    throw new DiagnosticError([
      {
        code: "cli/no-admin-token",
        severity: "error",
        summary: "a moose server is asked with a token, and none is given",
        hint: "give it with --token or MOOSE_ADMIN_TOKEN; `moose generate hash-token` makes one",
      },
    ]);
  }
  return new AdminClient({ url, token, signal: stop });
}
