// The status page in a real browser, over real servers: moose prod at its work, and moose dev at each save.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Moose } from "../dev/moose.js";
import { type LiveEngine, startLive, uniqueName } from "../live/live-engine.js";
import { ProdFolder } from "../prod/prod-process.js";
import { chromiumPath, launchBrowser } from "./browser.js";

const desktop = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };
/** On a busy machine a browser is slow too. */
const patienceMs = 60_000;

function schema(fields: string, options = "", more = ""): string {
  return `import { LifeCycle, OlapTable } from "@514labs/moose-lib";
interface Row { id: string; ${fields} }
export const events = new OlapTable<Row>("events", { orderByFields: ["id"]${options} });
${more}`;
}

const kept = `interface Bill { id: string; sum: number }
export const bills = new OlapTable<Bill>("bills", { orderByFields: ["id"], lifeCycle: LifeCycle.DELETION_PROTECTED });\n`;

describe.skipIf(chromiumPath === undefined)("the status page over real servers", () => {
  let browser: Browser;
  let engine: LiveEngine;
  beforeAll(async () => {
    [browser, engine] = await Promise.all([launchBrowser(), startLive()]);
  });
  afterAll(() => Promise.all([browser?.close(), engine?.stop()]));

  async function columnsOf(database: string): Promise<readonly string[]> {
    const rows = await engine.clickhouse.rows<{ name: string; type: string }>(
      "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = 'events' ORDER BY position",
      { database },
    );
    return rows.map(({ name, type }) => `${name} ${type}`);
  }

  async function open(url: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
    const context = await browser.newContext({ viewport: desktop, timezoneId: "Europe/London" });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(url);
    return { page, complaints };
  }

  const operation = (page: Page, name: string) =>
    page.getByRole("listitem").filter({ has: page.getByRole("heading", { name }) });

  /** The whole page at both widths, into the folder SCREENSHOTS, where that is given; nothing may be cut off in either. */
  async function look(page: Page, name: string): Promise<void> {
    for (const [device, viewport] of [
      ["desktop", desktop],
      ["phone", phone],
    ] as const) {
      await page.setViewportSize(viewport);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(viewport.width);
      const folder = process.env.SCREENSHOTS;
      if (folder === undefined) continue;
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${name}-${device}.png`), fullPage: true });
    }
    await page.setViewportSize(desktop);
  }

  test("of moose prod: the plan, why something is blocked, an approval, and the progress that it leads to", async () => {
    const name = uniqueName("paged");
    const database = `${name}_db`;
    const project = new ProdFolder({
      "package.json": JSON.stringify({ name, type: "module" }),
      "app/index.ts": schema("n: string; gone: string", "", kept),
    });
    onTestFinished(() => project.remove());
    const clickhouseUrl = `${engine.url.replace("//", "//default:@")}/${database}`;
    const first = await project.start(clickhouseUrl);
    await first.until(({ phase }) => phase === "ready", patienceMs);
    first.child.kill("SIGTERM");
    await first.ended;
    await engine.clickhouse.command(
      `INSERT INTO ${database}.events SELECT toString(number), toString(number), '' FROM numbers(3000000)`,
    );
    await engine.clickhouse.command(`INSERT INTO ${database}.bills VALUES ('a', 1)`);
    // A type that narrows waits for an approval and then takes a while; a protected table is not dropped.
    project.write("app/index.ts", schema("n: number"));
    const server = await project.start(clickhouseUrl);
    const { page, complaints } = await open(`${server.url}/admin`);
    await page.getByLabel("Token of the admin routes").fill(project.token);
    await page.getByRole("button", { name: "Show status" }).click();
    await page.getByRole("heading", { name: "Blocked", level: 1 }).waitFor();
    const bills = operation(page, `Drop table ${database}.bills`);
    await bills.getByText("is DELETION_PROTECTED and this would destroy data").waitFor();
    expect(await bills.getByRole("button").count()).toBe(0);
    const gone = operation(page, `Drop table column ${database}.events.gone`);
    await gone.getByText("Waits for an approval:").waitFor();
    expect(await gone.getByText(/DROP COLUMN `gone`/).isVisible()).toBe(true);
    await look(page, "prod-blocked");
    await page.evaluate(watchWords);
    await gone.getByRole("button", { name: "Approve" }).click();
    await expect.poll(() => columnsOf(database), { timeout: patienceMs }).toEqual(["id String", "n String"]);
    await gone.waitFor({ state: "detached" });
    const narrowed = operation(page, `Modify table column ${database}.events.n`);
    // Held up, so that the browser cannot miss it: a stopped table rewrites nothing.
    await engine.clickhouse.command(`SYSTEM STOP MERGES ${database}.events`);
    await narrowed.getByRole("button", { name: "Approve" }).click();
    await narrowed.getByText("running").waitFor();
    await engine.clickhouse.command(`SYSTEM START MERGES ${database}.events`);
    await narrowed.waitFor({ state: "detached" });
    expect(await columnsOf(database)).toEqual(["id String", "n Float64"]);
    const seen: readonly string[] = await page.evaluate("[...window.seenWords]");
    expect(seen).toEqual(expect.arrayContaining(["Applying", "running"]));
    await look(page, "prod-approved");
    expect(complaints).toEqual([]);
  }, 300_000);

  test("of moose dev: it asks for no token, follows each save without a reload, and takes a table over at a click", async () => {
    const moose = await Moose.start({ "app/index.ts": schema("n: number") });
    const { page, complaints } = await open(await moose.pageUrl());
    await page.getByRole("heading", { name: "Ready", level: 1 }).waitFor();
    expect(await page.getByLabel("Token of the admin routes").isVisible()).toBe(false);
    expect(await page.getByRole("button", { name: "Forget token" }).isVisible()).toBe(false);
    await operation(page, "Create table local.events").getByText("applied", { exact: true }).waitFor();
    await page.evaluate("window.isSamePage = true");
    moose.project.save({ "app/index.ts": schema("n: number; country: string") });
    const added = operation(page, "Add table column local.events.country");
    await added.getByText("applied", { exact: true }).waitFor();
    await look(page, "dev-saved");
    moose.project.save({ "app/index.ts": schema("n: number; country: strin") });
    await page.getByRole("heading", { name: "Failed", level: 1 }).waitFor();
    await page.getByText("app/index.ts:2:").waitFor();
    await look(page, "dev-broken");
    await moose.command("CREATE TABLE local.bills (id String) ENGINE = MergeTree ORDER BY id");
    moose.project.save({ "app/index.ts": schema("n: number; country: string", "", kept) });
    const bills = operation(page, "Add table column local.bills.sum");
    await bills.getByText("exists already and was not made by moose").waitFor();
    await look(page, "dev-blocked");
    await bills.getByRole("button", { name: "Approve" }).click();
    await bills.getByText("applied", { exact: true }).waitFor();
    await page.getByRole("heading", { name: "Ready", level: 1 }).waitFor();
    expect(await page.evaluate("window.isSamePage")).toBe(true);
    expect(complaints).toEqual([]);
  }, 300_000);
});

/** Runs in the page: notes each phase and each state of an operation that is shown, however briefly. */
const watchWords = `(() => {
  window.seenWords = new Set();
  const note = () => {
    for (const one of document.querySelectorAll("#phase, #operations .tag")) window.seenWords.add(one.textContent);
  };
  new MutationObserver(note).observe(document.getElementById("report"), { childList: true, characterData: true, subtree: true });
})()`;
