// The TypeScript compiler, loaded when first needed, and the few of its inner parts that are used here.
//
// The inner parts are not in its published types; package.json therefore holds TypeScript to one minor version,
// and the tests of this folder fail where one of them is gone.

import { createRequire } from "node:module";
import type ts from "typescript";

export type Compiler = typeof ts;

const require = createRequire(import.meta.url);

/**
 * Loads the compiler, which takes about 200 ms the first time. It is one file of 9 MB: `import` would read it twice
 * over to find out what it is and what it exports, in 500 ms more.
 */
export function loadCompiler(): Compiler {
  return require("typescript");
}

interface InnerSourceFile extends ts.SourceFile {
  /** The texts of all imports, exports and import types. */
  readonly imports?: readonly ts.StringLiteralLike[];
  readonly moduleAugmentations?: readonly ts.Node[];
  readonly externalModuleIndicator?: unknown;
}

interface InnerProgram {
  getResolvedModuleFromModuleSpecifier(
    specifier: ts.StringLiteralLike,
    source: ts.SourceFile,
  ): { readonly resolvedModule?: ts.ResolvedModuleFull } | undefined;
  emit(
    source: ts.SourceFile,
    writeFile: ts.WriteFileCallback,
    token: undefined,
    onlyDeclarations: true,
    transformers: undefined,
    forceDeclarations: true,
  ): ts.EmitResult;
}

interface InnerMappedType extends ts.ObjectType {
  readonly constraintType?: ts.Type;
  readonly modifiersType?: ts.Type;
}

interface InnerSignature extends ts.Signature {
  readonly target?: ts.Signature;
  readonly mapper?: unknown;
}

interface InnerChecker extends ts.TypeChecker {
  isArrayType(type: ts.Type): boolean;
  isTupleType(type: ts.Type): boolean;
}

/** Paths of the files that `source` imports, as the compiler resolved them. */
export function importedPaths(program: ts.Program, source: ts.SourceFile): readonly string[] {
  const specifiers = (source as InnerSourceFile).imports ?? [];
  const resolve = (specifier: ts.StringLiteralLike) =>
    (program as unknown as InnerProgram).getResolvedModuleFromModuleSpecifier(specifier, source)
      ?.resolvedModule?.resolvedFileName;
  return specifiers.map(resolve).filter((path) => path !== undefined);
}

/** Whether the file declares things that others see without importing it. */
export function declaresGlobals(source: ts.SourceFile): boolean {
  const inner = source as InnerSourceFile;
  return inner.externalModuleIndicator === undefined || (inner.moduleAugmentations?.length ?? 0) > 0;
}

/**
 * The file's declarations as the compiler would emit them: all that other files can see of its types.
 * `undefined` where it has no such text of its own.
 */
export function declarationText(program: ts.Program, source: ts.SourceFile): string | undefined {
  let text: string | undefined;
  const write: ts.WriteFileCallback = (_path, written) => {
    text = written;
  };
  const result = (program as unknown as InnerProgram).emit(source, write, undefined, true, undefined, true);
  return result.diagnostics.length > 0 ? undefined : text;
}

/** For a mapped type whose members have been asked for: the type of its keys, and the type that it maps. */
export function mappedTypeParts(type: ts.Type): {
  readonly keys: ts.Type | undefined;
  readonly source: ts.Type | undefined;
} {
  const mapped = type as InnerMappedType;
  return { keys: mapped.constraintType, source: mapped.modifiersType };
}

export function isArrayType(checker: ts.TypeChecker, type: ts.Type): boolean {
  return (checker as InnerChecker).isArrayType(type);
}

export function isTupleType(checker: ts.TypeChecker, type: ts.Type): boolean {
  return (checker as InnerChecker).isTupleType(type);
}

/**
 * `type` with the type parameters of the called function, and of the class whose method it is, replaced by the call's
 * type arguments.
 *
 * The compiler has no public way to do that. It does it itself for a signature's return type, so it is given a copy
 * of the signature that returns `type`. A signature of a generic class is made in steps, from `target` to `target`.
 */
export function instantiateByCall(checker: ts.TypeChecker, call: ts.Signature, type: ts.Type): ts.Type {
  const { target, mapper } = call as InnerSignature;
  if (target === undefined || mapper === undefined) return type;
  const returning = Object.create(target, {
    resolvedReturnType: { value: instantiateByCall(checker, target, type), writable: true },
    target: { value: undefined },
  }) as ts.Signature;
  const copy = Object.create(call, {
    target: { value: returning },
    resolvedReturnType: { value: undefined, writable: true },
  }) as ts.Signature;
  return checker.getReturnTypeOfSignature(copy);
}
