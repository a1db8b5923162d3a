// Starts that cannot succeed: the exact text, exit code 1, and nothing touched; and those that succeed all the same.

import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startEmbedded } from "../../runtime/embedded/embedded.js";
import { Moose, type MooseOptions, runToEnd, startNow } from "../dev/moose.js";
import { anyPort, type Files } from "../dev/project.js";

const code = `import { OlapTable } from "@514labs/moose-lib";
interface Row { id: string; n: number }
export const a = new OlapTable<Row>("a", { orderByFields: ["id"] });
`;

/** What a start that fails prints. */
async function refusal(files: Files, options: MooseOptions = {}): Promise<string> {
  const moose = await runToEnd({ "app/index.ts": code, ...files }, options);
  expect(moose.end).toEqual({ code: 1, signal: null });
  expect(moose.stderr).toBe("");
  expect(moose.stdout).not.toMatch(/node:internal|dist.runtime/);
  return moose.plain(moose.stdout);
}

/** A server that answers each request in one way; gives its address. */
async function answering(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<string> {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a wrong value in the config file", async () => {
  const config = '[clickhouse_config]\nhost_port = "many"\n[watcher_config]\npoll = 3\n';
  expect(await refusal({ "moose.config.toml": config })).toMatchInlineSnapshot(`
    "error: moose.config.toml:2:1: \`clickhouse_config.host_port\` must be a port, 0 to 65535, but is "many".
    error: moose.config.toml:4:1: \`watcher_config.poll\` must be true or false, but is 3.
    "
  `);
});

test("an unknown key in the config file, with what was meant", async () => {
  expect(await refusal({ "moose.config.toml": `${anyPort}db_nam = "x"\n` })).toMatchInlineSnapshot(`
    "error: moose.config.toml:3:1: moose.config.toml has a key \`clickhouse_config.db_nam\` that moose does not know.
        Did you mean \`clickhouse_config.db_name\`?
    "
  `);
});

test("no entry file", async () => {
  const moose = await runToEnd({ "app/other.ts": code });
  expect(moose.end).toEqual({ code: 1, signal: null });
  expect(moose.plain(moose.stdout)).toMatchInlineSnapshot(`
    "error: There is no app/index.ts.
        moose loads this file and the files that it imports; tables that are not reached from it do not exist for moose.
        Create app/index.ts and export a table from it, \`export const events = new OlapTable<Event>("events", { orderByFields: ["id"] });\`, or set \`source_dir\` to the folder that has it.
    "
  `);
});

test("a port that is taken", async () => {
  const port = new URL(await answering(200, {}, "")).port;
  const text = await refusal({ "moose.config.toml": `[clickhouse_config]\nhost_port = ${port}\n` });
  expect(text.replaceAll(port, "PORT")).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: Port PORT on 127.0.0.1 is taken, so the embedded ClickHouse cannot listen there.
        listen EADDRINUSE: address already in use 127.0.0.1:PORT
        Stop what listens there, or choose another port.
    "
  `);
});

test("a data folder that another moose holds, which goes on", async () => {
  const holder = await Moose.start({ "app/index.ts": code });
  await holder.insert("local.a", [{ id: "x", n: 1 }]);
  const second = startNow(holder.project);
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(
    second
      .plain(second.stdout)
      .replaceAll(String(holder.pid), "PID")
      .replace(/at \d{4}-.*Z/, "at MOMENT"),
  ).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: Another process (pid PID) already runs the embedded ClickHouse on PROJECT/.moose/clickhouse, at http://127.0.0.1:PORT.
        It started at MOMENT.
        Stop process PID, or use its server: --clickhouse-url http://127.0.0.1:PORT
    "
  `);
  expect(await holder.rows("SELECT * FROM local.a")).toEqual([{ id: "x", n: 1 }]);
  expect(await holder.stop()).toEqual({ code: 0, signal: null });
});

