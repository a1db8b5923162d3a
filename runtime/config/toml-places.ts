// Finds the line and column of every key of a TOML text; the TOML library tells no places.

/** Line and column of a key's first character, counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * The places of all keys of a text that is valid TOML, by their path: `clickhouse_config.db_name`. Tables of a
 * list carry their number, `clusters[0].name`; a key that is no bare word stands in quotes. A table has the
 * place of its header.
 */
export function locateKeys(toml: string): ReadonlyMap<string, TextPlace> {
  return new TomlScanner(toml).scan();
}

const bareKey = /^[A-Za-z0-9_-]+$/;

/** The path of a key as TOML writes it. */
export function keyPath(segments: readonly (string | number)[]): string {
  let path = "";
  for (const segment of segments) {
    if (typeof segment === "number") path += `[${segment}]`;
    else path += (path === "" ? "" : ".") + (bareKey.test(segment) ? segment : JSON.stringify(segment));
  }
  return path;
}

type Path = readonly (string | number)[];

class TomlScanner {
  readonly #text: string;
  readonly #places = new Map<string, TextPlace>();
  /** How many tables each list of tables has so far. */
  readonly #lengths = new Map<string, number>();
  #position = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): ReadonlyMap<string, TextPlace> {
    let table: Path = [];
    for (this.#skipBlank(); this.#position < this.#text.length; this.#skipBlank()) {
      const before = this.#position;
      if (this.#at("[[")) table = this.#header(2);
      else if (this.#at("[")) table = this.#header(1);
      else this.#assignment(table);
      if (this.#position === before) this.#advance(1);
    }
    return this.#places;
  }

  #header(brackets: 1 | 2): Path {
    this.#advance(brackets);
    this.#skipBlank();
    const place = this.#here();
    const path = this.#inLatestTables(this.#key());
    this.#skipBlank();
    this.#advance(brackets);
    if (brackets === 1) return this.#note(path, place);
    const list = keyPath(path);
    const index = this.#lengths.get(list) ?? 0;
    this.#lengths.set(list, index + 1);
    this.#note(path, place);
    return this.#note([...path, index], place);
  }

  /** In `[a.b]` after `[[a]]`, `a` means the last table of the list. */
  #inLatestTables(segments: readonly string[]): Path {
    const path: (string | number)[] = [];
    for (const [index, segment] of segments.entries()) {
      path.push(segment);
      const length = this.#lengths.get(keyPath(path));
      if (length !== undefined && index < segments.length - 1) path.push(length - 1);
    }
    return path;
  }

  #assignment(table: Path): void {
    const place = this.#here();
    const path = [...table, ...this.#key()];
    this.#note(path, place);
    this.#skipBlank();
    if (this.#at("=")) this.#advance(1);
    this.#skipBlank();
    this.#value(path);
  }

  #value(path: Path): void {
    if (this.#at("{")) this.#inlineTable(path);
    else if (this.#at("[")) this.#list(path);
    else if (this.#at('"') || this.#at("'")) this.#quoted();
    else this.#skipWhile((character) => !"\n,]}#".includes(character));
  }

  #inlineTable(path: Path): void {
    this.#advance(1);
    for (this.#skipSeparators(); !this.#at("}") && !this.#ended(); this.#skipSeparators()) {
      const before = this.#position;
      this.#assignment(path);
      if (this.#position === before) return;
    }
    this.#advance(1);
  }

  #list(path: Path): void {
    this.#advance(1);
    let index = 0;
    for (this.#skipSeparators(); !this.#at("]") && !this.#ended(); this.#skipSeparators()) {
      const before = this.#position;
      this.#value([...path, index++]);
      if (this.#position === before) return;
    }
    this.#advance(1);
  }

  #key(): readonly string[] {
    const segments: string[] = [];
    do {
      if (this.#at(".")) this.#advance(1);
      this.#skipBlank();
      segments.push(this.#at('"') || this.#at("'") ? this.#quoted() : this.#bareWord());
      this.#skipBlank();
    } while (this.#at("."));
    return segments;
  }

  #bareWord(): string {
    const start = this.#position;
    this.#skipWhile((character) => bareKey.test(character));
    return this.#text.slice(start, this.#position);
  }

  /** A text in quotes, one or three of them; a quoted key with escapes is read as JSON reads it. */
  #quoted(): string {
    const quote = this.#text[this.#position] ?? "";
    const fence = this.#at(quote.repeat(3)) ? quote.repeat(3) : quote;
    const start = this.#position;
    this.#advance(fence.length);
    while (!this.#ended() && !this.#at(fence)) this.#advance(quote === '"' && this.#at("\\") ? 2 : 1);
    this.#advance(fence.length);
    // Up to two quotes may stand right before the closing three.
    while (fence.length === 3 && this.#at(quote)) this.#advance(1);
    const inner = this.#text.slice(start + fence.length, this.#position - fence.length);
    return quote === '"' && fence.length === 1 ? unescaped(inner) : inner;
  }

  #note(path: Path, place: TextPlace): Path {
    const key = keyPath(path);
    if (!this.#places.has(key)) this.#places.set(key, place);
    return path;
  }

  #skipSeparators(): void {
    this.#skipBlank();
    while (this.#at(",")) {
      this.#advance(1);
      this.#skipBlank();
    }
  }

  #skipBlank(): void {
    this.#skipWhile((character) => " \t\r\n".includes(character));
    while (this.#at("#")) {
      this.#skipWhile((character) => character !== "\n");
      this.#skipWhile((character) => " \t\r\n".includes(character));
    }
  }

  #skipWhile(matches: (character: string) => boolean): void {
    while (!this.#ended() && matches(this.#text[this.#position] ?? "")) this.#advance(1);
  }

  #advance(count: number): void {
    for (let step = 0; step < count; step++) {
      if (this.#text[this.#position] === "\n") {
        this.#line += 1;
        this.#lineStart = this.#position + 1;
      }
      this.#position += 1;
    }
  }

  #at(expected: string): boolean {
    return this.#text.startsWith(expected, this.#position);
  }

  #ended(): boolean {
    return this.#position >= this.#text.length;
  }

  #here(): TextPlace {
    return { line: this.#line, column: this.#position - this.#lineStart + 1 };
  }
}

function unescaped(inner: string): string {
  try {
    return String(JSON.parse(`"${inner}"`));
  } catch {
    return inner;
  }
}
