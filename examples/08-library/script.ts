import { getMooseUtils, sql } from "@514labs/moose-lib";
import { readings } from "./app/index.js";

const at = new Date("2026-01-01T00:00:00Z");
await readings.insert([
  { sensor: "a", at, value: 20 },
  { sensor: "b", at, value: 22 },
]);

const { client } = await getMooseUtils();
const warm = 21;
const found = await client.query.execute<{ sensor: string; value: number }>(
  sql`SELECT ${readings.columns.sensor}, ${readings.columns.value} FROM ${readings} WHERE value > ${warm}`,
);
for (const { sensor, value } of await found.json()) process.stdout.write(`${sensor}: ${value}\n`);
process.exit();