test("a data folder that cannot be written", async () => {
  expect(await refusal({ ".moose": "a file in the way" })).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: The folder of the embedded ClickHouse, PROJECT/.moose/clickhouse, cannot be written.
        ENOTDIR: not a directory, mkdir 'PROJECT/.moose/clickhouse/data'
        Give yourself the right to write there, or move what is in its way.
    "
  `);
});

test("no server at the address", async () => {
  expect(await refusal({}, { args: ["--clickhouse-url", "http://127.0.0.1:9"] })).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: no ClickHouse server answers at http://127.0.0.1:PORT
        connect ECONNREFUSED 127.0.0.1:PORT
        check that the server runs and that host and HTTP port are right
    "
  `);
});

test("an address that is none", async () => {
  expect(await refusal({}, { args: ["--clickhouse-url", "localhost:8123"] })).toMatchInlineSnapshot(`
    "error: \`--clickhouse-url\` has no scheme.
        Write http://user:[HIDDEN]@host:8123/database, or https:// for a server with TLS.
    "
  `);
});

// The answer was recorded from the ClickHouse 18.16.1 of Debian 12, which is not part of this repository.
test("a server that is too old", async () => {
  const headers = { "Content-Type": "text/plain; charset=UTF-8", "X-ClickHouse-Server-Display-Name": "old" };
  const url = await answering(200, headers, '{"version":"18.16.1"}\n');
  expect(await refusal({}, { args: ["--clickhouse-url", url] })).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: the ClickHouse server at http://127.0.0.1:PORT is version 18.16.1; moose needs 24.8 or newer
        upgrade the server, or point --clickhouse-url to another one
    "
  `);
});

test("a server that is no ClickHouse", async () => {
  const url = await answering(404, { "Content-Type": "text/html" }, "<html>not here</html>");
  expect(await refusal({}, { args: ["--clickhouse-url", url] })).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: no ClickHouse server answers at http://127.0.0.1:PORT
        <html>not here</html>
        check that the server runs and that host and HTTP port are right
    "
  `);
});

test("a wrong password", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "moose-login-"));
  const server = await startEmbedded({ folder, port: 0, login: { user: "me", password: "right" } });
  onTestFinished(async () => {
    await server.stop();
    fs.rmSync(folder, { recursive: true });
  });
  const url = server.url.replace("//", "//me:wrong@");
  const text = await refusal({}, { args: ["--clickhouse-url", url] });
  expect(text).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: the ClickHouse server at http://127.0.0.1:PORT does not accept user me with this password
        correct user and password in [clickhouse_config], in MOOSE_CLICKHOUSE_CONFIG__USER and __PASSWORD, or in --clickhouse-url
    "
  `);
  expect(text).not.toContain("wrong@");
});

test("without the package chdb it says what to do", async () => {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), "moose-without-chdb-"));
  onTestFinished(() => fs.rmSync(copy, { recursive: true }));
  const home = fileURLToPath(new URL("../..", import.meta.url));
  for (const part of ["package.json", "dist"])
    fs.cpSync(path.join(home, part), path.join(copy, part), { recursive: true });
  fs.mkdirSync(path.join(copy, "node_modules"));
  for (const name of fs.readdirSync(path.join(home, "node_modules"))) {
    if (name === "chdb") continue;
    fs.symlinkSync(
      fs.realpathSync(path.join(home, "node_modules", name)),
      path.join(copy, "node_modules", name),
    );
  }
  const text = await refusal({}, { main: path.join(copy, "dist/runtime/cli/main.js") });
  expect(
    text.replace(`${process.platform} ${process.arch}`, "PLATFORM").replaceAll(fs.realpathSync(copy), "COPY"),
  ).toMatchInlineSnapshot(`
    "moose dev  PROJECT
    error: The embedded ClickHouse is not available: the package chdb is not installed for PLATFORM.
        Cannot find module 'chdb/package.json'
        Run \`npm install chdb\` (Linux with glibc, or macOS), or use a server: --clickhouse-url http://...
    "
  `);
});
