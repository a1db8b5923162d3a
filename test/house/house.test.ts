import { expect, test } from "vitest";
import { badCodes, collectDiagnosticCodes } from "./diagnostic-codes.js";
import { exceptions, judge } from "./exceptions.js";
import { defaultExports, longFiles, longFunctions, strangeTexts } from "./form-rules.js";
import { circularImports, foreignImports, upwardImports } from "./import-rules.js";
import { impurities } from "./purity-rule.js";
import { type Finding, readSources, type SourceText } from "./source.js";

const code = readSources(["src", "runtime"], (path) => path.endsWith(".ts"));

const rules: Readonly<Record<string, (sources: readonly SourceText[]) => readonly Finding[]>> = {
  "src imports nothing but itself and hashing": foreignImports,
  "a room imports only itself and the rooms below it": upwardImports,
  "no files import each other in a circle": circularImports,
  "src is pure": impurities,
  "no file is longer than 400 lines": longFiles,
  "no function is longer than 80 lines": longFunctions,
  "nothing is exported as default": defaultExports,
  "every diagnostic code begins with the name of a room": badCodes,
};

test("there is code to look at", () => {
  expect(code.length).toBeGreaterThan(20);
  expect(collectDiagnosticCodes(code).map((use) => use.code)).toContain("config/unknown-key");
  expect(collectDiagnosticCodes(code).map((use) => use.code)).toContain("config/wrong-type");
});

for (const [name, rule] of Object.entries(rules)) {
  test(name, () => {
    const findings = rule(code);
    const own = new Set(findings.map((finding) => finding.rule));
    expect(
      judge(
        findings,
        exceptions.filter((one) => own.has(one.rule)),
      ),
    ).toEqual([]);
  });
}

test("no text names the machine or place where it was written", () => {
  const texts = readSources(
    [
      "src",
      "runtime",
      "test",
      "examples",
      "docs",
      "README.md",
      "Dockerfile",
      "package.json",
      "package-lock.json",
      ".npmrc",
    ],
    (path) => /(\.(ts|mts|js|mjs|json|md|toml|yaml|yml|txt|html|css)|Dockerfile|\.npmrc)$/.test(path),
  );
  expect(texts.length).toBeGreaterThan(code.length);
  expect(judge(strangeTexts(texts), [])).toEqual([]);
});

test("each exception names a rule and a reason, and is needed", () => {
  const findings = Object.values(rules).flatMap((rule) => rule(code));
  expect(judge(findings, exceptions)).toEqual([]);
  for (const { reason } of exceptions) expect(reason.length).toBeGreaterThan(20);
});
