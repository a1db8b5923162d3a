// The compiler's own errors as diagnostics, without those that only say that the types of Node are not loaded.

import { builtinModules } from "node:module";
import type ts from "typescript";
import type { Diagnostic, SourcePlace } from "../../src/diagnostic.js";
import type { Compiler } from "./compiler.js";
import { relativePath } from "./relative-path.js";

/** A place in a source file of the project. */
export function placeAt(root: string, source: ts.SourceFile, offset: number): SourcePlace {
  const { line, character } = source.getLineAndCharacterOfPosition(offset);
  return { file: relativePath(root, source.fileName), line: line + 1, column: character + 1 };
}

export function toDiagnostic(
  compiler: Compiler,
  root: string,
  error: ts.Diagnostic,
  code: "schema/syntax" | "schema/type-error" | "schema/tsconfig",
): Diagnostic {
  return {
    code,
    severity: "error",
    summary: compiler.flattenDiagnosticMessageText(error.messageText, "\n"),
    place: error.file === undefined ? undefined : placeAt(root, error.file, error.start ?? 0),
  };
}

const cannotFindName = 2304;
const cannotFindModule = 2307;
const cannotFindNamespace = 2503;
/** "Do you need to install type definitions for ..", "Do you need to change your target library?" */
const missingEnvironment = new Set([2550, 2580, 2583, 2584, 2591, 2812, 2868]);
const moduleNames = new Set(["__dirname", "__filename", "require", "module", "exports", "NodeJS"]);
const noSuchProperty = 2339;

/**
 * Whether an error is owed to moose alone: it reads a project without the types of Node and of the browser, unless
 * the project's tsconfig names them.
 */
export function isMissingEnvironment(error: ts.Diagnostic): boolean {
  if (missingEnvironment.has(error.code)) return true;
  const text = error.file?.text.slice(error.start, (error.start ?? 0) + (error.length ?? 0)) ?? "";
  switch (error.code) {
    case cannotFindName:
    case cannotFindNamespace:
      return moduleNames.has(text) || Object.hasOwn(globalThis, text);
    case cannotFindModule:
      return isBuiltin(text.slice(1, -1));
    case noSuchProperty:
      return typeof error.messageText === "string" && error.messageText.includes("'ImportMeta'");
    default:
      return false;
  }
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith("node:") || builtinModules.includes(specifier);
}
