// How the HTTP server listens, and by which hashes it knows the tokens of the admin routes.

import { resolve } from "node:path";
import type { Diagnostic } from "../../src/diagnostic.js";
import type { ChosenValues } from "./chosen-values.js";
import { placeOf } from "./given.js";

export interface HttpSettings {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Of health and metrics without a token; 0 for any free port. */
  readonly managementPort: number;
  /** Undefined where moose serves plain http. */
  readonly tls: TlsSettings | undefined;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Before all routes, `/analytics`; empty for none. */
  readonly pathPrefix: string;
  readonly maxRequestBodyBytes: number;
}

/** Files in PEM, absolute. */
export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
  /** Clients need a certificate that this authority has signed. */
  readonly clientCaFile: string | undefined;
}

/** In hex. */
export interface TokenHashSettings {
  /** Of tokens that may read and approve. */
  readonly admin: readonly string[];
  /** Of tokens that may only read. */
  readonly read: readonly string[];
}

export interface DecidedHttp {
  readonly settings: HttpSettings;
  readonly diagnostics: readonly Diagnostic[];
}

export function decideHttp(values: ChosenValues, folder: string): DecidedHttp {
  const tls = decideTls(values, folder);
  const settings = {
    host: values.get("http_server_config.host"),
    port: values.get("http_server_config.port"),
    managementPort: values.get("http_server_config.management_port"),
    tls: tls.settings,
    trustedProxies: values.get("http_server_config.trusted_proxies"),
    pathPrefix: pathPrefix(values.get("http_server_config.path_prefix")),
    maxRequestBodyBytes: values.get("http_server_config.max_request_body_size"),
  };
  return { settings, diagnostics: tls.diagnostics };
}

export function tokenHashes(values: ChosenValues): TokenHashSettings {
  const first = values.get("authentication.admin_api_key");
  return {
    admin: [...(first ? [first] : []), ...values.get("authentication.more_admin_api_keys")],
    read: values.get("authentication.read_api_keys"),
  };
}

interface DecidedTls {
  readonly settings: TlsSettings | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Half of what https needs must not end in plain http. */
function decideTls(values: ChosenValues, folder: string): DecidedTls {
  const [cert, key] = [values.get("http_server_config.tls_cert"), values.get("http_server_config.tls_key")];
  const clientCa = values.get("http_server_config.tls_client_ca");
  if (cert && key) {
    const clientCaFile = clientCa ? resolve(folder, clientCa) : undefined;
    const settings = { certFile: resolve(folder, cert), keyFile: resolve(folder, key), clientCaFile };
    return { settings, diagnostics: [] };
  }
  const given = (["tls_cert", "tls_key", "tls_client_ca"] as const).find((name) =>
    values.get(`http_server_config.${name}`),
  );
  if (given === undefined) return { settings: undefined, diagnostics: [] };
  const missing = [...(cert ? [] : ["`tls_cert`"]), ...(key ? [] : ["`tls_key`"])].join(" and ");
  const { origin } = values.chosen(`http_server_config.${given}`);
  const problem: Diagnostic = {
    code: "config/half-tls",
    severity: "error",
    summary: `\`http_server_config.${given}\` is given, but ${missing} is not.`,
    place: origin === undefined ? undefined : placeOf(origin),
    hint: "https takes a certificate and its key; without all three, moose serves plain http",
  };
  return { settings: undefined, diagnostics: [problem] };
}

function pathPrefix(text: string): string {
  const inner = text.replace(/^\/+|\/+$/g, "");
  return inner === "" ? "" : `/${inner}`;
}
