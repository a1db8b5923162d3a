#!/usr/bin/env node
// Where the `moose` command starts.

import { setFlagsFromString } from "node:v8";
import { heapOptions } from "../config/heap.js";
import { mooseProgram } from "./program.js";

for (const option of heapOptions(4)) setFlagsFromString(option);

await mooseProgram(new URL("../../../package.json", import.meta.url)).parseAsync();
