// Chromium for the tests of the page. Where there is none, they say so; in CI that is a failure.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of the browser; undefined where there is none. */
export const chromiumPath = [process.env.CHROMIUM_PATH ?? "", ...places].find(
  (path) => path !== "" && existsSync(path),
);

/** @throws when there is none */
export function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error("there is no chromium; `apt-get install -y chromium`");
  return chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
}
