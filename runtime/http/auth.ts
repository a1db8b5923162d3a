// Who may call an admin route: asked after the rate limit and before the body is read.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Limits } from "./limits.js";
import { isFromOwner } from "./owner.js";
import { type Problem, sendProblem } from "./problem.js";
import type { Grant, Right, TokenCheck } from "./tokens.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Right that the route asks for. Default: `read`. */
    readonly right?: Right;
  }
  interface FastifyRequest {
    /** Who sent the request; set on every route behind {@link requireToken}. */
    grant: Grant | undefined;
  }
}

/**
 * Guards every route of this scope.
 *
 * @param trustsOwner - whoever sits at this machine needs no token; see {@link isFromOwner}
 */
export function requireToken(
  app: FastifyInstance,
  tokens: TokenCheck,
  limits: Limits,
  trustsOwner = false,
): void {
  const countInvalid = app.createRateLimit({ max: limits.invalidTokensPerMinute, timeWindow: 60_000 });
  app.decorateRequest("grant", undefined);
  // The rate limit is at onRequest, which is before this.
  app.addHook("preParsing", async (request, reply, payload) => {
    const isOwner = trustsOwner && isFromOwner(request);
    const decision = isOwner ? owner : decide(request, tokens);
    if ("grant" in decision) {
      request.grant = decision.grant;
      return payload;
    }
    const isGuess = decision.code === "http/invalid-token" && (await countInvalid(request));
    const problem =
      isGuess && !isGuess.isAllowed && isGuess.isExceeded ? tooManyGuesses(isGuess.ttlInSeconds) : decision;
    return refuse(reply, problem);
  });
}

type Decision = { readonly grant: Grant } | Problem;

const owner: Decision = { grant: { right: "approve", name: "this machine" } };

function decide(request: FastifyRequest, tokens: TokenCheck): Decision {
  if (tokens.isClosed) return closed;
  const token = bearerToken(request.headers.authorization);
  if (token === undefined) return noToken;
  const grant = tokens.check(token);
  if (grant === undefined) return invalidToken;
  const wanted = request.routeOptions.config.right ?? "read";
  return wanted === "approve" && grant.right === "read" ? onlyReads : { grant };
}

function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([^\s]+) *$/i.exec(header ?? "")?.[1];
}

async function refuse(reply: FastifyReply, problem: Problem): Promise<undefined> {
  await sendProblem(reply, problem);
  return undefined;
}

const challenge = { "www-authenticate": 'Bearer realm="moose"' };

const closed: Problem = {
  status: 401,
  code: "http/no-token-configured",
  title: "The admin routes are closed",
  detail:
    "No token is configured. Make one with `moose generate hash-token` and give its hash as MOOSE_AUTHENTICATION__ADMIN_API_KEY.",
  headers: challenge,
};

const noToken: Problem = {
  status: 401,
  code: "http/no-token",
  title: "A token is needed",
  detail: "Send it as `Authorization: Bearer <token>`.",
  headers: challenge,
};

const invalidToken: Problem = {
  status: 401,
  code: "http/invalid-token",
  title: "The token is not valid",
  detail: "Its hash is none of those configured; the token itself has to be sent, not the hash.",
  headers: { "www-authenticate": 'Bearer realm="moose", error="invalid_token"' },
};

const onlyReads: Problem = {
  status: 403,
  code: "http/token-only-reads",
  title: "The token may only read",
  detail: "This route changes something; it needs a token of authentication.admin_api_key.",
  headers: { "www-authenticate": 'Bearer realm="moose", error="insufficient_scope"' },
};

function tooManyGuesses(seconds: number): Problem {
  return {
    status: 429,
    code: "http/too-many-invalid-tokens",
    title: "Too many invalid tokens",
    detail: "Check the token and try again later.",
    headers: { "retry-after": String(Math.max(1, Math.ceil(seconds))) },
  };
}
