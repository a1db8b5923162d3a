// One migration that is killed, and goes on until it is applied; then everything has to be as if nothing had happened.

import { expect } from "vitest";
import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import type { Table } from "../../src/infra/table.js";
import { natureOf } from "../../src/sql/statement-nature.js";
import type { Random } from "../faults/random.js";
import { uniqueName } from "../live/live-engine.js";
import { fingerprint } from "./fingerprint.js";
import { mapOf } from "./harness.js";
import { type Ending, type Job, type Moment, ownMoments, type RequestMoment } from "./job.js";
import { isRequestOf, type KillGate, killGate, momentsOf, phaseOf } from "./kill-gate.js";
import type { Story } from "./migration-stories.js";
import { letTimePass } from "./passing-time.js";
import type { Processes } from "./processes.js";
import { WatchingProxy } from "./watching-proxy.js";

export interface KillPoint {
  readonly story: Story;
  /** -1 is the run itself. */
  readonly operation: number;
  readonly kind: string;
  readonly moment: Moment | RequestMoment;
  /** So many of these moments pass before. */
  readonly after: number;
}

export class Trial {
  readonly #clickhouse: ClickHouse;
  readonly #processes: Processes;
  readonly story: Story;
  readonly database: string;
  readonly job: Job;
  readonly proxy: WatchingProxy;
  kills = 0;
  /** What happened, for the message of a failure. */
  readonly log: string[] = [];
  #gates: KillGate[] = [];

  private constructor(
    clickhouse: ClickHouse,
    processes: Processes,
    made: {
      readonly story: Story;
      readonly database: string;
      readonly job: Job;
      readonly proxy: WatchingProxy;
    },
  ) {
    this.#clickhouse = clickhouse;
    this.#processes = processes;
    this.story = made.story;
    this.database = made.database;
    this.job = made.job;
    this.proxy = made.proxy;
  }

  static async prepare(
    { clickhouse, url }: { readonly clickhouse: ClickHouse; readonly url: string },
    processes: Processes,
    story: Story,
  ): Promise<Trial> {
    const project = uniqueName("p");
    const database = `${project}_db`;
    await clickhouse.command(`CREATE DATABASE ${database}`);
    for (const sql of story.setup(database)) await clickhouse.command(sql);
    const before = await mapOf(clickhouse, database);
    const made = (name: string): Table => {
      const found = before.tables.get(`${database}.${name}`);
      if (found === undefined) throw new Error(`no table ${name}`);
      return found;
    };
    const proxy = await WatchingProxy.start(url);
    const operations = story.operations(database, made);
    const job: Job = {
      url: proxy.url,
      project,
      id: `m-${project}`,
      operations,
      before: [...before.tables.values()],
    };
    return new Trial(clickhouse, processes, { story, database, job, proxy });
  }

