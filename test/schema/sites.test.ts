// What stands in braces in these tests is source text.
/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text of the tested files */
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { findSites } from "../../runtime/schema/sites.js";

function sitesOf(text: string, file = "app/a.ts") {
  const source = ts.createSourceFile(`/${file}`, text, ts.ScriptTarget.ES2023, true);
  return { ...findSites(ts, source, file), text };
}

function insert({ text, insertions }: ReturnType<typeof sitesOf>): string {
  return insertions.reduceRight(
    (result, insertion) =>
      result.slice(0, insertion.offset) + insertion.text + result.slice(insertion.offset),
    text,
  );
}

const wrapped: readonly (readonly [source: string, result: string])[] = [
  ["new A('x')", `new (__moose_new(A,"app/a.ts:1:1"))('x')`],
  ["new A<R>('x')", `new (__moose_new(A,"app/a.ts:1:1"))<R>('x')`],
  ["new A", `new (__moose_new(A,"app/a.ts:1:1"))`],
  ["new A<R>", `new (__moose_new(A,"app/a.ts:1:1"))<R>`],
  ["new m.n.A<R>()", `new (__moose_new(m.n.A,"app/a.ts:1:1"))<R>()`],
  ["new (pick())<R>()", `new (__moose_new((pick()),"app/a.ts:1:1"))<R>()`],
  ["new (class {})()", `new (__moose_new((class {}),"app/a.ts:1:1"))()`],
  ["new classes['A']()", `new (__moose_new(classes['A'],"app/a.ts:1:1"))()`],
  ["new new A()()", `new (__moose_new(new (__moose_new(A,"app/a.ts:1:5"))(),"app/a.ts:1:1"))()`],
  ["new A(new B())", `new (__moose_new(A,"app/a.ts:1:1"))(new (__moose_new(B,"app/a.ts:1:7"))())`],
  ["new /* c */ A // d\n <R>(x)", `new /* c */ (__moose_new(A,"app/a.ts:1:1")) // d\n <R>(x)`],
  ["x = f<R>('x')", `x = (__moose_call(f,"app/a.ts:1:5"))<R>('x')`],
  ["x = a.b<R>('x')", `x = (__moose_call(a.b,"app/a.ts:1:5",a))<R>('x')`],
  ["x = f<R>(g<S>())", `x = (__moose_call(f,"app/a.ts:1:5"))<R>((__moose_call(g,"app/a.ts:1:10"))<S>())`],
  [
    "class C extends f<R>() { m() { return this.g<R>() } }",
    `class C extends (__moose_call(f,"app/a.ts:1:17"))<R>() { m() { return (__moose_call(this.g,"app/a.ts:1:39",this))<R>() } }`,
  ],
  ["const a = b\nf<R>('x')", `const a = b\n;(__moose_call(f,"app/a.ts:2:1"))<R>('x')`],
  ["f<R>('x').then(1)", `;(__moose_call(f,"app/a.ts:1:1"))<R>('x').then(1)`],
  [
    "if (a) f<R>(); else f<S>()",
    `if (a) (__moose_call(f,"app/a.ts:1:8"))<R>(); else (__moose_call(f,"app/a.ts:1:21"))<S>()`,
  ],
  ["switch (a) { case 1: f<R>() }", `switch (a) { case 1: ;(__moose_call(f,"app/a.ts:1:22"))<R>() }`],
  ["const g = () => f<R>()", `const g = () => (__moose_call(f,"app/a.ts:1:17"))<R>()`],
  ["`${new A()}`", '`${new (__moose_new(A,"app/a.ts:1:4"))()}`'],
  ["@d(new A()) class C {}", `@d(new (__moose_new(A,"app/a.ts:1:4"))()) class C {}`],
];

const untouched: readonly string[] = [
  "f('x')",
  "a.b('x')",
  "a?.b<R>()",
  "f?.<R>()",
  "x().f<R>()",
  "a.b.c<R>()",
  "(f)<R>()",
  "f<A>",
  "class C extends D { constructor() { super(); super.m<R>() } }",
  "import('x')",
  "@d<R>() class C {}",
  "declare const a: A; declare class B { c: new () => D }",
  "declare namespace N { const x: number }",
  "type T = new () => A; interface I { new (): A; f<R>(): A }",
  "enum E { A = 'x'.length }",
  "tag<R>`x`",
];

describe("what can make a declaration is wrapped where it stands", () => {
  test.each(wrapped)("%s", (source, result) => {
    expect(insert(sitesOf(source))).toBe(result);
  });

  test.each(untouched)("%s stays as it is", (source) => {
    expect(insert(sitesOf(source))).toBe(source);
  });

  test.each(wrapped)("%s has as many lines as before, and parses", (source) => {
    const result = insert(sitesOf(source));
    expect(result.split("\n")).toHaveLength(source.split("\n").length);
    const { diagnostics } = ts.transpileModule(result, {
      reportDiagnostics: true,
      compilerOptions: { target: 99 },
    });
    expect(diagnostics).toEqual([]);
  });

  test("insertions are sorted, and each expression is found by its site", () => {
    const { insertions, expressions } = sitesOf("const a = new A();\n  f<R>(new B(), g<S>());\n");
    const offsets = insertions.map(({ offset }) => offset);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect([...expressions.keys()]).toEqual([
      "app/a.ts:1:11",
      "app/a.ts:2:3",
      "app/a.ts:2:8",
      "app/a.ts:2:17",
    ]);
    expect(expressions.get("app/a.ts:2:8")?.getText()).toBe("new B()");
  });

  test("a quote in a file's name is escaped", () => {
    expect(insert(sitesOf("new A", 'app/"a".ts'))).toBe('new (__moose_new(A,"app/\\"a\\".ts:1:1"))');
  });

  test("a declaration file has nothing to wrap", () => {
    expect(sitesOf("export declare const x: A;", "app/a.d.ts").insertions).toEqual([]);
  });
});
