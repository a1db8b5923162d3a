// Reads the certificate files that the settings name.

import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { DiagnosticError } from "../../src/diagnostic.js";
import type { TlsSettings } from "../config/http-settings.js";
import type { TlsFiles } from "./app.js";

/** @throws DiagnosticError when a file cannot be read, or certificate and key do not belong together */
export async function readTlsFiles({ certFile, keyFile, clientCaFile }: TlsSettings): Promise<TlsFiles> {
  const [cert, key, clientCa] = await Promise.all([
    readPem(certFile),
    readPem(keyFile),
    clientCaFile === undefined ? undefined : readPem(clientCaFile),
  ]);
  try {
    createSecureContext({ cert, key, ca: clientCa });
  } catch (error) {
    throw problem(`${certFile} and ${keyFile} do not make up a certificate`, error);
  }
  return { cert, key, clientCa };
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw problem(`${file} cannot be read`, error);
  }
}

function problem(summary: string, error: unknown): DiagnosticError {
  return new DiagnosticError([
    {
      code: "http/no-certificate",
      severity: "error",
      summary,
      detail: error instanceof Error ? error.message : String(error),
      hint: "http_server_config.tls_cert, tls_key and tls_client_ca name files in PEM",
    },
  ]);
}
