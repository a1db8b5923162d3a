#!/usr/bin/env node
// Where the `moose` command starts.

import { mooseProgram } from "./program.js";

await mooseProgram(new URL("../../../package.json", import.meta.url)).parseAsync();
