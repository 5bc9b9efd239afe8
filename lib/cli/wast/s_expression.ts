/**
 * S-expressions of spec scripts: enough to find the commands and constants. Modules keep their text
 * and are left to the text format's parser.
 *
 * @module
 */

/** A list `( ... )` with its place in the text. */
export interface List {
  readonly kind: "list";
  readonly items: readonly Expression[];
  /** Offset of the opening parenthesis. */
  readonly start: number;
  /** Offset behind the closing one. */
  readonly end: number;
  readonly line: number;
}

/** A word: keyword, number or `$identifier`. */
export interface Atom {
  readonly kind: "atom";
  readonly text: string;
}

/** A quoted string, as the bytes it denotes. */
export interface Text {
  readonly kind: "string";
  readonly bytes: Uint8Array;
}

/** Any S-expression. */
export type Expression = List | Atom | Text;

/** The script is not well-formed. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

/** Reads all top-level lists of a script. @throws ScriptError naming the line */
export function parseScript(source: string): List[] {
  const parser = new Parser(source);
  const lists: List[] = [];
  for (;;) {
    const next = parser.read();
    if (next === undefined) return lists;
    if (next === "close" || next.kind !== "list") {
      throw new ScriptError(`line ${parser.line}: a command was expected`);
    }
    lists.push(next);
  }
}

class Parser {
  #at = 0;
  line = 1;

  constructor(readonly source: string) {}

  /** The next expression, `close` at a closing parenthesis, undefined at the end. */
  read(): Expression | "close" | undefined {
    this.#skipSpace();
    const { source } = this;
    if (this.#at >= source.length) return undefined;
    const c = source[this.#at] as string;
    if (c === ")") {
      this.#at++;
      return "close";
    }
    if (c === "(") {
      const list = this.#readList();
      // An annotation `(@name …)` may stand anywhere, and means nothing to a script.
      return isAnnotation(list) ? this.read() : list;
    }
    if (c === '"') return { kind: "string", bytes: this.#readString() };
    const start = this.#at;
    while (this.#at < source.length && !/[\s()"]/.test(source[this.#at] as string)) {
      if (source.startsWith(";;", this.#at)) break;
      this.#at++;
    }
    return { kind: "atom", text: source.slice(start, this.#at) };
  }

  #readList(): List {
    const start = this.#at++, { line } = this;
    const items: Expression[] = [];
    for (;;) {
      const item = this.read();
      if (item === undefined) throw new ScriptError(`line ${line}: a list is not closed`);
      if (item === "close") return { kind: "list", items, start, end: this.#at, line };
      items.push(item);
    }
  }

  #readString(): Uint8Array {
    const bytes: number[] = [];
    const encoder = new TextEncoder();
    const simple: Record<string, number> = { n: 10, t: 9, r: 13, "\\": 92, '"': 34, "'": 39 };
    for (this.#at++;;) {
      const c = this.source[this.#at++];
      if (c === undefined) throw new ScriptError(`line ${this.line}: a string is not closed`);
      if (c === '"') return Uint8Array.from(bytes);
      if (c === "\n") this.line++;
      if (c !== "\\") {
        const code = this.source.codePointAt(this.#at - 1) as number;
        if (code > 0xffff) this.#at++;
        if (code < 0x80) bytes.push(code);
        else bytes.push(...encoder.encode(String.fromCodePoint(code)));
        continue;
      }
      const escape = this.source[this.#at++] ?? "";
      if (escape === "u") {
        const end = this.source.indexOf("}", this.#at);
        const code = parseInt(this.source.slice(this.#at + 1, end), 16);
        bytes.push(...encoder.encode(String.fromCodePoint(code)));
        this.#at = end + 1;
      } else if (escape in simple) {
        bytes.push(simple[escape] as number);
      } else {
        bytes.push(parseInt(escape + this.source[this.#at++], 16));
      }
    }
  }

  #skipSpace(): void {
    const { source } = this;
    while (this.#at < source.length) {
      const c = source[this.#at] as string;
      if (c === "\n") {
        this.line++;
        this.#at++;
      } else if (c === " " || c === "\t" || c === "\r") {
        this.#at++;
      } else if (c === ";" && source[this.#at + 1] === ";") {
        while (this.#at < source.length && source[this.#at] !== "\n") this.#at++;
      } else if (c === "(" && source[this.#at + 1] === ";") {
        this.#skipBlockComment();
      } else {
        return;
      }
    }
  }

  #skipBlockComment(): void {
    let depth = 0;
    const { line } = this;
    do {
      const pair = this.source.slice(this.#at, this.#at + 2);
      if (pair === "") throw new ScriptError(`line ${line}: a comment is not closed`);
      if (pair === "(;") depth++;
      else if (pair === ";)") depth--;
      else if (pair[0] === "\n") this.line++;
      this.#at += pair === "(;" || pair === ";)" ? 2 : 1;
    } while (depth > 0);
  }
}

function isAnnotation(list: List): boolean {
  return headOf(list).startsWith("@");
}

/** The keyword a list begins with, empty when it begins with something else. */
export function headOf(list: List): string {
  const first = list.items[0];
  return first?.kind === "atom" ? first.text : "";
}
