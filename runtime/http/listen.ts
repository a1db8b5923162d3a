// Listens on a port, or says why it cannot be had.

import type { FastifyInstance } from "fastify";
import { DiagnosticError } from "../../src/diagnostic.js";

/**
 * @returns the address, as `http://127.0.0.1:4000`
 * @throws DiagnosticError `http/cannot-listen`
 */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!/^E[A-Z]+$/.test(code)) throw error;
    throw new DiagnosticError([
      {
        code: "http/cannot-listen",
        severity: "error",
        summary: `moose cannot listen on ${host}:${port}`,
        detail: error instanceof Error ? error.message : "",
        hint: "choose another port with http_server_config.port and management_port",
      },
    ]);
  }
}
