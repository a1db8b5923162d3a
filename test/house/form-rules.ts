// The rules about form: size of files and functions, exports, and words that do not belong into the project.

import ts from "typescript";
import { astOf, type Finding, nodesOf, placeOf, type SourceText } from "./source.js";

export const maxFileLines = 400;
export const maxFunctionLines = 80;

/** Files of more than {@link maxFileLines} lines. */
export function longFiles(sources: readonly SourceText[]): readonly Finding[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, "").split("\n").length;
    return lines <= maxFileLines ? [] : [{ rule: "long file", place: path, what: `has ${lines} lines` }];
  });
}

/** Functions, methods and arrow functions of more than {@link maxFunctionLines} lines, their comment not counted. */
export function longFunctions(sources: readonly SourceText[]): readonly Finding[] {
  return sources.flatMap((source) =>
    [...nodesOf(source)].flatMap((node) => {
      if (!ts.isFunctionLike(node)) return [];
      const ast = astOf(source);
      const lineAt = (position: number) => ast.getLineAndCharacterOfPosition(position).line;
      const lines = lineAt(node.getEnd()) - lineAt(node.getStart()) + 1;
      if (lines <= maxFunctionLines) return [];
      return [{ rule: "long function", place: placeOf(source, node), what: `has ${lines} lines` }];
    }),
  );
}

export function defaultExports(sources: readonly SourceText[]): readonly Finding[] {
  return sources.flatMap((source) =>
    [...nodesOf(source)].flatMap((node) => {
      const isDefault = ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword;
      const named = ts.isExportSpecifier(node) && node.name.text === "default";
      return isDefault || named
        ? [{ rule: "default export", place: placeOf(source, node), what: "exports a default" }]
        : [];
    }),
  );
}

/** Folders of one machine; written so that this list does not find itself. */
const machineFolders = ["home", "root", "work", "Users", "mnt"].map((name) => `/${name}/`);

const strangeWords: readonly (readonly [string, RegExp])[] = [
  ["a folder of one machine", new RegExp(`(?<![\\w.$}*-])(?:${machineFolders.join("|")})`)],
  ["the host of a package registry", /\b(?:registry|npm|proxy)\.[a-z0-9-]+\.(?:org|com|net|io|dev)\b/i],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY/],
  ["an unfinished merge", /^(?:<{7}|>{7}) /],
];

/** Lines with words that tell of the machine or place where they were written. */
export function strangeTexts(sources: readonly SourceText[]): readonly Finding[] {
  return sources.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        strangeWords
          .filter(([, pattern]) => pattern.test(line))
          .map(([what]) => ({ rule: "strange text", place: `${path}:${index + 1}`, what: `names ${what}` })),
      ),
  );
}
