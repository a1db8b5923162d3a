// The commands as the build leaves them: in few files, whose modules find what lies beside them all the same.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const dist = new URL("../../dist/", import.meta.url);
const main = fileURLToPath(new URL("runtime/cli/main.js", dist));

test("a command is read from few files", () => {
  const folder = mkdtempSync(join(tmpdir(), "moose-bundle-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync(process.execPath, [main, "migrate", "--help"], {
    env: { ...process.env, NODE_V8_COVERAGE: folder },
  });
  const read = readdirSync(folder).flatMap((name): { readonly url: string }[] => {
    return JSON.parse(readFileSync(join(folder, name), "utf8")).result;
  });
  const own = read.map(({ url }) => url).filter((url) => url.startsWith(dist.href));
  expect(own.filter((url) => !url.includes("/dist/bundle/"))).toEqual([
    new URL("runtime/cli/main.js", dist).href,
  ]);
  expect(own.length).toBeLessThan(80);
});

test("no module is at a place that is not its own", () => {
  const folder = new URL("bundle/", dist);
  const places = readdirSync(folder).flatMap((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    return [...text.matchAll(/(?:new URL\("([^"]+)", )?import\.meta\.url/g)].map(([, path]) => path);
  });
  expect(places.length).toBeGreaterThan(5);
  for (const path of places)
    expect(readFileSync(new URL(path ?? "unknown", folder), "utf8")).toContain("import.meta.url");
});
