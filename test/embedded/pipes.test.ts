// The folder of the pipes goes, also while somebody puts files into it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { removePipes } from "../../runtime/embedded/pipes.js";
import { temporaryFolder } from "./harness.js";

/** Puts in one file after the other until the folder is gone. */
const filling = `
  const fs = require("node:fs");
  for (let n = 0; ; n++) {
    try {
      fs.writeFileSync(process.argv[1] + "/" + n, "");
    } catch {
      process.exit(0);
    }
  }
`;

test("a folder that is being filled is removed", async () => {
  for (let round = 0; round < 5; round++) {
    const folder = temporaryFolder();
    const filler = spawn(process.execPath, ["-e", filling, folder], { stdio: "ignore" });
    const ended = once(filler, "exit");
    try {
      await expect.poll(() => fs.existsSync(path.join(folder, "3")), { interval: 5 }).toBe(true);
      removePipes(folder);
      expect(fs.existsSync(folder)).toBe(false);
      expect(await ended).toEqual([0, null]);
    } finally {
      filler.kill("SIGKILL");
    }
  }
});
