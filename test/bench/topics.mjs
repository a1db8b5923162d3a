// Measures topics: an inspection, a plan with nothing to do, and making many, each beside its floor on the same broker.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { plainKafka } from "../../dist/runtime/config/kafka-settings.js";
import { startEmbedded } from "../../dist/runtime/embedded/embedded.js";
import { connectKafka } from "../../dist/runtime/kafka/client.js";
import { inspectTopics } from "../../dist/runtime/kafka/inspect.js";
import { startLocalKafka } from "../../dist/runtime/kafka/local/local-kafka.js";
import { openAdmin, readTopics } from "./bare-topics.mjs";
import { main, timed } from "./timed.mjs";

const bareTables = fileURLToPath(new URL("./bare.mjs", import.meta.url));
const bareTopics = fileURLToPath(new URL("./bare-topics.mjs", import.meta.url));
const database = "local";
const streamsPerFile = 50;
const heapMb = 512;

/**
 * @param sizes - how many topics are made, and how many are there when nothing is to be done
 * @param add - called with the cells of a row
 * @param statistics - makes a cell of several times
 */
export async function measureTopics(work, { sizes, runs, add, statistics }) {
  const folder = mkdtempSync(join(work, "topics-"));
  const engine = await startEmbedded({ folder: join(folder, "engine"), port: 0, onEvent() {} });
  const kafka = await startLocalKafka({
    ...{ folder: join(folder, "kafka"), port: 0, environment: process.env, heapMb },
  });
  try {
    const ground = { project: join(folder, "project"), url: engine.url, broker: kafka.broker };
    await measureCreate(ground, { count: sizes.made, runs, add, statistics });
    await measureStanding(ground, { count: sizes.there, runs, add, statistics });
  } finally {
    await Promise.all([kafka.stop(), engine.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function commands({ project, url, broker }) {
  const environment = { ...process.env, MOOSE_KAFKA_CONFIG__BROKER: broker };
  const moose = (...args) =>
    timed([main, ...args, "--project", project, "--clickhouse-url", `${url}/${database}`], 0, environment);
  const clear = () => {
    timed([bareTables, "clear", url, database], 0);
    timed([bareTopics, "clear", broker], 0);
  };
  return { moose, clear };
}

async function measureCreate(ground, { count, runs, add, statistics }) {
  const { moose, clear } = commands(ground);
  const [times, floors] = [[], []];
  for (let run = 0; run < runs; run++) {
    clear();
    writeStreams(ground.project, count);
    moose("generate", "migration", "--save");
    times.push(moose("migrate"));
    clear();
    floors.push(timed([bareTopics, "create", ground.broker, String(count)], 0));
  }
  add(`migrate, creating ${count} topics`, statistics(times), statistics(floors));
}

async function measureStanding(ground, { count, runs, add, statistics }) {
  const { moose, clear } = commands(ground);
  clear();
  writeStreams(ground.project, count);
  moose("generate", "migration", "--save");
  moose("migrate");
  const [plans, reads, inspections, requests] = [[], [], [], []];
  const kafka = connectKafka(plainKafka(ground.broker));
  const admin = openAdmin(ground.broker);
  for (let run = 0; run < runs; run++) {
    plans.push(moose("plan"));
    reads.push(timed([bareTopics, "read", ground.broker], 0));
    const startMs = performance.now();
    const { topics } = await inspectTopics(kafka);
    inspections.push(performance.now() - startMs);
    if (topics.length !== count) throw new Error(`${topics.length} topics are there, and not ${count}`);
    const floorStartMs = performance.now();
    await readTopics(admin);
    requests.push(performance.now() - floorStartMs);
  }
  await Promise.all([kafka.close(), admin.close()]);
  add(`plan with nothing to do, ${count} topics`, statistics(plans), statistics(reads));
  add(`inspection of ${count} topics`, statistics(inspections), statistics(requests));
}

/** Writes a project of so many streams and nothing else. */
function writeStreams(folder, count) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "app"), { recursive: true });
  const modules = [];
  for (let first = 0; first < count; first += streamsPerFile) {
    const numbers = Array.from({ length: Math.min(streamsPerFile, count - first) }, (_, n) => first + n);
    modules.push(`m${first}`);
    writeFileSync(
      join(folder, "app", `m${first}.ts`),
      [
        'import { Stream } from "@514labs/moose-lib";',
        "export interface Row { id: string; at: Date; amount: number; }",
        ...numbers.map((n) => `export const s${n} = new Stream<Row>("s${n}", {});`),
        "",
      ].join("\n"),
    );
  }
  const exports = modules.map((m) => `import "./${m}.js";\n`).join("");
  writeFileSync(join(folder, "app", "index.ts"), exports);
}
