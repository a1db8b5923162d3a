// moose refresh: lets a moose server take tables as they are in its database for what was last applied.

import { Command } from "commander";
import type { Discrepancies } from "../http/admin-port.js";
import { type OneShot, runOnce, withProjectOptions } from "./one-shot.js";
import { adminClient, type RemoteFlags, withRemoteOptions } from "./remote.js";

interface RefreshFlags extends RemoteFlags {
  readonly table?: readonly string[];
}

const defaultUrl = "http://localhost:4000";

export function refreshCommand(): Command {
  return withRemoteOptions(withProjectOptions(new Command("refresh")))
    .description(
      "Let a moose server take tables that others have changed for what was last applied, so that they count as drift no more.",
    )
    .option("--table <table...>", "these tables; all that differ, where none is given")
    .action((flags: RefreshFlags) =>
      runOnce(flags, { needsCode: false, onlyLooks: false }, (shot) => refresh(shot, flags)),
    );
}

async function refresh(shot: OneShot, flags: RefreshFlags): Promise<number> {
  const client = adminClient(shot, flags.url ?? defaultUrl);
  const tables = flags.table ?? differing(await client.realityCheck());
  if (tables.length === 0) {
    shot.say("nothing to do: the database is as it was last applied");
    if (shot.isJson) shot.json({ updated_tables: [] });
    return 0;
  }
  const { message, updatedTables } = await client.integrateChanges(tables);
  shot.say(message);
  for (const table of updatedTables) shot.say(`~ ${table}`);
  if (shot.isJson) shot.json({ message, updated_tables: updatedTables });
  return 0;
}

/** Tables that moose knows, and that are another than it left them. */
export function differing({ missingTables, mismatchedTables }: Discrepancies): readonly string[] {
  const changed = mismatchedTables.flatMap((change) => nameIn(change) ?? []);
  return [...new Set([...missingTables, ...changed])];
}

/** Of `{Table: {Updated: {name, ..}}}`, at whichever depth it stands first. */
function nameIn(value: unknown, depth = 0): string | undefined {
  if (typeof value !== "object" || value === null || depth > 3) return undefined;
  if ("name" in value && typeof value.name === "string") return value.name;
  return Object.values(value)
    .map((one) => nameIn(one, depth + 1))
    .find((name) => name !== undefined);
}
