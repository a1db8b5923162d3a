// moose generate hash-token: a token for who asks, and its hash for the server.

import { Command } from "commander";
import { makePlainToken, makeToken } from "../http/tokens.js";

interface HashTokenFlags {
  readonly json?: boolean;
  readonly plain?: boolean;
}

export function hashTokenCommand(): Command {
  return new Command("hash-token")
    .description(
      "Make a token for the admin routes and its hash. The server is given the hash, who asks sends the token.",
    )
    .option("--json", "print JSON")
    .option(
      "--plain",
      "a token of 32 random bytes, stored as its SHA-256, which the existing tool does not know",
    )
    .action((flags: HashTokenFlags) => void process.stdout.write(hashTokenText(flags)));
}

export function hashTokenText({ json, plain }: HashTokenFlags): string {
  const { token, hash } = plain === true ? makePlainToken() : makeToken();
  if (json === true) return `${JSON.stringify({ hash, token })}\n`;
  return [
    `API key hash (MOOSE_AUTHENTICATION__ADMIN_API_KEY): ${hash}`,
    `Bearer token (MOOSE_ADMIN_TOKEN):                   ${token}`,
    "The token is shown this once.",
    "",
  ].join("\n");
}
