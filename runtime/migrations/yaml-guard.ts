// Looks at the tokens of a YAML text before it is parsed: what the parser could not bear is refused here.

import { loadYaml } from "./libraries.js";

/** As many lines as a plan of 5 MiB has. */
const maxLines = 250_000;
const maxFlowDepth = 32;
/** Levels that one line may open, and how far it may be indented. */
const maxLineLevels = 32;
const maxIndent = 256;

export interface Refusal {
  readonly offset: number;
  readonly code: string;
  readonly summary: string;
}

/**
 * Anchors, aliases and tags are not for plan files. Deep nesting must not reach the parser at all: it recurses, and where
 * the stack ends inside of a regular expression the whole process ends with it (seen with 200,000 brackets).
 */
export function refusalOf(text: string): Refusal | undefined {
  const { CST, Lexer } = loadYaml();
  const guard = new Guard();
  let isScalar = false;
  for (const token of new Lexer().lex(text)) {
    if (isScalar) {
      isScalar = false;
      guard.skip(token);
      continue;
    }
    const type = CST.tokenType(token);
    isScalar = type === "scalar";
    // The marks that the lexer puts between tokens are not in the text.
    if (type === "flow-error-end") guard.endFlow();
    if (type === "scalar" || type === "doc-mode" || type === "flow-error-end") continue;
    const refused = guard.see(type, token);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

class Guard {
  #offset = 0;
  #lines = 0;
  #flowDepth = 0;
  #lineLevels = 0;
  #atLineStart = true;

  see(type: string | null, token: string): Refusal | undefined {
    const refused = this.#judge(type, token);
    this.#offset += token.length;
    return refused;
  }

  skip(token: string): void {
    this.#offset += token.length;
    this.#lines += newlines(token);
    this.#atLineStart = false;
  }

  /** A bracket that is never closed ends where the lines are no longer indented below it. */
  endFlow(): void {
    this.#flowDepth = 0;
  }

  #judge(type: string | null, token: string): Refusal | undefined {
    switch (type) {
      case "alias":
      case "anchor":
        return this.#refuse(
          "migrations/alias",
          "the file has an anchor or alias, which plan files may not have",
        );
      case "tag":
      case "directive-line":
        return this.#refuse(
          "migrations/tag",
          "the file has a tag or directive, which plan files may not have",
        );
      case "newline":
        this.#lines += newlines(token);
        this.#lineLevels = 0;
        this.#atLineStart = true;
        return this.#lines > maxLines
          ? this.#refuse("migrations/too-large", `the file has more than ${maxLines} lines`)
          : undefined;
      case "space":
        if (this.#atLineStart && this.#flowDepth === 0 && token.length > maxIndent) return this.#tooDeep();
        break;
      case "flow-map-start":
      case "flow-seq-start":
        if (++this.#flowDepth > maxFlowDepth) return this.#tooDeep();
        break;
      case "flow-map-end":
      case "flow-seq-end":
        this.#flowDepth = Math.max(0, this.#flowDepth - 1);
        break;
      case "seq-item-ind":
      case "explicit-key-ind":
      case "map-value-ind":
        if (this.#flowDepth === 0 && ++this.#lineLevels > maxLineLevels) return this.#tooDeep();
        break;
      default:
        this.#lines += newlines(token);
    }
    this.#atLineStart = false;
    return undefined;
  }

  #tooDeep(): Refusal {
    return this.#refuse("migrations/too-deep", "the file is nested too deeply here");
  }

  #refuse(code: string, summary: string): Refusal {
    return { offset: this.#offset, code, summary };
  }
}

function newlines(token: string): number {
  let count = 0;
  for (let at = token.indexOf("\n"); at >= 0; at = token.indexOf("\n", at + 1)) count++;
  return count;
}
