// A throwaway project on disk, loaded by a real child process, with the calls that moose inserts.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import { onTestFinished } from "vitest";
import type { Insertion, SourceText } from "../../runtime/load/source-text.js";
import {
  type LoadResult,
  UserCode,
  type UserCodeEvent,
  type UserCodeOptions,
} from "../../runtime/load/user-code.js";
import type { Registration } from "../../src/declare/registration.js";
import type { Diagnostic } from "../../src/diagnostic.js";

export const library = new URL("../../dist/src/index.js", import.meta.url).pathname;
const nodeModules = new URL("../../node_modules", import.meta.url).pathname;

/** `import { OlapTable } ..` as the first line of a file. */
export const lib = 'import { OlapTable } from "@514labs/moose-lib";';

type Files = Readonly<Record<string, string>>;

export class Project {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "moose-load-")));
  readonly events: UserCodeEvent[] = [];
  readonly code: UserCode;
  readonly #waiting: (() => void)[] = [];

  constructor(files: Files, options: Partial<UserCodeOptions> = {}) {
    for (const [path, text] of Object.entries(files)) this.#write(path, text);
    this.code = UserCode.start({
      root: this.root,
      entry: this.path("app/index.ts"),
      library,
      onEvent: (event) => {
        this.events.push(event);
        for (const wake of this.#waiting.splice(0)) wake();
      },
      ...options,
    });
    onTestFinished(async () => {
      await this.code.close();
      rmSync(this.root, { recursive: true, force: true });
    });
  }

  path(file: string): string {
    return join(this.root, file);
  }

  /** Links packages of this repository into the project. */
  link(...packages: readonly string[]): void {
    for (const name of packages) {
      mkdirSync(dirname(this.path(`node_modules/${name}`)), { recursive: true });
      symlinkSync(join(nodeModules, name), this.path(`node_modules/${name}`));
    }
  }

  /** Writes files that moose is not told of. */
  write(files: Files): void {
    for (const [path, text] of Object.entries(files)) this.#write(path, text);
  }

  /** Writes the files and loads them; a text of `undefined` removes. */
  load(files: Readonly<Record<string, string | undefined>>): Promise<LoadResult> {
    const changed: SourceText[] = [];
    const removed: string[] = [];
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) {
        rmSync(this.path(path));
        removed.push(this.path(path));
      } else {
        this.#write(path, text);
        changed.push({ path: this.path(path), text, insertions: insertionsFor(path, text) });
      }
    }
    return this.code.load({ changed, removed });
  }

  async eventOf<K extends UserCodeEvent["kind"]>(
    kind: K,
    accept: (event: Extract<UserCodeEvent, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<UserCodeEvent, { kind: K }>> {
    for (;;) {
      const found = this.events.find(
        (event): event is Extract<UserCodeEvent, { kind: K }> =>
          event.kind === kind && accept(event as Extract<UserCodeEvent, { kind: K }>),
      );
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }
}

/** A project whose files are all loaded. */
export async function load(
  files: Files,
  options: Partial<UserCodeOptions> = {},
): Promise<[Project, LoadResult]> {
  const project = new Project({}, options);
  return [project, await project.load(files)];
}

/** Stands in for the real analysis: follows each `new X`, each `extends X` and each `makeX<R>(..)`. */
function insertionsFor(file: string, text: string): readonly Insertion[] {
  if (!/\.[mc]?[tj]sx?$/.test(file)) return [];
  const insertions: Insertion[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const wrap = (callee: ts.Expression, site: ts.Node, open: string, close: string) => {
    const { line, character } = source.getLineAndCharacterOfPosition(site.getStart());
    const place = JSON.stringify(`${file}:${line + 1}:${character + 1}`);
    insertions.push({ offset: callee.getStart(), text: open });
    insertions.push({ offset: callee.getEnd(), text: `, ${place}${close}` });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node)) wrap(node.expression, node, "(__moose_new(", "))");
    if (
      ts.isHeritageClause(node) &&
      node.token === ts.SyntaxKind.ExtendsKeyword &&
      ts.isClassLike(node.parent)
    ) {
      for (const type of node.types) wrap(type.expression, type, "(__moose_new(", "))");
    }
    if (ts.isCallExpression(node) && node.typeArguments) {
      const { expression } = node;
      const receiver = ts.isPropertyAccessExpression(expression)
        ? `, ${expression.expression.getText()}`
        : "";
      wrap(expression, node, "__moose_call(", `${receiver})`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return insertions;
}

export function declared(result: LoadResult): readonly Registration[] {
  if (result.ok) return result.registrations;
  throw new Error(JSON.stringify(result.diagnostics, undefined, 1));
}

export function names(result: LoadResult): readonly string[] {
  return declared(result).map(({ name }) => name);
}

export function problemOf(result: LoadResult): Diagnostic {
  const first = result.ok ? undefined : result.diagnostics[0];
  if (!first) throw new Error(`expected a failure: ${JSON.stringify(result)}`);
  return first;
}
