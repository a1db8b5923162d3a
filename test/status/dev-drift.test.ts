// What of a difference moose dev takes for its own work, and what for somebody else's.

import { expect, test } from "vitest";
import { DevDrift, type SeenByRound } from "../../runtime/reconcile/dev-drift.js";
import { emptyInfraMap, type InfraMap, infraMapOf } from "../../src/infra/inframap.js";
import type { Table } from "../../src/infra/table.js";
import { stream } from "../kafka/topic-project.js";
import { column, table } from "../live/tables.js";

const events = (...columns: readonly string[]): Table =>
  table(
    "local",
    ["id", ...columns].map((name) => column(name, "String")),
    { name: "events" },
  );
const orders = table("local", [column("id", "String")], { name: "orders" });

/** One round: what is there before and after it, and what the code wants. */
function round(drift: DevDrift, before: readonly Table[], after: readonly Table[], code: readonly Table[]) {
  const seen = (live: readonly Table[]): SeenByRound => {
    const managed = infraMapOf(live.filter(({ name }) => code.some((one) => one.name === name)));
    return { live: infraMapOf(live), managed, wanted: infraMapOf(code) };
  };
  drift.begins(seen(before));
  return drift
    .ends(seen(after))
    .flatMap(({ address, parts }) =>
      parts.map(({ before: was, after: is }) => `${address}: ${was} -> ${is}`),
    );
}

const added = ["local.events:  -> column x String"];

test("what the rounds do themselves is no drift, also what they drop", () => {
  const drift = new DevDrift();
  expect(round(drift, [], [events()], [events()])).toEqual([]);
  expect(round(drift, [events()], [events("a")], [events("a")])).toEqual([]);
  expect(round(drift, [events("a")], [orders], [orders])).toEqual([]);
  expect(round(drift, [orders], [orders], [orders])).toEqual([]);
});

test("what others change is drift as long as no round has put it right", () => {
  const drift = new DevDrift();
  round(drift, [], [events()], [events()]);
  expect(round(drift, [events("x")], [events("x")], [events()])).toEqual(added);
  expect(round(drift, [events("x")], [events("x")], [events()])).toEqual(added);
  expect(round(drift, [events()], [events()], [events()])).toEqual([]);
  expect(round(drift, [], [], [events()])).toEqual(["local.events: table -> "]);
  expect(round(drift, [], [events()], [events()])).toEqual([]);
});

test("beside drift that stays, the work of the rounds is still their own", () => {
  const drift = new DevDrift();
  round(drift, [], [events()], [events()]);
  expect(round(drift, [events("x")], [events("x", "a"), orders], [events("a"), orders])).toEqual(added);
  expect(round(drift, [events("x", "a"), orders], [events("x", "a")], [events("a")])).toEqual(added);
  expect(round(drift, [events("x", "a", "y")], [events("x", "a", "y")], [events("a")])).toEqual([
    ...added,
    "local.events:  -> column y String",
  ]);
});

test("what the code says too is drift no more", () => {
  const drift = new DevDrift();
  round(drift, [], [events()], [events()]);
  expect(round(drift, [events("x")], [events("x")], [events()])).toEqual(added);
  expect(round(drift, [events("x")], [events("x")], [events("x")])).toEqual([]);
  expect(round(drift, [events()], [events()], [events("x")])).toEqual(["local.events: column x String -> "]);
});

test("what a round has done that came to no end is its own", () => {
  const drift = new DevDrift();
  round(drift, [], [events()], [events()]);
  const managed = infraMapOf([events()]);
  drift.begins({ live: managed, managed, wanted: infraMapOf([events("a", "b")]) });
  expect(round(drift, [events("a")], [events("a", "b")], [events("a", "b")])).toEqual([]);
});

test("a table that the code names for the first time, or no more, has not drifted", () => {
  const drift = new DevDrift();
  round(drift, [events(), orders], [events(), orders], [events()]);
  expect(round(drift, [events(), orders], [events(), orders], [orders])).toEqual([]);
  expect(round(drift, [orders], [orders], [orders])).toEqual([]);
});

test("of a topic what the code says counts, and one that may not be read has not gone", () => {
  const drift = new DevDrift();
  const topics = (config: Readonly<Record<string, string>>) => ({
    ...emptyInfraMap,
    topics: new Map([["clicks", stream("clicks", { partitions: 1, config })]]),
  });
  const wanted = topics({ "retention.ms": "5" });
  const look = (live: InfraMap, unreadable: readonly string[] = []) => {
    const seen = { live, managed: live, wanted, unreadable: new Set(unreadable) };
    drift.begins(seen);
    return drift.ends(seen);
  };
  expect(look(topics({ "retention.ms": "5" }))).toEqual([]);
  expect(look(topics({ "retention.ms": "5", "segment.ms": "9" }))).toEqual([]);
  expect(look(topics({ "retention.ms": "7" }))).toEqual([
    { address: "topic:clicks", parts: [{ what: "retention.ms", before: "5", after: "7" }] },
  ]);
  expect(look(emptyInfraMap, ["clicks"])).toEqual([]);
});
