// What the settings say of brokers, TLS and login, as properties of the native client.

import type { KafkaLogin, KafkaSettings, KafkaTls } from "../../config/kafka-settings.js";
import { askToken, securityOf } from "../login.js";
import type { Properties, TokenRequest } from "./native-client.js";

/** Throws a `DiagnosticError` with `kafka/certificate` where a file cannot be read. */
export function propertiesOf(settings: KafkaSettings): Properties {
  // The native client's own words on a file that is not there are hard to read.
  securityOf(settings);
  const { brokers, login, tls } = settings;
  return {
    "client.id": "moose",
    "bootstrap.servers": brokers.map(addressOf).join(","),
    "security.protocol": `${login === undefined ? "" : "sasl_"}${tls === undefined ? "plaintext" : "ssl"}`,
    ...(tls === undefined ? {} : filesOf(tls)),
    ...(login === undefined ? {} : saslOf(login)),
  };
}

function addressOf({ host, port }: KafkaSettings["brokers"][number]): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function filesOf({ ca, cert, key }: KafkaTls): Properties {
  return {
    ...(ca === undefined ? {} : { "ssl.ca.location": ca }),
    ...(cert === undefined ? {} : { "ssl.certificate.location": cert }),
    ...(key === undefined ? {} : { "ssl.key.location": key }),
  };
}

function saslOf(login: KafkaLogin): Properties {
  const { mechanism } = login;
  if (mechanism !== "OAUTHBEARER")
    return {
      "sasl.mechanisms": mechanism,
      "sasl.username": login.username,
      "sasl.password": login.password,
    };
  const ask = "token" in login ? () => Promise.resolve(login.token) : () => askToken(login);
  return { "sasl.mechanisms": mechanism, oauthbearer_token_refresh_cb: tokenRequest(ask) };
}

/** Asked for again before the token ends; where a token does not say when, so often. */
const tokenLifetimeMs = 300_000;

function tokenRequest(ask: () => Promise<string>): TokenRequest {
  return async () => {
    const tokenValue = await ask();
    const { exp, sub } = claimsOf(tokenValue);
    const lifetime = typeof exp === "number" ? exp * 1_000 : Date.now() + tokenLifetimeMs;
    return { tokenValue, lifetime, principal: typeof sub === "string" ? sub : "moose" };
  };
}

/** Of a token that is a JWT; the broker checks it, here only its times matter. */
function claimsOf(token: string): { readonly exp?: unknown; readonly sub?: unknown } {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
