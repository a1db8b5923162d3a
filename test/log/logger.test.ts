import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createLogger, type Logger, type LoggerOptions } from "../../runtime/log/logger.js";

/** The lines that `use` writes, parsed. */
function linesOf(
  use: (log: Logger) => void,
  options: LoggerOptions = {},
): readonly Record<string, unknown>[] {
  const lines: string[] = [];
  use(createLogger({ ...options, destination: { write: (line) => void lines.push(line) } }));
  return lines.map((line) => {
    expect(line.endsWith("\n")).toBe(true);
    return JSON.parse(line);
  });
}

test("a line is JSON with level, time, message and fields", () => {
  const [line, ...rest] = linesOf((log) => log.info({ table: "local.events", n: 3 }, "created"));
  expect(rest).toEqual([]);
  expect(line).toMatchObject({ level: 30, pid: process.pid, msg: "created", table: "local.events", n: 3 });
  expect(line?.time).toBeTypeOf("number");
});

test("lines below the level are not written, and silent writes none", () => {
  const use = (log: Logger) => {
    log.debug("a");
    log.info("b");
    log.fatal("c");
  };
  expect(linesOf(use).map((line) => line.msg)).toEqual(["b", "c"]);
  expect(linesOf(use, { level: "debug" })).toHaveLength(3);
  expect(linesOf(use, { level: "silent" })).toEqual([]);
});

test("message, arguments, errors with causes, nested fields, names and child loggers are all cleaned", () => {
  const secret = 'ge"heim\\x';
  const lines = linesOf(
    (log) => {
      const cause = new Error(`cause ${secret}`);
      log.info(`message ${secret}`);
      log.info("argument %s", secret);
      log.error(new Error(`top ${secret}`, { cause }));
      log.info({ a: { b: [{ c: `x${secret}` }] }, [`key ${secret}`]: 1 });
      log.child({ bound: secret }).info("child");
      log.info({ err: Object.assign(new Error("x"), { url: `http://u:${encodeURIComponent(secret)}@h` }) });
    },
    { secrets: [secret] },
  );
  expect(lines).toHaveLength(6);
  const text = JSON.stringify(lines);
  expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
  expect(text).not.toContain("heim");
  expect(text.match(/\[HIDDEN\]/g)?.length).toBeGreaterThanOrEqual(8);
});

test("fields with the name of a secret are hidden whole, others of similar name are not", () => {
  const [line] = linesOf((log) =>
    log.info({
      password: "ab",
      adminToken: "cd",
      nested: { api_key: 12 },
      tokens: 5,
      passwordSet: true,
      token: undefined,
    }),
  );
  expect(line).toMatchObject({
    password: "[HIDDEN]",
    adminToken: "[HIDDEN]",
    nested: { api_key: "[HIDDEN]" },
    tokens: 5,
    passwordSet: true,
  });
});

test("whatever object is logged, the secret is not in the line and the line is JSON", () => {
  const secret = "s3cr3t/+word";
  const withSecret = fc.string({ maxLength: 8 }).map((text) => `${text}${secret}${text}`);
  const field = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      withSecret,
      fc.jsonValue(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.oneof(withSecret, fc.string()), tie("value"), { maxKeys: 3 }),
    ),
  })).value;
  fc.assert(
    fc.property(field, (value) => {
      const lines = linesOf((log) => log.info({ value }, "x"), { secrets: [secret] });
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines)).not.toContain(secret);
    }),
  );
});

test("by default the lines go to standard error at once, also when the process exits right away", () => {
  const logger = new URL("../../runtime/log/logger.ts", import.meta.url).href;
  const code = `import { createLogger } from ${JSON.stringify(logger)};
createLogger({ secrets: ["geheim"] }).info("it is geheim");
process.exit(3);`;
  const run = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect(run.status).toBe(3);
  expect(run.stdout).toBe("");
  expect(JSON.parse(run.stderr)).toMatchObject({ msg: "it is [HIDDEN]" });
});
