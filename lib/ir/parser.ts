/**
 * Reads the text form of functions that `printer.ts` writes (its comment shows it): tests state their
 * inputs in it. Values and blocks keep the numbers of the text, so printing gives the same text again.
 * A comment runs from `;` to the end of its line; one that starts with `; @` is a wasm offset, which
 * holds from that instruction on.
 *
 * The parser checks what it needs to build a function; `verify` checks the rest.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { TrapKind, trapKindNames, trapLabel } from "../base/trap_kind.ts";
import { type Block, type Edge, Func, NO_BLOCK, type Value } from "./func.ts";
import {
  argumentCount,
  edgesOf,
  effectOf,
  immediateOf,
  isCall,
  LIST,
  MemoryFlags,
  Op,
  type OpName,
  opNames,
  Region,
  resultOf,
} from "./ops.ts";
import { type Signature, SignatureTable, Type, type TypeName, typeNames } from "./types.ts";

/** Where and how the text of a function is wrong: `line 3, column 7: ...`. */
export class ParseError extends CompileError {
  constructor(message: string, readonly line: number, readonly column: number) {
    super(`Cannot parse IR: line ${line}, column ${column}: ${message}`);
  }
}

/**
 * The function that a text describes, in `func` if one is given. Throws {@linkcode ParseError}.
 */
export function parse(
  text: string,
  func: Func = new Func(),
  signatures: SignatureTable = new SignatureTable(),
): Func {
  return new Parser(text, func, signatures).run();
}

interface Token {
  readonly kind: "word" | "number" | "mark" | "end";
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

interface EdgeText {
  readonly target: number;
  readonly args: readonly number[];
  readonly token: Token;
}

/** One instruction or parameter as read; it becomes one of the function when all is known. */
interface Line {
  readonly block: number;
  /** Its number in the text, -1 for instructions without a result. */
  value: number;
  readonly op: Op;
  readonly token: Token;
  args: number[];
  edges: EdgeText[];
  low: number;
  high: number;
  /** The words of an entry of the function's vectors. */
  vector?: number[];
  /** The type, -1 when it is to be found from the operands. */
  type: number;
  location: number;
}

const opNumbers = new Map<string, Op>(opNames.map((name: OpName) => [name, Op[name]]));
const trapKinds = new Map(trapKindNames.map((name) => [trapLabel(TrapKind[name]), TrapKind[name]]));
const space = /[ \t\r]+/y;
const offset = /;[ \t]*@([0-9a-fA-F]+)[^\n]*/y;
const comment = /;[^\n]*/y;
const number =
  /-?(?:0x[0-9a-fA-F]+|nan:0x[0-9a-fA-F]+|inf\b|[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)/y;
const word = /[A-Za-z_][A-Za-z0-9_-]*/y;
const mark = /->|[(){}:,=+!.]/y;

class Parser {
  readonly #tokens: Token[] = [];
  /** Wasm offsets by line of text. */
  readonly #locations = new Map<number, number>();
  readonly #func: Func;
  readonly #signatures: SignatureTable;
  readonly #lines: Line[] = [];
  /** Blocks in layout order, and which of them are cold. */
  readonly #blocks: number[] = [];
  readonly #cold = new Set<number>();
  #frameBlock: number = NO_BLOCK;
  #next = 0;

  constructor(text: string, func: Func, signatures: SignatureTable) {
    this.#func = func;
    this.#signatures = signatures;
    this.#tokenize(text);
  }

  run(): Func {
    this.#word("function");
    const signature = this.#signature();
    this.#mark("{");
    while (!this.#accept("}")) this.#block();
    if (this.#peek().kind !== "end") this.#fail("nothing may follow the function");
    this.#func.reset(signature, this.#signatures);
    this.#build();
    return this.#func;
  }

  // ── Tokens ────────────────────────────────────────────────────────────────────────────────────

  #tokenize(text: string): void {
    let at = 0, line = 1, lineStart = 0;
    const match = (pattern: RegExp): RegExpExecArray | null => {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (found !== null) at = pattern.lastIndex;
      return found;
    };
    while (at < text.length) {
      const column = at - lineStart + 1;
      if (text[at] === "\n") {
        line++;
        lineStart = ++at;
        continue;
      }
      if (match(space) !== null) continue;
      const location = match(offset);
      if (location !== null) {
        this.#locations.set(line, parseInt(location[1] as string, 16) | 0);
        continue;
      }
      if (match(comment) !== null) continue;
      const kind = match(number)
        ? "number"
        : match(word)
        ? "word"
        : match(mark)
        ? "mark"
        : undefined;
      const start = lineStart + column - 1;
      if (kind === undefined) {
        throw new ParseError(`unexpected character "${text[at]}"`, line, column);
      }
      this.#tokens.push({ kind, text: text.slice(start, at), line, column });
    }
    this.#tokens.push({ kind: "end", text: "the end", line, column: at - lineStart + 1 });
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }
  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#next++;
    return token;
  }
  #fail(message: string, token: Token = this.#peek()): never {
    throw new ParseError(message, token.line, token.column);
  }
  #accept(text: string): boolean {
    if (this.#peek().text !== text || this.#peek().kind === "end") return false;
    this.#next++;
    return true;
  }
  #mark(text: string): void {
    if (!this.#accept(text)) this.#fail(`expected "${text}", found "${this.#peek().text}"`);
  }
  #word(text: string): void {
    this.#mark(text);
  }