  /** Runs until it dies at the point; where it does not come to it, the run ends well. */
  async killAt({ moment, operation, after }: KillPoint): Promise<void> {
    const own = ownMoments.find((one) => one === moment);
    if (own !== undefined) {
      const ending = await this.#processes.run({ ...this.job, dieAt: { moment: own, operation, after } });
      return this.#note(`${moment} of operation ${operation}`, ending);
    }
    const requestMoment = moment as RequestMoment;
    await this.#killAtRequest(
      isRequestOf(requestMoment, operation, after),
      phaseOf(requestMoment),
      `${moment} of operation ${operation}`,
    );
  }

  /** At some request of a run that goes on with the work: a statement of its own, or an entry that it makes. */
  async killAnywhere(random: Random): Promise<void> {
    let left = random.between(0, 4);
    const phase = (["lost", "late", "served"] as const)[random.between(0, 2)] ?? "late";
    const isIt = (request: Parameters<typeof momentsOf>[0]) => momentsOf(request).length > 0 && left-- === 0;
    await this.#killAtRequest(isIt, phase, `request ${left} ${phase}`);
  }

  async #killAtRequest(
    isIt: Parameters<typeof killGate>[0],
    phase: Parameters<typeof killGate>[1],
    what: string,
  ) {
    const process = this.#processes.start(this.job);
    const gate = killGate(isIt, phase, () => process.kill());
    this.#gates.push(gate);
    this.proxy.gate = gate;
    await this.#note(what, await process.ended);
  }

  async #note(what: string, ending: Ending | undefined): Promise<void> {
    if (ending === undefined) this.kills++;
    if (ending === undefined) await letTimePass(this.#clickhouse, this.job.project);
    this.log.push(`${ending === undefined ? "killed at" : `${ending.state}, never came to`} ${what}`);
  }

  /** Goes on, with a word of the user only where nobody can know; gives what the last run said. */
  async finish(): Promise<Ending> {
    this.proxy.gate = { arrived: () => true, served: () => true };
    let mark: Job["mark"];
    for (let run = 1; ; run++) {
      const ending = await this.#processes.run({ ...this.job, ...(mark !== undefined && { mark }) });
      if (ending === undefined) throw new Error("the run has no end");
      this.log.push(JSON.stringify(ending));
      if (ending.state === "applied" || ending.state === "already-applied" || run === 4) return ending;
      mark = await this.#truth(ending);
      if (mark === undefined) return ending;
    }
  }

  /** What a user would find who looks at the data, as the reason says. */
  async #truth({ problems }: Ending): Promise<Job["mark"]> {
    const text = problems.map(({ detail }) => detail ?? "").join("\n");
    const [, step] = /statement (\d+): it was sent, its answer was lost/.exec(text) ?? [];
    if (step === undefined || this.story.rowsOf === undefined) return undefined;
    const sql = this.story.rowsOf(this.database, 0, Number(step) - 1);
    const [found] = await this.#clickhouse.rows<{ n: string }>(sql);
    this.log.push(`${found?.n} rows are there`);
    return found?.n === "0" ? "not-applied" : "applied";
  }

  async check(wanted: unknown): Promise<void> {
    // What a dead process sent long ago reaches the server only now.
    for (const gate of this.#gates) await gate.open();
    expect(await fingerprint(this.#clickhouse, this.database), this.log.join("\n")).toEqual(wanted);
    expect(tooOften(this.proxy.executed), this.log.join("\n")).toEqual([]);
    const again = await this.#processes.run(this.job);
    expect(again?.state, `${this.log.join("\n")}\n${JSON.stringify(again)}`).toBe("already-applied");
  }

  async close(): Promise<void> {
    await this.proxy.stop();
    await this.#clickhouse.command(`DROP DATABASE IF EXISTS ${this.database}`);
  }
}

/** Statements that the server carried out more than once and that are not the same when done twice. */
export function tooOften(executed: ReadonlyMap<string, number>): readonly string[] {
  return [...executed].flatMap(([sql, times]) =>
    times > 1 && !(natureOf(sql).repeatable && / (MATERIALIZE|MODIFY|REMOVE|COMMENT|REPLACE) /.test(sql))
      ? [`${times} times: ${sql}`]
      : [],
  );
}

/** A run that nobody disturbs: what comes of it, and all points at which it could have been killed. */
export async function undisturbed(
  engine: Parameters<typeof Trial.prepare>[0],
  processes: Processes,
  story: Story,
): Promise<{ readonly wanted: unknown; readonly points: readonly KillPoint[] }> {
  const trial = await Trial.prepare(engine, processes, story);
  const counts = new Map<string, number>();
  const count = (moment: string, operation: number) =>
    counts.set(`${moment}|${operation}`, (counts.get(`${moment}|${operation}`) ?? 0) + 1);
  trial.proxy.gate = {
    arrived(request) {
      for (const { what, operation } of momentsOf(request))
        for (const phase of what === "statement"
          ? ["lost", "late", "held", "served"]
          : ["lost", "late", "stored"])
          count(`${what} ${phase}`, operation);
      return true;
    },
    served: () => true,
  };
  const process = processes.start({ ...trial.job, tellsMoments: true });
  const ending = await process.ended;
  for (const { moment, operation } of process.moments) count(moment, operation);
  expect(ending, `${story.name}: ${JSON.stringify(ending)}`).toMatchObject({ state: "applied" });
  const wanted = await fingerprint(engine.clickhouse, trial.database);
  await trial.check(wanted);
  await trial.close();
  const points = [...counts].flatMap(([key, times]) => {
    const [moment, operation] = key.split("|");
    const index = Number(operation);
    return Array.from({ length: times }, (_, after): KillPoint => {
      const kind = trial.job.operations[index]?.kind ?? "run";
      return { story, operation: index, kind, moment: moment as Moment, after };
    });
  });
  return { wanted, points };
}
