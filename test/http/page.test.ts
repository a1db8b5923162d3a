import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ServerStatus } from "../../src/status/server-status.js";
import { chromiumPath, launchBrowser } from "./browser.js";
import { adminToken, readToken, type TestServer, testServer } from "./harness.js";
import { planId } from "./routes.js";
import { blocked, ready } from "./statuses.js";

const isMissing = chromiumPath === undefined;
const isCi = Boolean(process.env.CI);
if (isMissing && !isCi)
  process.stderr.write(
    "\n*** THE TESTS OF THE STATUS PAGE ARE SKIPPED: there is no chromium (apt-get install -y chromium) ***\n\n",
  );

test.runIf(isCi)("there is a browser for the tests of the page", () => {
  expect(chromiumPath).toBeDefined();
});

/** As it is seen. */
function textOf(where: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden by the layout does not count
  return where.innerText();
}

describe.skipIf(isMissing)("the status page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  interface Opened extends TestServer {
    readonly page: Page;
    readonly url: string;
    /** What the browser complained of: scripts that failed, and what the policy did not let through. */
    readonly complaints: string[];
  }

  async function open(
    status: ServerStatus,
    {
      context = {},
      options = {},
    }: { context?: BrowserContextOptions; options?: Parameters<typeof testServer>[1] } = {},
  ): Promise<Opened> {
    const server = testServer(status, { limits: { eventIntervalMs: 20 }, ...options });
    const url = `${await server.app.listen({ host: "127.0.0.1", port: 0 })}${options?.pathPrefix ?? ""}`;
    const own = await browser.newContext({ timezoneId: "Europe/London", ...context });
    onTestFinished(async () => {
      await own.close();
      await server.app.close();
    });
    const page = await own.newPage();
    page.setDefaultTimeout(20_000);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // The browser itself notes each answer that is no success.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        complaints.push(message.text());
    });
    await page.goto(`${url}/admin`);
    return { ...server, page, url, complaints };
  }

  async function enter(page: Page, token = adminToken.token): Promise<void> {
    await page.getByLabel("Token of the admin routes").fill(token);
    await page.getByRole("button", { name: "Show status" }).click();
  }

  const operation = (page: Page, name: string) =>
    page.getByRole("listitem").filter({ has: page.getByRole("heading", { name }) });

  test("the plan is seen with its reasons, its sizes, and its statements when unfolded", async () => {
    const { page, complaints } = await open(blocked);
    await enter(page);
    await page.getByRole("heading", { name: "Blocked", level: 1 }).waitFor();
    await expect.poll(() => page.title()).toBe("Blocked · shop · moose");
    expect(await page.locator("#operations > li").count()).toBe(4);
    const modify = operation(page, "Modify table column local.orders.amount");
    expect(await textOf(modify)).toContain("another type in code · mutation · 48,210,554 rows · 3.0 GiB");
    const sql = modify.getByText("MODIFY COLUMN `amount` Decimal(18, 4);");
    expect(await sql.isVisible()).toBe(false);
    await modify.getByText("1 statement").click();
    expect(await sql.isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("why an operation is blocked, and what would let it go on, is seen", async () => {
    const { page } = await open(blocked);
    await enter(page);
    const drop = operation(page, "Drop table local.invoices");
    await drop.waitFor();
    expect(await textOf(drop)).toContain("Blocked: The table was last applied as DELETION_PROTECTED.");
    expect(await textOf(drop)).toContain(
      "To go on: Bring it back in code, or apply it once as FULLY_MANAGED.",
    );
    expect(await drop.getByRole("button").count()).toBe(0);
  });

  test("who approves sees what is approved; the click reaches the server, and the page shows what comes of it", async () => {
    const { page, port } = await open(blocked);
    await enter(page);
    const drop = operation(page, "Drop table column local.users.phone");
    await drop.waitFor();
    expect(await drop.getByText("ALTER TABLE `local`.`users` DROP COLUMN `phone`;").isVisible()).toBe(true);
    await drop.getByRole("button", { name: "Approve" }).click();
    await drop.getByText("running", { exact: true }).waitFor();
    expect(port.decided).toMatchObject([{ what: "approve", planId, operationId: "3" }]);
    expect(await textOf(drop)).toContain("Approved by token");
    expect(await drop.getByRole("button").count()).toBe(0);
  });

  test("a rejection reaches the server too", async () => {
    const { page, port } = await open(blocked);
    await enter(page);
    const drop = operation(page, "Drop table column local.users.phone");
    await drop.getByRole("button", { name: "Reject" }).click();
    await drop.getByText("Rejected by token").waitFor();
    expect(port.decided).toMatchObject([{ what: "reject", operationId: "3" }]);
  });

  test("progress is seen as it comes, and what is unfolded or focused stays so", async () => {
    const { page, port } = await open(blocked);
    await enter(page);
    const modify = operation(page, "Modify table column local.orders.amount");
    await modify.getByText("42 %").waitFor();
    await modify.getByText("1 statement").click();
    for (const progress of [0.5, 0.75, 0.99]) {
      port.show(withProgress(progress));
      await modify.getByText(`${progress * 100} %`).waitFor();
    }
    expect(await modify.locator("progress").getAttribute("value")).toBe("0.99");
    expect(await modify.locator("details").getAttribute("open")).not.toBeNull();
    expect(await page.evaluate("document.activeElement.getAttribute('data-role')")).toBe("statements");
    port.show(ready);
    await page.getByRole("heading", { name: "Ready", level: 1 }).waitFor();
    await page.getByText("Nothing is to be done.").waitFor();
  });

  function withProgress(progress: number): ServerStatus {
    const operations =
      blocked.plan?.operations.map((one) => (one.id === "2" ? { ...one, progress } : one)) ?? [];
    return { ...blocked, plan: { id: planId, basedOn: "x", operations } };
  }

  test("resources, drift, history and what is not managed are seen", async () => {
    const { page } = await open(blocked);
    await enter(page);
    const row = page.getByRole("row").filter({ hasText: "local.orders_by_day" });
    await row.waitFor();
    expect(await textOf(row)).toMatch(/materialized view\s+FULLY_MANAGED\s+in-sync/);
    const stream = page
      .getByRole("row")
      .filter({ hasText: "DELETION_PROTECTED" })
      .filter({ hasText: "topic" });
    expect(await textOf(stream)).toMatch(
      /in-sync\s+40,112 messages\s+reporting: 1,204 behind, nobody reads\s+billing: all read/,
    );
    const away = page.getByRole("row").filter({ hasText: "clicks" }).filter({ hasText: "topic" });
    expect(await textOf(away)).toMatch(/in-sync\s+messages not known: Nothing answers at kafka:9092\./);
    const drift = page.getByRole("region", { name: "Drift" });
    expect(await textOf(drift)).toMatch(
      /column referrer: type\s+As applied\s*String\s+As it is\s*LowCardinality\(String\)/,
    );
    const history = page.getByRole("region", { name: "History" });
    await history.getByText("anna on laptop").waitFor();
    expect(await textOf(history)).toContain("6 statements done, 1 failed");
    await page.getByText("2 tables not managed").click();
    expect(await page.getByText("local.tmp_backfill").isVisible()).toBe(true);
  });

  test("a token that is not valid is said to be so, and is not kept", async () => {
    const { page } = await open(blocked);
    await enter(page, "wrong");
    await page.getByRole("alert").filter({ hasText: "The token is not valid." }).waitFor();
    expect(
      await page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + document.cookie"),
    ).toBe("{}{}");
  });

  test("a token is kept in the tab alone, until it is forgotten", async () => {
    const { page, url } = await open(blocked);
    await enter(page);
    await page.getByRole("heading", { name: "Blocked", level: 1 }).waitFor();
    expect(await page.evaluate("JSON.stringify(localStorage) + document.cookie")).toBe("{}");
    expect(page.url()).toBe(`${url}/admin`);
    await page.reload();
    await page.getByRole("heading", { name: "Blocked", level: 1 }).waitFor();
    await page.getByRole("button", { name: "Forget token" }).click();
    await page.getByLabel("Token of the admin routes").waitFor();
    expect(await page.evaluate("JSON.stringify(sessionStorage)")).toBe("{}");
  });

  test("a token that only reads sees everything, and is told why it cannot approve", async () => {
    const { page, port } = await open(blocked);
    await enter(page, readToken.token);
    const approve = page.getByRole("button", { name: "Approve" });
    await approve.click();
    await page.getByRole("alert").filter({ hasText: "The token may only read." }).waitFor();
    expect(await approve.isEnabled()).toBe(true);
    expect(port.decided).toEqual([]);
  });

  test("when the server is gone the page says so, and goes on when it is back", async () => {
    const { page, app, port, url } = await open(blocked);
    await enter(page);
    await page.getByText("live", { exact: true }).waitFor();
    const { port: tcpPort } = new URL(url);
    await app.close();
    await page.getByText("reconnecting").waitFor();
    const again = testServer(ready).app;
    await again.listen({ host: "127.0.0.1", port: Number(tcpPort) });
    onTestFinished(() => again.close());
    await page.getByRole("heading", { name: "Ready", level: 1 }).waitFor();
    await page.getByText("live", { exact: true }).waitFor();
    expect(port.listeners).toBe(0);
  });

  test("texts of the server are never read as HTML", async () => {
    const evil = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
    const operations =
      blocked.plan?.operations.map((one) => ({
        ...one,
        reason: evil,
        sql: [evil],
        error: evil,
        address: evil,
      })) ?? [];
    const { page, complaints } = await open({
      ...blocked,
      unmanaged: [evil],
      project: evil,
      plan: { id: evil, basedOn: "x", operations },
      diagnostics: [{ code: "http/x", severity: "error", summary: evil, detail: evil, hint: evil }],
    });
    await enter(page);
    await page.getByText("destroys data").first().waitFor();
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).not.toBe("taken");
    expect(complaints).toEqual([]);
  });

  test("it can be used with the keyboard alone", async () => {
    const { page, port } = await open(blocked);
    await page.getByLabel("Token of the admin routes").waitFor();
    await page.keyboard.type(adminToken.token);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Blocked", level: 1 }).waitFor();
    for (let n = 0; n < 30 && (await page.evaluate("document.activeElement.textContent")) !== "Approve"; n++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => port.decided.length).toBe(1);
  });

  test("every control has a name, headings do not skip a level, and changes are announced", async () => {
    const { page, port } = await open(blocked);
    await enter(page);
    await page.getByText("destroys data").first().waitFor();
    const levels = await page
      .locator("#report :is(h1, h2, h3)")
      .evaluateAll((all) =>
        all.filter((one) => one.checkVisibility()).map((one) => Number(one.tagName.slice(1))),
      );
    expect(levels[0]).toBe(1);
    for (const [at, level] of levels.entries())
      expect(level - (levels[at - 1] ?? level)).toBeLessThanOrEqual(1);
    for (const role of ["banner", "main", "contentinfo"] as const)
      expect(await page.getByRole(role).count()).toBe(1);
    for (const button of await page.getByRole("button").all())
      expect((await button.getAttribute("aria-label")) ?? (await textOf(button))).toMatch(/\w/);
    expect(await textOf(page.locator("[aria-live=polite]"))).toBe("blocked, 1 of 4 operations done");
    port.show(ready);
    await expect.poll(() => textOf(page.locator("[aria-live=polite]"))).toBe("ready, 0 of 0 operations done");
  });

  test.each([
    ["a phone", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
    ["a desktop", { viewport: { width: 1280, height: 800 } }],
  ] as const)("on %s nothing is cut off, and buttons are large enough to be touched", async (_, context) => {
    const { page } = await open(blocked, { context });
    await enter(page);
    await page.getByText("destroys data").first().waitFor();
    const width = context.viewport.width;
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    for (const button of await page.getByRole("button").all())
      expect((await button.boundingBox())?.height ?? 0).toBeGreaterThanOrEqual(36);
  });

  test.each(["light", "dark"] as const)(
    "in %s colours every text has a contrast of 4.5 to 1 to what is behind it",
    async (colorScheme) => {
      const { page } = await open(blocked, { context: { colorScheme } });
      await enter(page);
      await page.getByText("destroys data").first().waitFor();
      const low = await page.evaluate(lowContrasts);
      expect(low).toEqual([]);
    },
  );

  test("it works below a path prefix", async () => {
    const { page, complaints } = await open(blocked, { options: { pathPrefix: "/analytics" } });
    await enter(page);
    await page.getByRole("heading", { name: "Blocked", level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("it loads nothing from elsewhere", async () => {
    const { page, url } = await open(blocked);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.reload();
    await enter(page);
    await page.getByText("destroys data").first().waitFor();
    expect(asked.length).toBeGreaterThan(6);
    expect(asked.filter((one) => !one.startsWith(url))).toEqual([]);
  });

  test.runIf(process.env.UPDATE_SCREENSHOT !== undefined)("the screenshot of the README", async () => {
    const context = { viewport: { width: 1000, height: 1090 }, colorScheme: "light" } as const;
    const { page } = await open(blocked, { context });
    await enter(page);
    await page.getByText("live", { exact: true }).waitFor();
    await page.screenshot({ path: fileURLToPath(new URL("../../docs/status-page.png", import.meta.url)) });
  });
});

/** Runs in the page: texts whose contrast is below 4.5 to 1. */
const lowContrasts = `(() => {
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const backOf = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const back = parse(getComputedStyle(at).backgroundColor);
      if (back[3] === undefined || back[3] === 1) return back;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const one of document.body.querySelectorAll("*")) {
    const hasText = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
    if (!hasText || !one.checkVisibility()) continue;
    const [a, b] = [luminance(parse(getComputedStyle(one).color)), luminance(backOf(one))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push(one.textContent.trim().slice(0, 40) + " " + contrast.toFixed(2));
  }
  return found;
})()`;
