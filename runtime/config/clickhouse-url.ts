// Reads the address of a ClickHouse server in one piece: `https://user:password@host:8443/database?setting=value`.

/** The parts of an address; those it does not name are `undefined`. */
export interface ClickHouseAddress {
  /** `http` or `https` with host and port, no slash at the end. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  /** ClickHouse settings, from the query part. */
  readonly options: Readonly<Record<string, string>>;
}

export type ParsedAddress =
  | { readonly ok: true; readonly address: ClickHouseAddress }
  /** `problem` completes the sentence "The address ..." and never contains the user or password. */
  | { readonly ok: false; readonly problem: string; readonly hint?: string | undefined };

const form = "Write http://user:password@host:8123/database, or https:// for a server with TLS.";
const encodeHint = `${form} In user and password, write special characters as %40 for @, %2F for /, %23 for #.`;

/**
 * Parses the address. `clickhouse://` stands for http, or https with `?secure=true`. Without a port it is 8123,
 * for https 8443.
 *
 * @example
 * parseClickHouseUrl("https://me:pw@example.com/db") // { ok: true, address: { url: "https://example.com:8443", .. } }
 */
export function parseClickHouseUrl(text: string): ParsedAddress {
  const [, scheme, authority, rest] =
    /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s.exec(text.trim()) ?? [];
  if (scheme === undefined || authority === undefined) return fail("has no scheme", form);
  if (!schemes.has(scheme.toLowerCase())) return fail(`has the unknown scheme "${scheme}"`, form);
  // The scheme http keeps the rules of special URLs, whatever the scheme at hand.
  const url = parseOrNull(`http://${authority}${rest}`);
  if (url === null || url.hostname === "") return fail("cannot be read", encodeHint);
  if (url.hash !== "") return fail("has a #", encodeHint);
  return assemble(scheme.toLowerCase(), explicitPort(authority), url);
}

const schemes: ReadonlySet<string> = new Set(["http", "https", "clickhouse"]);

function parseOrNull(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** The URL class drops a port that is the scheme's default, 80 or 443. */
function explicitPort(authority: string): string | undefined {
  return /:(\d+)$/.exec(authority)?.[1];
}

function assemble(scheme: string, port: string | undefined, url: URL): ParsedAddress {
  const { user, password, database, secure, options } = queryParts(url);
  const tls = scheme === "https" || secure === true;
  if (scheme === "http" && secure === true) return fail("says http and secure at once", "Write https://.");
  const names = [url.username, url.password, url.pathname.replace(/^\/|\/$/g, "")].map(decoded);
  const [userOfUrl, passwordOfUrl, databaseOfUrl] = names;
  if (names.includes(undefined)) return fail("has a % that begins no %XX", encodeHint);
  if (databaseOfUrl?.includes("/")) return fail("has a path of more than one name", form);
  if (port !== undefined && nativePorts.has(Number(port))) {
    return fail(`has port ${port}, the native protocol`, `moose speaks HTTP: try port ${tls ? 8443 : 8123}.`);
  }
  return {
    ok: true,
    address: {
      url: `${tls ? "https" : "http"}://${url.hostname}:${port === undefined ? (tls ? 8443 : 8123) : Number(port)}`,
      user: userOfUrl || user,
      password: passwordOfUrl || password,
      database: databaseOfUrl || database,
      options,
    },
  };
}

const nativePorts: ReadonlySet<number> = new Set([9000, 9440]);

interface QueryParts {
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly secure: boolean | undefined;
  readonly options: Readonly<Record<string, string>>;
}

/** `user`, `password`, `database` and `secure` (or `ssl`) are parts of the address; the rest are settings. */
function queryParts(url: URL): QueryParts {
  const values = new Map(url.searchParams);
  const take = (name: string): string | undefined => {
    const value = values.get(name);
    values.delete(name);
    return value;
  };
  const secure = [take("secure"), take("ssl")].find((value) => value !== undefined);
  return {
    user: take("user") ?? take("username"),
    password: take("password"),
    database: take("database"),
    secure: secure === undefined ? undefined : !["false", "0", "no"].includes(secure.toLowerCase()),
    options: Object.fromEntries(values),
  };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function fail(problem: string, hint: string): ParsedAddress {
  return { ok: false, problem, hint };
}
