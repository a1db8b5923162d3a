// The floors of the migration benchmark: the same reads and statements by a script that does nothing else.

import { createClient } from "@clickhouse/client";

const [, , work, url, database, count] = process.argv;
const client = createClient({ url, request_timeout: 120_000 });

/** As many statements at a time as moose has. */
const lanes = 8;

async function create() {
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database} ENGINE = Atomic` });
  const columns = Array.from({ length: 19 }, (_, c) => `c${c} ${c % 3 === 0 ? "Float64" : "String"}`).join(
    ", ",
  );
  const startMs = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let n = next++; n < Number(count); n = next++)
        await client.command({
          query: `CREATE TABLE ${database}.t${n} (id String, ${columns}) ENGINE = MergeTree ORDER BY (id)`,
        });
    }),
  );
  process.stdout.write(`${performance.now() - startMs}\n`);
}

/** The two catalogue reads that a plan takes. */
async function read() {
  for (const query of [
    `SELECT database, name, uuid, engine_full, create_table_query, sorting_key, primary_key, partition_key, comment FROM system.tables WHERE database = '${database}'`,
    `SELECT database, table, name, type, default_kind, default_expression, comment, compression_codec FROM system.columns WHERE database = '${database}'`,
  ]) {
    const answer = await client.query({ query, format: "JSONEachRow" });
    await answer.json();
  }
}

async function clear() {
  const answer = await client.query({
    query: "SELECT name FROM system.databases WHERE name = {database:String} OR startsWith(name, '_moose_')",
    query_params: { database },
    format: "JSONEachRow",
  });
  for (const { name } of await answer.json())
    await client.command({ query: `DROP DATABASE IF EXISTS \`${name}\` SYNC` });
}

await { create, read, clear }[work]();
await client.close();
