import fc from "fast-check";
import { expect, test } from "vitest";
import { databaseWord } from "../../runtime/config/project-name.js";
import { lines, settingsOf } from "./project.js";

test("a package name becomes a word", () => {
  expect(databaseWord("@acme/Web-Analytics")).toBe("acme_web_analytics");
  expect(databaseWord("shop")).toBe("shop");
  expect(databaseWord("2048")).toBe("p_2048");
  expect(databaseWord("数据")).toBe("project_5440f742");
});

test("any name becomes a word of at most 40 characters, and the same one each time", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), (name) => {
      expect(databaseWord(name)).toMatch(/^[a-z][a-z0-9_]{0,39}$/);
      expect(databaseWord(name)).toBe(databaseWord(name));
    }),
  );
});

test("long names that differ at the end stay different", () => {
  expect(databaseWord(`${"a".repeat(60)}1`)).not.toBe(databaseWord(`${"a".repeat(60)}2`));
});

test("without a name in package.json the folder names the project", async () => {
  const { settings } = await settingsOf({ files: { "package.json": "{}" } });
  expect(settings.project).toMatch(/^moose_config_[a-z0-9_]+$/);
});

test("a package.json that is no JSON is an error, as the project would get another name", async () => {
  const { diagnostics } = await settingsOf({ files: { "package.json": '{\n  "name": x\n}' } });
  expect(lines(diagnostics)).toEqual([
    expect.stringMatching(
      /^error package\.json:\d:\d+ config\/package-json: package\.json is not valid JSON\.$/,
    ),
  ]);
});
