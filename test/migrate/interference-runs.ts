// Runs of generate and migrate with one interference in between, and runs with none.

import { expect } from "vitest";
import type { ClickHouse } from "../../runtime/clickhouse/client.js";
import { inspect } from "../../runtime/clickhouse/inspect.js";
import { namesOf } from "../../runtime/clickhouse/object-record.js";
import { State } from "../../runtime/clickhouse/state.js";
import type { Table } from "../../src/infra/table.js";
import { createTable } from "../../src/sql/create-table.js";
import { random as randomOf } from "../faults/random.js";
import { FlowProject, refusal } from "./flow-project.js";
import { codeAfter, codeBefore, interferences } from "./interference.js";

const sideBySide = 4;

/** From 0 to less than 1. */
function randomFrom(seed: number): () => number {
  const { between } = randomOf(seed);
  return () => between(0, 2 ** 30 - 1) / 2 ** 30;
}

/** Each with a number of its own, some at a time; all that fail are told of together. */
async function many(count: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const failures: string[] = [];
  const worker = async (): Promise<void> => {
    while (next < count) await run(next++).catch((error) => failures.push(String(error)));
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
  expect(failures.join("\n\n")).toBe("");
}

/** A project of which the migration is written and not yet applied. */
async function generated(clickhouse: ClickHouse, random: () => number): Promise<FlowProject> {
  const project = new FlowProject(clickhouse);
  await clickhouse.command(`CREATE DATABASE ${project.database}`);
  if (random() < 0.1) expect(refusal(await project.bring(codeBefore(project.database)))).toBe("");
  else await made(project, codeBefore(project.database));
  for (const name of ["still", "moved"])
    await clickhouse.command(
      `INSERT INTO ${project.database}.${name} SELECT number, toString(number), number, now() FROM numbers(3)`,
    );
  project.code = codeAfter(project.database, random);
  await project.generate();
  return project;
}

/** The same as a migration leaves it, in a tenth of the time. */
async function made({ clickhouse, name, database }: FlowProject, tables: readonly Table[]): Promise<void> {
  for (const one of tables) await clickhouse.command(createTable(one));
  const state = await State.open(clickhouse, name);
  const live = await inspect(clickhouse, { databases: [database] });
  await state.put(
    live.map(({ address, table, uuid }) => ({
      address,
      database,
      uuid,
      lifeCycle: table.lifeCycle,
      ...namesOf(table),
      cluster: "",
      owned: true,
    })),
  );
}

/** Every interference in turn, from a random one on: the migration is refused by name, and nothing is changed. */
export async function runInterferences(clickhouse: ClickHouse, seed: number, count: number): Promise<void> {
  const from = Math.floor(randomFrom(seed)() * interferences.length);
  await many(count, async (index) => {
    const random = randomFrom(seed + index);
    const interference = interferences[(from + index) % interferences.length];
    if (interference === undefined) throw new Error("no interference");
    const project = await generated(clickhouse, random);
    const story = `seed ${seed}, run ${index}, ${interference.name}`;
    const object = await interference.act(project, random).catch((error) => {
      throw new Error(`${story} could not be done: ${error}`);
    });
    const before = await project.picture();
    const result = await project.migrate();
    const text = `${story}\n${refusal(result)}\n${project.read("plan.yaml")}`;
    expect(result.state, text).toBe("refused");
    expect(refusal(result), text).toContain(object === "" ? "plan.yaml" : object);
    expect(await project.picture(), text).toBe(before);
    await project.remove();
  });
}

/** Rows that come and go in between are no drift. */
export async function runUntouched(clickhouse: ClickHouse, seed: number, count: number): Promise<void> {
  await many(count, async (index) => {
    const random = randomFrom(seed + index);
    const project = await generated(clickhouse, random);
    if (random() < 0.5)
      await clickhouse.command(`INSERT INTO ${project.database}.moved (id, a) VALUES (9, 'more')`);
    if (random() < 0.2) await clickhouse.command(`TRUNCATE TABLE ${project.database}.still SYNC`);
    const withCode = random() < 0.7;
    const story = `seed ${seed}, run ${index}`;
    const result = await project.migrate({ withCode });
    expect(result.state, `${story}\n${refusal(result)}`).toBe("applied");
    if (random() < 0.2) expect((await project.migrate({ withCode })).state, story).toBe("already-applied");
    await project.remove();
  });
}
