// Certificates for one run, made by openssl: an authority, a server, and a client that it has signed.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  readonly authority: Pair;
  readonly server: Pair;
  readonly client: Pair;
}

export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), "moose-tls-"));
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const authority = files(folder, "authority");
  await run("openssl", [
    ...["req", "-x509", ...newKey, "-days", "2", "-subj", "/CN=authority"],
    ...["-keyout", authority.keyFile, "-out", authority.certFile],
  ]);
  const names = join(folder, "names.txt");
  await writeFile(names, "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  const signed = async (name: string): Promise<Pair> => {
    const pair = files(folder, name);
    const request = join(folder, `${name}.csr`);
    await run("openssl", [
      "req",
      ...newKey,
      "-subj",
      `/CN=${name}`,
      "-keyout",
      pair.keyFile,
      "-out",
      request,
    ]);
    await run("openssl", [
      ...["x509", "-req", "-in", request, "-days", "2", "-extfile", names, "-CAcreateserial"],
      ...["-CA", authority.certFile, "-CAkey", authority.keyFile, "-out", pair.certFile],
    ]);
    return read(pair);
  };
  const [server, client] = [await signed("server"), await signed("client")];
  return { authority: await read(authority), server, client };
}

function files(folder: string, name: string) {
  return { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}-key.pem`) };
}

async function read({ certFile, keyFile }: ReturnType<typeof files>): Promise<Pair> {
  const [cert, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
  return { certFile, keyFile, cert, key };
}
