// Whether a request comes from whoever sits at this machine, and from no page of somebody else in their browser.

import { BlockList, isIP } from "node:net";
import type { FastifyRequest } from "fastify";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
loopback.addSubnet("::ffff:127.0.0.0", 104, "ipv6");

/** Set by whatever passes requests on: those come from loopback too, whoever has sent them. */
const proxyHeaders = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"] as const;

/**
 * True where the connection comes from loopback, the host that is asked for is loopback by name (a name that somebody
 * lets lead to 127.0.0.1 is none), and a browser says of no other site that it has sent the request.
 */
export function isFromOwner({ headers, socket }: FastifyRequest): boolean {
  if (!isLoopbackAddress(socket.remoteAddress ?? "")) return false;
  if (proxyHeaders.some((name) => headers[name] !== undefined)) return false;
  const host = urlOf(`http://${headers.host ?? ""}`);
  return host !== undefined && isLoopbackName(host.hostname) && isFromOwnPage(headers, host.host);
}

function isFromOwnPage(headers: FastifyRequest["headers"], host: string): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  return headers.origin === undefined || urlOf(headers.origin)?.host === host;
}

function isLoopbackName(name: string): boolean {
  return (
    name === "localhost" || name.endsWith(".localhost") || isLoopbackAddress(name.replace(/^\[|\]$/g, ""))
  );
}

function isLoopbackAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 4 ? "ipv4" : "ipv6");
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
