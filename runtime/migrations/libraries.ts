// Libraries that are loaded when they are first needed, in the middle of a function; `import` takes twice as long.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The parser of all of YAML, 40 ms: files as both tools write them are read without it. */
export function loadYaml(): typeof import("yaml") {
  return require("yaml");
}

/** Checks against JSON schemas, 30 ms. */
export function loadAjv(): typeof import("ajv") {
  return require("ajv");
}
