// Keeps the README true: its commands and settings are the real ones, its two lines exist.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mooseProgram } from "../../runtime/cli/program.js";
import type { Key } from "../../runtime/config/key.js";
import { usedKeys } from "../../runtime/config/keys.js";

const path = new URL("../../README.md", import.meta.url);
const packageFile = new URL("../../package.json", import.meta.url);
const readme = readFileSync(path, "utf8");

function section(name: string): string {
  return (
    new RegExp(`<!-- ${name} -->\n([\\s\\S]*?)\n?<!-- /${name} -->`).exec(readme)?.[1] ?? "no such section"
  );
}

/** `UPDATE_README=1 npx vitest run --config test/vitest.config.ts test/readme` writes what is expected. */
function expectSection(name: string, expected: string): void {
  if (process.env.UPDATE_README !== undefined) {
    const written = readFileSync(path, "utf8").replace(
      new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- /${name} -->`),
      () => `<!-- ${name} -->\n${expected}\n<!-- /${name} -->`,
    );
    writeFileSync(path, written);
    return;
  }
  expect(section(name)).toBe(expected);
}

test("the README shows the help text of every command", async () => {
  const program = await mooseProgram();
  const commands = program.commands.flatMap((command) =>
    command.commands.length === 0 ? [command] : command.commands,
  );
  const helps = commands.map((command) => {
    command.configureHelp({ helpWidth: 100 });
    return `\`\`\`text\n${command.helpInformation().trim()}\n\`\`\``;
  });
  expectSection("commands", helps.join("\n\n"));
});

test("the README lists every setting that is used, with its default", () => {
  const rows = usedKeys.map((key: Key) => `| \`${key.path}\` | ${defaultText(key)} | ${key.meaning} |`);
  expectSection("settings", ["| key | default | meaning |", "|---|---|---|", ...rows].join("\n"));
});

function defaultText(key: Key): string {
  return key.default === undefined ? "" : `\`${JSON.stringify(key.default)}\``;
}

test("the README's two lines name scripts that exist", () => {
  const { scripts } = JSON.parse(readFileSync(packageFile, "utf8"));
  expect(readme).toContain("\nnpm install && npm start\n");
  expect(readme).toContain("\nnpm install && npm test\n");
  expect(scripts).toMatchObject({
    start: expect.stringContaining("examples/01-first-table"),
    test: expect.any(String),
  });
  expect(readFileSync(new URL("../../.ci/run", import.meta.url), "utf8")).toContain(
    "npm install && npm test",
  );
});
