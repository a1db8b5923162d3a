#!/usr/bin/env node
// Where the `moose` command starts.

import { existsSync } from "node:fs";
import module from "node:module";

// Compiled code is kept between runs where Node can do that, from 22 on.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();
// The build puts the commands into few files, which are read in half the time; after tsc alone they are those of before.
const bundle = new URL("../../bundle/program.js", import.meta.url);
const program = existsSync(bundle) ? bundle.href : "./program.js";
const { mooseProgram } = (await import(program)) as typeof import("./program.js");
await (await mooseProgram(process.argv[2])).parseAsync();
