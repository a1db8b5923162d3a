// What goes wrong before there is a request to route: an address or headers that cannot be read.

import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply } from "fastify";
import { type Problem, problemBody, problemType, sendProblem } from "./problem.js";

/** Answers addresses that no route can be found for; hooks do not run for them. */
export function answerBadAddress(reply: FastifyReply): void {
  void reply.header("cache-control", "no-store").header("x-content-type-options", "nosniff");
  void sendProblem(reply, badAddress);
}

/**
 * Answers what is no request, and closes the connection. The error itself is not logged: it carries the bytes that
 * were sent, and so perhaps a token.
 */
export function answerBadRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const problem = problemsByCode.get(error.code ?? "") ?? malformed;
  const body = JSON.stringify(problemBody(problem, randomUUID()));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "cache-control: no-store",
    "connection: close",
  ];
  if (socket.writable) socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
  else socket.destroy();
}

const badAddress: Problem = {
  status: 400,
  code: "http/bad-address",
  title: "The address cannot be read",
  detail: "It has a broken percent-encoding, or a part that is too long.",
};

const malformed: Problem = {
  status: 400,
  code: "http/malformed-request",
  title: "The request is no HTTP",
  detail: "It cannot be read.",
};

const problemsByCode: ReadonlyMap<string, Problem> = new Map([
  [
    "ERR_HTTP_REQUEST_TIMEOUT",
    {
      status: 408,
      code: "http/too-slow",
      title: "The request took too long to arrive",
      detail: "Send it in one go.",
    },
  ],
  [
    "HPE_HEADER_OVERFLOW",
    {
      status: 431,
      code: "http/headers-too-large",
      title: "The headers are too large",
      detail: "Send fewer or shorter ones.",
    },
  ],
]);
