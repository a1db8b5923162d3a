// moose ls: what the code declares.

import { Command } from "commander";
import { type ListedObject, notRunText } from "../../src/declare/listed.js";
import { formatPlace, hasErrors } from "../../src/diagnostic.js";
import { loadDesired } from "../reconcile/project.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";

interface LsFlags extends ProjectFlags {
  readonly type?: string;
  readonly name?: string;
}

export function lsCommand(): Command {
  return withProjectOptions(new Command("ls"))
    .description("List what the code declares.")
    .option("--type <type>", "only of this type: tables, streams, views, apis, workflows, ..")
    .option("--name <name>", "only what has this in its name")
    .action((flags: LsFlags) =>
      runOnce(flags, { needsCode: true, needsServer: false, onlyLooks: true }, (shot) => list(shot, flags)),
    );
}

async function list(shot: OneShot, flags: LsFlags): Promise<number> {
  const { colors } = shot;
  const code = await loadDesired(shot.settings, (line) => shot.say(colors.dim(`| ${line}`)));
  shot.problems(code.diagnostics);
  if (hasErrors(code.diagnostics)) return 1;
  const all = code.objects ?? [];
  const objects = all.filter(
    ({ kind, name }) =>
      isOfType(kind, flags.type) && name.toLowerCase().includes((flags.name ?? "").toLowerCase()),
  );
  if (shot.isJson) {
    shot.json(objects.map(({ kind, name, version, place }) => ({ type: kind, name, version, place })));
    return 0;
  }
  for (const kind of [...new Set(objects.map((one) => one.kind))]) {
    shot.say(colors.bold(kind));
    for (const object of objects.filter((one) => one.kind === kind)) shot.say(lineOf(object, colors));
  }
  const notRun = notRunText(objects);
  if (notRun !== undefined) shot.say(colors.yellow(notRun));
  if (objects.length === 0)
    shot.say(all.length === 0 ? "the code declares nothing" : "nothing of that kind and name");
  return 0;
}

/** `tables` and `table` are `OlapTable`, `api` is `Api` and `IngestApi`. */
function isOfType(kind: string, type: string | undefined): boolean {
  if (type === undefined) return true;
  const word = type.toLowerCase().replace(/[_-]/g, "").replace(/s$/, "");
  return kind.toLowerCase().includes(word);
}

function lineOf({ name, version, place }: ListedObject, colors: OneShot["colors"]): string {
  const where = place === undefined ? "" : colors.dim(`  ${formatPlace(place)}`);
  return `  ${name}${version === undefined ? "" : ` ${version}`}${where}`;
}
