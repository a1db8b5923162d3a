// Part of the build: the commands in a few large files beside the compiled ones, for Node takes 0.3 ms to find and read
// each of 300 small ones. What other processes run, and the library that code imports, stays as it is.

import { readFile, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const compiled = fileURLToPath(new URL("../../dist/", import.meta.url));
const bundle = join(compiled, "bundle");

await rm(bundle, { recursive: true, force: true });
await build({
  entryPoints: [join(compiled, "runtime/cli/program.js")],
  outdir: bundle,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  logLevel: "warning",
  plugins: [{ name: "own-places", setup: (bundler) => bundler.onLoad({ filter: /\.js$/ }, withOwnPlace) }],
});

/** A module finds what lies beside it by its own place, which is another one in the bundle. */
async function withOwnPlace({ path }) {
  const text = await readFile(path, "utf8");
  if (/import\.meta\.(?!url\b)/.test(text))
    throw new Error(`${relative(dirname(compiled), path)}: only import.meta.url is known in a bundle`);
  const own = JSON.stringify(relative(bundle, path).split("\\").join("/"));
  const contents = text.replaceAll("import.meta.url", `new URL(${own}, import.meta.url).href`);
  return { contents, loader: "js" };
}
