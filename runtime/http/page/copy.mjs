// Part of the build: puts the files of the status page beside the compiled code, which does not take them along.

import { copyFile, mkdir, readdir } from "node:fs/promises";

const from = new URL("./", import.meta.url);
const to = new URL("../../../dist/runtime/http/page/", import.meta.url);

await mkdir(to, { recursive: true });
for (const name of await readdir(from))
  if (/\.(html|css|js|svg)$/.test(name)) await copyFile(new URL(name, from), new URL(name, to));
