// Writes what happens into the log file of a project, secrets taken out, while the view shows it to the user.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { destination } from "pino";
import type { Settings } from "../config/settings.js";
import { createLogger, type Logger } from "../log/logger.js";
import type { DevEvent } from "../reconcile/dev-event.js";
import { workFolder } from "../reconcile/server.js";
import { eventJson } from "./json-view.js";

/** The log of a project, `.moose/moose.log`, begun anew where not to `append`; silent where the folder cannot be written. */
export function projectLog({ folder, logLevel, secrets }: Settings, { append }: { append: boolean }): Logger {
  const ownFolder = join(folder, workFolder);
  try {
    mkdirSync(ownFolder, { recursive: true });
    const file = destination({ dest: join(ownFolder, "moose.log"), append, sync: true });
    return createLogger({ level: logLevel, secrets, destination: file });
  } catch {
    return createLogger({ level: "silent" });
  }
}

/** Problems that stop something are errors, the rest is information. */
export function logEvent(log: Logger, event: DevEvent): void {
  const isError =
    event.event === "problems" && event.diagnostics.some(({ severity }) => severity === "error");
  if (event.event === "progress" || event.event === "messages") log.debug(eventJson(event));
  else if (isError) log.error(eventJson(event));
  else log.info(eventJson(event));
}
