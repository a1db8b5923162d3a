// Certificates for the tests: an authority, a broker on loopback, and a client, made with openssl.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificates {
  readonly ca: string;
  /** Certificate and key in one file, as Kafka wants it. */
  readonly broker: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

export function makeCertificates(folder: string): Certificates {
  const file = (name: string) => join(folder, name);
  const openssl = (...parameters: readonly string[]) =>
    execFileSync("openssl", parameters, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  openssl(...request, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority");
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key"];
  for (const [name, more] of [
    ["broker", ["-addext", "subjectAltName=IP:127.0.0.1"]],
    ["client", []],
  ] as const)
    openssl(
      ...[...request, ...signed, "-keyout", `${name}.key`, "-out", `${name}.pem`, "-subj", `/CN=${name}`],
      ...[...more, "-addext", "basicConstraints=critical,CA:FALSE"],
    );
  writeFileSync(
    file("broker.both.pem"),
    readFileSync(file("broker.key"), "utf8") + readFileSync(file("broker.pem"), "utf8"),
  );
  return {
    ca: file("ca.pem"),
    broker: file("broker.both.pem"),
    clientCert: file("client.pem"),
    clientKey: file("client.key"),
  };
}
