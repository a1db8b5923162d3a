// moose init: the files of a new project.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { Command } from "commander";
import picocolors from "picocolors";
import { diagnosticLines } from "./human-view.js";
import { mooseVersion } from "./version.js";

interface InitFlags {
  readonly location?: string;
  readonly failAlreadyExists: boolean;
  readonly language?: string;
}

export function initCommand(): Command {
  return new Command("init")
    .description("Make a new project: a folder with a table, and what moose dev needs.")
    .argument("<name>", "name of the project")
    .argument("[template]", "template to begin with", "typescript")
    .option("-l, --location <folder>", "where to put it; by default a folder of its name")
    .option(
      "--no-fail-already-exists",
      "go on where the folder is not empty; files that are there stay as they are",
    )
    .option("--language <language>", "typescript is the only one")
    .action((name: string, template: string, flags: InitFlags) => {
      process.exitCode = init(name, template, flags);
    });
}

function init(name: string, template: string, { location, failAlreadyExists, language }: InitFlags): number {
  const wanted = language ?? template;
  if (!/^(typescript|ts|typescript-empty)$/i.test(wanted))
    return fail(
      "cli/unknown-template",
      `there is no template ${wanted}`,
      "leave it out, or write typescript",
    );
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(basename(name)))
    return fail("cli/bad-project-name", `${name} is no name for a project`, "letters, digits, - and _");
  const folder = resolve(location ?? name);
  if (failAlreadyExists && isOccupied(folder))
    return fail(
      "cli/folder-not-empty",
      `the folder ${relative(process.cwd(), folder) || "."} is not empty`,
      "choose another name, or go on with --no-fail-already-exists",
    );
  const isEmpty = /empty/i.test(wanted);
  for (const [file, text] of Object.entries(filesOf(basename(name), isEmpty))) {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    try {
      writeFileSync(path, text, { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      process.stdout.write(`${file} is there already, and stays as it is\n`);
    }
  }
  const shown = relative(process.cwd(), folder) || ".";
  process.stdout.write(`made ${shown}\n\n  cd ${shown}\n  npm install\n  npx moose dev\n`);
  return 0;
}

function isOccupied(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

function fail(code: string, summary: string, hint: string): number {
  const lines = diagnosticLines(
    { code, severity: "error", summary, hint },
    picocolors.createColors(process.stderr.isTTY),
  );
  process.stderr.write(`${lines.join("\n")}\n`);
  return 1;
}

function filesOf(name: string, isEmpty: boolean): Readonly<Record<string, string>> {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    "package.json": json({
      name: name.toLowerCase(),
      version: "0.0.1",
      private: true,
      type: "module",
      scripts: { dev: "moose dev", plan: "moose plan", build: "moose build" },
      dependencies: { "@514labs/moose-lib": `^${mooseVersion()}` },
      devDependencies: { typescript: "~6.0.3" },
      // Newer versions of npm run no other scripts of packages; those of Kafka's client fetch or build its binary.
      allowScripts: { "@confluentinc/kafka-javascript": true, chdb: true, esbuild: true },
    }),
    "tsconfig.json": json({
      compilerOptions: {
        target: "ES2023",
        module: "nodenext",
        strict: true,
        skipLibCheck: true,
        noEmit: true,
      },
      include: ["app"],
    }),
    "moose.config.toml": 'language = "typescript"\n\n[clickhouse_config]\ndb_name = "local"\n',
    ".gitignore": "node_modules\n.moose\n.env.local\n",
    "app/index.ts": isEmpty ? "// Declare tables and views here, or import the files that do.\n" : example,
  };
}

const example = `import { type Key, MaterializedView, OlapTable, sql, type UInt64 } from "@514labs/moose-lib";

/** A visit of a page. */
interface Visit {
  id: Key<string>;
  page: string;
  at: Date;
}

export const visits = new OlapTable<Visit>("visits", { orderByFields: ["id"] });

interface PageVisits {
  page: string;
  visits: UInt64;
}

/** Filled by what is inserted into visits. */
export const pageVisits = new MaterializedView<PageVisits>({
  materializedViewName: "page_visits_mv",
  targetTable: { name: "page_visits", orderByFields: ["page"] },
  selectStatement: sql\`SELECT \${visits.columns.page}, count() AS visits FROM \${visits} GROUP BY page\`,
  selectTables: [visits],
});
`;
