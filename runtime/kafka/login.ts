// What the settings say about TLS and login, in the form that the client library takes.

import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { ConnectionOptions } from "@platformatic/kafka";
import { type Diagnostic, DiagnosticError } from "../../src/diagnostic.js";
import type { KafkaLogin, KafkaSettings, KafkaTls } from "../config/kafka-settings.js";

/** Throws a `DiagnosticError` with `kafka/certificate` where a file cannot be read. */
export function securityOf({
  tls,
  login,
  brokers,
}: KafkaSettings): Pick<ConnectionOptions, "sasl" | "tls" | "tlsServerName"> {
  // An address is not to be sent as the name of a server.
  const hasNames = brokers.every(({ host }) => isIP(host) === 0);
  return {
    ...(tls === undefined ? {} : { tls: certificates(tls), tlsServerName: hasNames }),
    ...(login === undefined ? {} : { sasl: saslOf(login) }),
  };
}

function certificates({ ca, cert, key }: KafkaTls): TlsOptions {
  const problems: Diagnostic[] = [];
  const read = (file: string | undefined): Buffer | undefined => {
    if (file === undefined) return undefined;
    try {
      return readFileSync(file);
    } catch (thrown) {
      problems.push(unreadable(file, thrown));
      return undefined;
    }
  };
  const options = { ca: read(ca), cert: read(cert), key: read(key) };
  if (problems.length > 0) throw new DiagnosticError(problems);
  return options;
}

function unreadable(file: string, thrown: unknown): Diagnostic {
  return {
    code: "kafka/certificate",
    severity: "error",
    summary: `The certificate file ${file} cannot be read.`,
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    hint: "`ssl_ca`, `ssl_cert` and `ssl_key` are files relative to the project folder.",
  };
}

function saslOf(login: KafkaLogin): NonNullable<ConnectionOptions["sasl"]> {
  if (login.mechanism !== "OAUTHBEARER") return login;
  const { mechanism } = login;
  return "token" in login ? { mechanism, token: login.token } : { mechanism, token: () => askToken(login) };
}

const tokenDeadlineMs = 10_000;

/** The client credentials grant of OAuth 2. */
export async function askToken({
  tokenUrl,
  clientId,
  clientSecret,
}: Extract<KafkaLogin, { readonly tokenUrl: string }>): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
    signal: AbortSignal.timeout(tokenDeadlineMs),
  });
  if (!response.ok) throw new Error(`The token server answers ${response.status}.`);
  const answer: unknown = await response.json();
  const token =
    typeof answer === "object" && answer !== null && "access_token" in answer && answer.access_token;
  if (typeof token !== "string") throw new Error("The token server's answer has no `access_token`.");
  return token;
}
