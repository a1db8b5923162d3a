// moose migrate --validate: whether the files go together and with the code, told without a database.

import { existsSync } from "node:fs";
import { type Diagnostic, hasErrors } from "../../src/diagnostic.js";
import type { InfraMap } from "../../src/infra/inframap.js";
import { Normaliser } from "../clickhouse/normalise.js";
import { readPlanFile } from "../migrations/plan-files.js";
import { behindCode, planChain } from "../reconcile/chain-plan.js";
import { loadDesired, reachIfThere } from "../reconcile/project.js";
import { validatePlan } from "../reconcile/validate-plan.js";
import { readFolded } from "./generate-chain.js";
import type { OneShot } from "./one-shot.js";

export function validate(shot: OneShot): Promise<number> {
  return shot.settings.migration.mode === "chain" ? validateChain(shot) : validateSinglePlan(shot);
}

async function validateChain(shot: OneShot): Promise<number> {
  const chain = await readFolded(shot);
  if (chain === undefined) return end(shot, false);
  const code = await loadCode(shot);
  if (code === "unreadable") return end(shot, false);
  const { length } = chain.files;
  const migrations = `${length} ${length === 1 ? "migration" : "migrations"}`;
  if (code === undefined) return end(shot, true, `${migrations}; there is no code to compare them with`);
  const ignored = shot.settings.migration.ignoreOperations;
  const found = await settled(shot, async (normaliser) =>
    behindCode(await planChain(chain.map, code, normaliser, { ignored })),
  );
  shot.problems(found);
  return end(shot, !hasErrors(found), `${migrations}; the code says what the chain leads to`);
}

async function validateSinglePlan(shot: OneShot): Promise<number> {
  const read = await readPlanFile(shot.settings.folder);
  if (read.kind === "absent") {
    shot.say("there is no migrations/plan.yaml, and nothing to validate");
    return end(shot, true);
  }
  if (read.kind === "refused") {
    shot.problems(read.diagnostics);
    return end(shot, false);
  }
  const code = await loadCode(shot);
  if (code === "unreadable") return end(shot, false);
  const found = await settled(shot, (normaliser) =>
    validatePlan(read.files, code, normaliser, shot.settings.migration.ignoreOperations),
  );
  shot.problems(found);
  const compared = code === undefined ? "go together; there is no code" : "go together, and with the code";
  return end(shot, !hasErrors(found), `plan.yaml, remote_state.json and local_infra_map.json ${compared}`);
}

async function loadCode(shot: OneShot): Promise<InfraMap | undefined | "unreadable"> {
  const { settings, colors } = shot;
  if (!existsSync(settings.entryFile)) return undefined;
  const code = await loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  shot.problems(code.diagnostics);
  return hasErrors(code.diagnostics) ? "unreadable" : code.map;
}

/** A difference may be one of spelling: then a server is asked, if there is one at hand. */
async function settled(
  { settings, stop }: OneShot,
  work: (normaliser: Normaliser | undefined) => Promise<readonly Diagnostic[]>,
): Promise<readonly Diagnostic[]> {
  const found = await work(undefined);
  if (found.length === 0) return found;
  const server = await reachIfThere(settings, stop, () => {});
  if (server === undefined) return found;
  try {
    return await work(new Normaliser(server.clickhouse, undefined));
  } finally {
    await server.close();
  }
}

function end(shot: OneShot, isValid: boolean, text?: string): number {
  if (isValid && text !== undefined) shot.say(shot.colors.green(`valid: ${text}`));
  if (!isValid) shot.say(shot.colors.red("not valid"));
  if (shot.isJson) shot.json({ valid: isValid });
  return isValid ? 0 : 1;
}
