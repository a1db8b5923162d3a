// The library as programs import it that moose does not run: the declarations, and a way to the project's ClickHouse.

import { setDatabase } from "../../src/declare/query-port.js";
import { setEnvironment } from "../../src/declare/runtime-env.js";
import { setSchema } from "../../src/declare/table-records.js";
import { builtColumns } from "./built-schema.js";

export * from "../../src/index.js";

// Nothing is read and nothing connected before it is needed.
setDatabase(() => import("./project-database.js").then(({ projectDatabase }) => projectDatabase()));
setSchema(builtColumns);
setEnvironment((name) => process.env[name]);
