// moose build and moose check: read the code once, say what is wrong with it, and write down what it declares.

import { Command } from "commander";
import { hasErrors } from "../../src/diagnostic.js";
import { buildFile, writeBuild } from "../reconcile/build.js";
import { loadCode } from "../reconcile/project.js";
import { type OneShot, type ProjectFlags, runOnce, withProjectOptions } from "./one-shot.js";
import { mooseVersion } from "./version.js";

export function buildCommand(): Command {
  return withProjectOptions(new Command("build"))
    .description(
      `Write what the code declares to ${buildFile}, so that moose prod starts without the code's types; made for the build of an image.`,
    )
    .action((flags: ProjectFlags) => run(flags, true));
}

export function checkCommand(): Command {
  return withProjectOptions(new Command("check"))
    .description("Read the code and say what is wrong with it; no database is needed.")
    .option("--write-infra-map", "write what it declares, as moose build does")
    .action((flags: ProjectFlags & { readonly writeInfraMap?: boolean }) =>
      run(flags, flags.writeInfraMap === true),
    );
}

function run(flags: ProjectFlags, isWritten: boolean): Promise<void> {
  return runOnce(flags, { needsCode: true, needsServer: false, onlyLooks: true, mode: "prod" }, (shot) =>
    check(shot, isWritten),
  );
}

async function check(shot: OneShot, isWritten: boolean): Promise<number> {
  const { settings, colors } = shot;
  const { desired, files } = await loadCode(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  shot.problems(desired.diagnostics);
  const isRight = !hasErrors(desired.diagnostics);
  if (isRight && isWritten) await writeBuild(settings, { map: desired.map, files, version: mooseVersion() });
  if (shot.isJson)
    shot.json({ valid: isRight, ...(isWritten && { file: buildFile }), ...counts(desired.map) });
  else if (isRight) {
    const text = `the code declares ${countText(desired.map)}`;
    shot.say(isWritten ? `${text}; written to ${buildFile}` : text);
  }
  return isRight ? 0 : 1;
}

type Map = Awaited<ReturnType<typeof loadCode>>["desired"]["map"];

function counts({ tables, views, topics, sqlResources }: Map) {
  const dictionaries = [...views.values()].filter(({ kind }) => kind === "Dictionary").length;
  return {
    tables: tables.size,
    views: views.size - dictionaries,
    dictionaries,
    topics: topics.size,
    sqlResources: sqlResources.size,
  };
}

const words: Readonly<Record<keyof ReturnType<typeof counts>, readonly [one: string, several: string]>> = {
  tables: ["table", "tables"],
  views: ["view", "views"],
  dictionaries: ["dictionary", "dictionaries"],
  topics: ["topic", "topics"],
  sqlResources: ["SQL resource", "SQL resources"],
};

function countText(map: Map): string {
  const found = counts(map);
  return Object.entries(words)
    .map(([name, [one, several]]) => {
      const count = found[name as keyof typeof found];
      return count > 0 || name === "tables" ? `${count} ${count === 1 ? one : several}` : "";
    })
    .filter((text) => text !== "")
    .join(", ");
}