  /** A handle: `v7` or `b2`. */
  #handle(letter: "v" | "b"): number {
    const token = this.#take();
    const found = token.kind === "word" && token.text[0] === letter &&
      /^[0-9]+$/.test(token.text.slice(1));
    if (!found) this.#fail(`expected a ${letter === "v" ? "value" : "block"}`, token);
    const n = Number(token.text.slice(1));
    if (n > 0xffffff) this.#fail("the number is too large", token);
    return n;
  }
  #isHandle(letter: "v" | "b"): boolean {
    const token = this.#peek();
    return token.kind === "word" && token.text[0] === letter && /^.[0-9]+$/.test(token.text);
  }
  #integer(): number {
    const token = this.#take();
    if (!/^-?[0-9]+$/.test(token.text)) this.#fail("expected an integer", token);
    return Number(token.text) | 0;
  }
  #type(): Type {
    const token = this.#take();
    if (!typeNames.includes(token.text as TypeName)) this.#fail("expected a type", token);
    return Type[token.text as TypeName];
  }
  #trapKind(): number {
    const token = this.#take(), kind = trapKinds.get(token.text);
    if (kind === undefined) this.#fail(`"${token.text}" is no trap kind`, token);
    return kind;
  }

  // ── Grammar ───────────────────────────────────────────────────────────────────────────────────

  #types(): Type[] {
    const types: Type[] = [];
    this.#mark("(");
    while (!this.#accept(")")) {
      if (types.length > 0) this.#mark(",");
      types.push(this.#type());
    }
    return types;
  }
  #signature(): Signature {
    const params = this.#types();
    this.#mark("->");
    return { params, results: this.#peek().text === "(" ? this.#types() : [this.#type()] };
  }

  #block(): void {
    const block = this.#handle("b");
    if (this.#blocks.includes(block)) this.#fail(`b${block} occurs twice`);
    this.#blocks.push(block);
    if (this.#accept("(")) {
      for (let first = true; !this.#accept(")"); first = false) {
        if (!first) this.#mark(",");
        const token = this.#peek(), value = this.#handle("v");
        this.#mark(":");
        this.#lines.push({ ...this.#line(block, value, Op.param, token), type: this.#type() });
      }
    }
    if (this.#accept("frame")) this.#frameBlock = block;
    if (this.#accept("cold")) this.#cold.add(block);
    this.#mark(":");
    while (this.#peek().text !== "}" && !this.#isHandle("b")) this.#instruction(block);
  }

  #line(block: number, value: number, op: Op, token: Token): Line {
    const line: Line = {
      block,
      value,
      op,
      token,
      args: [],
      edges: [],
      low: 0,
      high: 0,
      type: resultOf[op] as number,
      location: this.#locations.get(token.line) ?? this.#lines.at(-1)?.location ?? 0,
    };
    return line;
  }

  #instruction(block: number): void {
    const start = this.#peek();
    let value = -1;
    if (this.#isHandle("v")) {
      value = this.#handle("v");
      this.#mark("=");
    }
    const name = this.#take(), op = opNumbers.get(name.text);
    if (op === undefined || op === Op.param) this.#fail(`"${name.text}" is no opcode`, name);
    const line = this.#line(block, value, op, start);
    this.#operands(line);
    if (line.type === Type.void && value >= 0) this.#fail("it has no result to name", start);
    if (line.type !== Type.void && value < 0) this.#fail("its result has no name", start);
    this.#lines.push(line);
  }

  #operands(line: Line): void {
    const { op } = line;
    if (isCall[op] === 1) return this.#call(line);
    if (op === Op.result) {
      line.args.push(this.#handle("v"));
      this.#mark(".");
      line.low = this.#integer();
      return;
    }
    if (edgesOf[op] !== 0) return this.#branch(line);
    switch (immediateOf[op]) {
      case "const32":
      case "const64":
        return this.#constant(line);
      case "const128":
        return this.#vector(line);
      case "memory":
        return this.#access(line);
      case "index":
        line.low = this.#integer();
        return;
      default:
        this.#args(line);
    }
    if (immediateOf[op] === "trap") {
      this.#mark("!");
      line.low = this.#trapKind();
    } else if (immediateOf[op] === "lane") {
      this.#mark(",");
      line.low = this.#integer();
    } else if (immediateOf[op] === "lanes") {
      this.#mark(",");
      line.vector = [0, 0, 0, 0];
      for (let k = 0; k < 16; k++) {
        const lane = this.#integer();
        line.vector[k >> 2] = (line.vector[k >> 2] as number) | (lane & 0xff) << 8 * (k & 3);
      }
    }
  }

  #args(line: Line): void {
    const count = argumentCount[line.op] as number;
    if (count === LIST && !this.#startsList()) return;
    for (let i = 0; count === LIST ? i === 0 || this.#accept(",") : i < count; i++) {
      if (count !== LIST && i > 0) this.#mark(",");
      line.args.push(this.#handle("v"));
    }
  }
  /** Whether the values of a `return` follow, and not already the next block or instruction. */
  #startsList(): boolean {
    return this.#isHandle("v") && this.#tokens[this.#next + 1]?.text !== "=";
  }

  #vector(line: Line): void {
    const token = this.#take();
    if (!/^0x[0-9a-fA-F]{1,32}$/.test(token.text)) this.#fail("expected a vector", token);
    const bits = BigInt(token.text);
    line.vector = [0n, 32n, 64n, 96n].map((at) => Number(BigInt.asIntN(32, bits >> at)));
  }

  #constant(line: Line): void {
    const token = this.#take(), { text } = token;
    if (token.kind !== "number") this.#fail("expected a number", token);
    const isFloat = line.op === Op.f32_const || line.op === Op.f64_const;
    const is64 = immediateOf[line.op] === "const64";
    let bits: bigint;
    if (text.startsWith("nan:") && isFloat) {
      bits = BigInt(text.slice(4));
    } else if (isFloat) {
      const view = new DataView(new ArrayBuffer(8));
      const n = text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);
      if (is64) view.setFloat64(0, n);
      else view.setFloat32(4, n);
      bits = view.getBigUint64(0);
    } else if (/^-?[0-9]+$/.test(text)) {
      bits = BigInt(text);
    } else {
      this.#fail("expected an integer", token);
    }
    line.low = Number(BigInt.asIntN(32, bits));
    line.high = is64 ? Number(BigInt.asIntN(32, bits >> 32n)) : 0;
  }

  #access(line: Line): void {
    const readonly = this.#accept("readonly");
    const token = this.#take();
    if (!Object.hasOwn(Region, token.text)) this.#fail("expected a memory region", token);
    line.args.push(this.#handle("v"));
    this.#mark("+");
    line.low = this.#integer();
    if (effectOf[line.op] === "store") {
      this.#mark(",");
      line.args.push(this.#handle("v"));
    }
    const trap = this.#accept("!") ? this.#trapKind() : -1;
    line.high = MemoryFlags.of(Region[token.text as keyof typeof Region], trap, readonly);
  }

  #call(line: Line): void {
    if (line.op === Op.call_ptr) line.args.push(this.#handle("v"));
    else line.low = this.#integer();
    this.#mark("(");
    for (let first = true; !this.#accept(")"); first = false) {
      if (!first) this.#mark(",");
      line.args.push(this.#handle("v"));
    }
    const { params, results } = this.#signature();
    line.high = this.#signatures.intern(params, results);
    line.type = results[0] ?? Type.void;
  }

  #branch(line: Line): void {
    const { op } = line, edges = edgesOf[op] as number;
    if (argumentCount[op] === 1) {
      line.args.push(this.#handle("v"));
      this.#mark(",");
    }
    for (let i = 0; edges === LIST ? i === 0 || this.#accept(",") : i < edges; i++) {
      if (edges !== LIST && i > 0) this.#mark(",");
      const token = this.#peek(), target = this.#handle("b"), args: number[] = [];
      if (this.#accept("(")) {
        for (let first = true; !this.#accept(")"); first = false) {
          if (!first) this.#mark(",");
          args.push(this.#handle("v"));
        }
      }
      line.edges.push({ target, args, token });
    }
  }

  // ── Building ──────────────────────────────────────────────────────────────────────────────────

  /** Lines by the number that their instruction gets; a number that none has stays unlinked. */
  #number(): (Line | undefined)[] {
    const byValue: (Line | undefined)[] = [];
    for (const line of this.#lines) {
      if (line.value < 0) continue;
      if (byValue[line.value] !== undefined) {
        this.#fail(`v${line.value} is defined twice`, line.token);
      }
      byValue[line.value] = line;
    }
    let free = 0;
    for (const line of this.#lines) {
      if (line.value >= 0) continue;
      while (byValue[free] !== undefined) free++;
      byValue[free] = line;
      line.value = free;
    }
    return byValue;
  }

  #build(): void {
    const func = this.#func, byValue = this.#number();
    for (const block of this.#blocks) while (func.blockCount <= block) func.createBlock();
    for (const block of this.#blocks) {
      func.appendToLayout(block as Block);
      func.setCold(block as Block, this.#cold.has(block));
    }
    func.frameBlock = this.#frameBlock as Block;
    for (let v = 0; v < byValue.length; v++) {
      const line = byValue[v];
      if (line === undefined) func.create(Op.trap, Type.void, 0);
      else if (line.op !== Op.param) func.create(line.op, Type.void, line.location);
      else func.appendParam(line.block as Block, Op.param, line.type as Type, line.location);
    }
    for (const line of this.#lines) {
      const v = line.value as Value;
      // Parameters were linked in the order of their numbers; here is the order of the text.
      if (line.op === Op.param) func.remove(v);
      func.append(line.block as Block, v);
      if (line.op !== Op.param) this.#fill(v, line);
    }
    for (const line of this.#lines) this.#resolveType(line, byValue, 0);
  }

  #fill(v: Value, line: Line): void {
    const func = this.#func, edges: Edge[] = [];
    for (const { target, args, token } of line.edges) {
      if (!this.#blocks.includes(target)) this.#fail(`there is no block b${target}`, token);
      const edge = func.createEdge(line.block as Block, target as Block);
      func.setEdgeArgs(edge, args, 0, args.length);
      edges.push(edge);
    }
    if (argumentCount[line.op] === LIST) {
      func.setArgList(v, line.args, 0, line.args.length);
    } else if (line.args.length > 0) {
      const [a, b, c] = line.args as Value[];
      func.setArgs(v, a as Value, b, c);
    }
    if (line.vector !== undefined) {
      const [w0, w1, w2, w3] = line.vector as [number, number, number, number];
      line.low = func.vectors.add(w0, w1, w2, w3);
    }
    func.setImmediate(v, line.low, line.high);
    if (edgesOf[line.op] === LIST) func.setEdgeList(v, edges, 0, edges.length);
    else if (edges.length > 0) func.setEdges(v, edges[0] as Edge, edges[1]);
  }

  /** Finds the type of a `select` and of a further result, which the text does not say. */
  #resolveType(line: Line, byValue: readonly (Line | undefined)[], depth: number): number {
    if (line.type < 0) {
      const source = byValue[line.args[line.op === Op.select ? 1 : 0] as number];
      if (source === undefined || depth > 1000) {
        this.#fail("its operand is not defined", line.token);
      }
      if (line.op === Op.select) {
        line.type = this.#resolveType(source, byValue, depth + 1);
      } else {
        if (isCall[source.op] === 0) this.#fail("a result is one of a call", line.token);
        const type = this.#signatures.get(source.high as never).results[line.low];
        if (type === undefined) this.#fail("the call has no such result", line.token);
        line.type = type;
      }
    }
    if (line.op !== Op.param) this.#func.setOp(line.value as Value, line.op, line.type as Type);
    return line.type;
  }
}
