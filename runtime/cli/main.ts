#!/usr/bin/env node
// Where the `moose` command starts.

import module from "node:module";

// Compiled code is kept between runs where Node can do that, from 22 on.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();
const { mooseProgram } = await import("./program.js");
await (await mooseProgram(process.argv[2])).parseAsync();
