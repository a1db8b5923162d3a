// moose plan: what would have to be done; nothing is.

import { Command } from "commander";
import { notRunText } from "../../src/declare/listed.js";
import { hasErrors } from "../../src/diagnostic.js";
import { planProject } from "../reconcile/plan-project.js";
import { loadDesired, reachKafka, reachServer } from "../reconcile/project.js";
import { type OneShot, runOnce, withProjectOptions } from "./one-shot.js";
import { planJson, planLines } from "./plan-view.js";
import { type RemoteFlags, withRemoteOptions } from "./remote.js";
import { showRemotePlan } from "./remote-plan.js";

interface PlanFlags extends RemoteFlags {
  readonly adopt?: readonly string[];
  readonly sql?: boolean;
}

export function planCommand(): Command {
  return withRemoteOptions(withProjectOptions(new Command("plan")))
    .description(
      "Show what would have to be done to bring the database into line with the code. Exits with 0 when there is nothing to do, 2 when there is, 1 on errors.",
    )
    .option(
      "--adopt <table...>",
      "count existing tables as moose's, as database.name, and topics, as topic:name",
    )
    .option("--sql", "show the statements")
    .action((flags: PlanFlags) =>
      runOnce(flags, { needsCode: true, onlyLooks: true }, (shot) =>
        flags.url === undefined ? showPlan(shot, flags) : showRemotePlan(shot, flags.url),
      ),
    );
}

async function showPlan(shot: OneShot, flags: PlanFlags): Promise<number> {
  const { settings, colors } = shot;
  const loading = loadDesired(settings, (line) => shot.say(colors.dim(`| ${line}`)));
  const [code, server] = await Promise.all([loading, reachServer(settings, shot.stop)]);
  const kafka = await reachKafka(settings);
  try {
    shot.problems(code.diagnostics);
    if (hasErrors(code.diagnostics)) return 1;
    const notRun = notRunText(code.objects ?? []);
    if (notRun !== undefined) shot.say(colors.yellow(notRun));
    const plan = await planProject(server.clickhouse, code, {
      project: settings.project,
      database: settings.clickhouse.database,
      adopt: flags.adopt ?? [],
      renames: [],
      ignored: settings.migration.ignoreOperations,
      kafka,
    });
    shot.problems(plan.planned.diagnostics);
    if (hasErrors(plan.planned.diagnostics)) return 1;
    if (shot.isJson) shot.json(planJson(plan, settings.clickhouse.database));
    else for (const line of planLines(plan.report, colors, { showSql: flags.sql === true })) shot.say(line);
    const { operations, topics } = plan.report;
    // What could not be compared is not in line.
    if (topics !== undefined && topics.kafka.state !== "reached") return 1;
    return operations.length + (topics?.operations.length ?? 0) === 0 ? 0 : 2;
  } finally {
    await Promise.all([server.close(), kafka.close()]);
  }
}
