// Names and expressions that come out of a file, checked before anything is made of them.

import { isOneExpression } from "../sql/one-expression.js";
import { identifierText } from "../sql/quote.js";
import type { Spot } from "./value.js";

/** Databases that ClickHouse or moose keep for themselves. */
const reservedDatabase = /^(system|information_schema|_moose.*)$/i;

/** Longest name, and longest expression or type. */
const maxName = 1000;
const maxExpression = 100_000;

/** `_` where it is none. */
export function readName(spot: Spot): string {
  const name = spot.text();
  return typeof spot.value === "string" ? checkName(spot, name) : "_";
}

/** A name as it stands inside of expressions; `_` where it is none. */
export function readIdentifier(spot: Spot): string {
  return identifierText(readName(spot));
}

/** The name itself, or `_` after a problem was noted. */
export function checkName(spot: Spot, name: string): string {
  if (name !== "" && !name.includes("\0") && name.length <= maxName) return name;
  spot.problem(
    "format/bad-name",
    `${spot.name} must be a name: not empty, without NUL, at most ${maxName} characters`,
  );
  return "_";
}

export function readDatabase(spot: Spot, defaultDatabase: string): string {
  const database = spot.isAbsent ? defaultDatabase : readName(spot);
  if (reservedDatabase.test(database)) {
    spot.problem("format/reserved-database", `the database ${database} is not for tables of users`);
  }
  return database;
}

/** Cluster on whose servers a statement runs; undefined where it is for one server. */
export function readCluster(spot: Spot): string | undefined {
  return spot.isAbsent || spot.value === "" ? undefined : readName(spot);
}

/** The statements of views are for one server; to leave out the cluster would change one host of many. */
export function refuseCluster(spot: Spot): void {
  if (spot.isAbsent || spot.value === "") return;
  spot.problem(
    "format/cluster",
    `${spot.name} names a cluster, and statements for clusters are not supported`,
  );
}

/** Empty where there is none. */
export function readExpression(spot: Spot, list = false): string {
  const text = spot.optionalText();
  if (text !== "") checkExpression(spot, text, list);
  return text;
}

export function checkExpression(spot: Spot, text: string, list = false): void {
  if (text.length > maxExpression) {
    spot.problem("format/long-expression", `${spot.name} has more than ${maxExpression} characters`);
  } else if (!isOneExpression(text, list)) {
    const what = list ? "a list of expressions" : "one expression";
    spot.problem(
      "format/bad-expression",
      `${spot.name} is not ${what}: brackets and quotes must close, and it must hold no comment and no semicolon`,
    );
  }
}
