// moose db pull: writes TypeScript for the tables of a database that the code does not declare.

import { Command } from "commander";
import { writeModels } from "../../src/declare/write-models.js";
import { hasErrors } from "../../src/diagnostic.js";
import { addressOf } from "../../src/infra/address.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { inspect } from "../clickhouse/inspect.js";
import { loadDesired, reachServer } from "../reconcile/project.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";
import { importHint, pulledFile, writePulled } from "./pulled-file.js";

interface PullFlags extends ProjectFlags {
  readonly filePath: string;
}

const head = [
  "Tables that are managed outside of this project, as they are in ClickHouse.",
  "Written by moose db pull, which writes it anew each time.",
] as const;

export function dbCommand(): Command {
  const pull = withProjectOptions(new Command("pull"))
    .description(
      "Write the tables of the database that the code does not declare as EXTERNALLY_MANAGED models.",
    )
    .option("--file-path <file>", "file to write, in the folder of the project", "app/externalModels.ts")
    .action((flags: PullFlags) =>
      runOnce(flags, { needsCode: true, onlyLooks: false }, (shot) => pullTables(shot, flags.filePath)),
    );
  return new Command("db").description("Work with a database that exists.").addCommand(pull);
}

async function pullTables(shot: OneShot, filePath: string): Promise<number> {
  const { settings, colors } = shot;
  const file = pulledFile(shot, filePath);
  const { shown } = file;
  const loading = loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  const [code, server] = await Promise.all([loading, reachServer(settings, shot.stop)]);
  try {
    shot.problems(code.diagnostics);
    if (hasErrors(code.diagnostics)) return 1;
    const { database } = settings.clickhouse;
    const declared = declaredElsewhere(code.map, shown);
    const tables = (await inspect(server.clickhouse, { databases: [database] }))
      .map(({ table }) => table)
      .filter((table) => !declared.has(addressOf(table)))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { text, omitted } = writeModels(tables, { database, head });
    const own = { text, firstLine: head[0], command: "moose db pull" };
    if (!(await writePulled(shot, file, own))) return 1;
    if (shot.isJson) shot.json({ file: shown, tables: tables.map(({ name }) => name), omitted });
    for (const one of omitted) shot.say(colors.yellow(`not written: ${one}`));
    shot.say(`${shown}: ${tables.length} ${tables.length === 1 ? "table" : "tables"}`);
    shot.say(importHint(shot));
    return 0;
  } finally {
    await server.close();
  }
}

/** Tables of other files than the one that is written. */
function declaredElsewhere({ tables }: InfraMap, file: string): ReadonlySet<string> {
  return new Set([...tables].filter(([, { place }]) => place?.file !== file).map(([address]) => address));
}
