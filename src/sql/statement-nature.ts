// What sending a statement twice would do: read off its first words, and assumed to be harmful where they say nothing.

import { bareText } from "./bare-text.js";
import { splitTopLevel } from "./scan.js";

export interface StatementNature {
  /** A second execution changes nothing more, or is refused with one of `already`. */
  readonly repeatable: boolean;
  /** Rows may have been written before the server finds that it has to stop. */
  readonly writesRows: boolean;
  /** The server's refusals that say: this is so already. */
  readonly already: readonly AlreadySignal[];
}

/** An error code; where the server uses it for other things too, also what its text says in this case. */
export interface AlreadySignal {
  readonly code: number;
  readonly text?: RegExp;
}

const exists = /already exists/;

/** Codes measured on 26.7: an existing table, dictionary, function, named collection, user or role, database. */
const made: readonly AlreadySignal[] = [57, 387, 609, 670, 493, 82].map((code) => ({ code }));
/** A table, its database, a table that is being dropped, a named collection, a user or role; a function. */
const gone: readonly AlreadySignal[] = [
  ...[60, 81, 218, 669, 192, 511].map((code) => ({ code })),
  { code: 46, text: /doesn't exist/ },
];

interface AlterCommand {
  readonly words: RegExp;
  readonly direction: "adds" | "removes" | "sets";
  readonly already: readonly AlreadySignal[];
}

/** The commands of an ALTER that may be repeated. CLEAR, UPDATE, DELETE and those on partitions may not. */
const alterCommands: readonly AlterCommand[] = [
  { words: /^ADD COLUMN\b/, direction: "adds", already: [{ code: 15 }] },
  {
    words: /^ADD (INDEX|CONSTRAINT|PROJECTION|STATISTICS)\b/,
    direction: "adds",
    already: [44, 583].map((code) => ({ code, text: exists })),
  },
  { words: /^(DROP|RENAME) COLUMN\b/, direction: "removes", already: [{ code: 10 }, { code: 16 }] },
  {
    words: /^DROP (INDEX|CONSTRAINT|PROJECTION|STATISTICS)\b/,
    direction: "removes",
    already: [{ code: 36, text: /Cannot find .* to drop/s }, { code: 582 }],
  },
  {
    words: /^MODIFY (COLUMN|ORDER BY|SAMPLE BY|TTL|SETTING|COMMENT|QUERY|REFRESH)\b/,
    direction: "sets",
    already: [],
  },
  {
    words: /^(ALTER COLUMN|COMMENT COLUMN|REMOVE TTL|REMOVE SAMPLE BY|RESET SETTING)\b/,
    direction: "sets",
    already: [],
  },
  { words: /^MATERIALIZE (COLUMN|INDEX|PROJECTION|TTL|STATISTICS)\b/, direction: "sets", already: [] },
  // What follows a comma after MODIFY SETTING and RESET SETTING.
  { words: /^[a-z_0-9]+( ?=|$)/, direction: "sets", already: [] },
];

const harmful: StatementNature = { repeatable: false, writesRows: true, already: [] };
const onceOnly: StatementNature = { repeatable: false, writesRows: false, already: [] };
const harmless: StatementNature = { repeatable: true, writesRows: false, already: [] };

export function natureOf(sql: string): StatementNature {
  const text = bareText(sql);
  const head = text.slice(0, longestHead).toUpperCase();
  if (/^CREATE\b/.test(head)) return createNature(text.toUpperCase(), head);
  if (/^DROP\b/.test(head)) return splitTopLevel(text).length > 1 ? onceOnly : { ...harmless, already: gone };
  // A second EXCHANGE swaps back, and of several renames some may be done.
  if (/^RENAME\b/.test(head))
    return splitTopLevel(text).length > 1 ? onceOnly : { ...harmless, already: [{ code: 60 }, { code: 81 }] };
  if (/^ALTER TABLE\b/.test(head)) return alterNature(text);
  if (/^(SELECT|SHOW|DESC|DESCRIBE|EXPLAIN|GRANT|REVOKE|OPTIMIZE|SET|USE)\b/.test(head)) return harmless;
  if (/^(ALTER|EXCHANGE|TRUNCATE|ATTACH|DETACH|UNDROP|KILL|SYSTEM)\b/.test(head)) return onceOnly;
  return harmful;
}

const longestHead = 200;

function createNature(text: string, head: string): StatementNature {
  const isTable = /^CREATE (OR REPLACE )?(TEMPORARY )?TABLE\b/.test(head);
  // One that fills what it makes may be there and be half filled.
  if (isTable && (/\bAS ?\(? ?(SELECT|WITH|FROM)\b/.test(text) || /\bCLONE AS\b/.test(text))) return harmful;
  if (/\bPOPULATE\b/.test(text)) return harmful;
  // Replacing a table again would take the rows that came in between.
  if (isTable && /^CREATE OR REPLACE\b/.test(head)) return onceOnly;
  return { ...harmless, already: made };
}

function alterNature(text: string): StatementNature {
  const commands = /^ALTER TABLE [^\s(]+ (?:ON CLUSTER \S+ )?(.*)$/i.exec(text)?.[1];
  if (commands === undefined) return onceOnly;
  const pieces = splitTopLevel(commands);
  // Behind MODIFY QUERY all that follows is of the query, its commas too.
  const query = pieces.findIndex((piece) => /^MODIFY QUERY\b/i.test(piece));
  const known = (query < 0 ? pieces : pieces.slice(0, query + 1)).map((command) =>
    alterCommands.find(({ words }) => words.test(command) || words.test(upperHead(command))),
  );
  if (known.some((command) => command === undefined)) return onceOnly;
  const directions = new Set(known.map((command) => command?.direction));
  // Taking a column away and adding it anew, twice, would take the values that came in between.
  if (directions.has("adds") && directions.has("removes")) return onceOnly;
  return { ...harmless, already: known.flatMap((command) => command?.already ?? []) };
}

function upperHead(command: string): string {
  return command.slice(0, longestHead).toUpperCase();
}
