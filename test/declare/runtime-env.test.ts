// mooseRuntimeEnv in code that moose runs, and in code that runs without it.

import { afterEach, describe, expect, test } from "vitest";
import { setRegistry } from "../../src/declare/registry.js";
import { mooseRuntimeEnv, setEnvironment } from "../../src/declare/runtime-env.js";

afterEach(() => {
  setRegistry(undefined);
  setEnvironment(() => undefined);
});

describe("while moose learns what the code declares", () => {
  test("a marker stands for the value, whether the variable is set or not", () => {
    setRegistry({ register: () => undefined });
    setEnvironment(() => "a value");
    expect(mooseRuntimeEnv.get("AWS_SECRET_ACCESS_KEY")).toBe("__MOOSE_RUNTIME_ENV__:AWS_SECRET_ACCESS_KEY");
  });

  test.each(["", "  ", "A B", "A'B", "1A"])("%j is no name of a variable", (name) => {
    setRegistry({ register: () => undefined });
    expect(() => mooseRuntimeEnv.get(name)).toThrow(/is no name of an environment variable/);
  });
});

test("in other code it is the value, or an error that names the variable", () => {
  setEnvironment((name) => (name === "THERE" ? "a value" : undefined));
  expect(mooseRuntimeEnv.get("THERE")).toBe("a value");
  expect(() => mooseRuntimeEnv.get("AWAY")).toThrow("the environment variable AWAY is not set");
});
