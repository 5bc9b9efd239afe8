/**
 * Executes IR functions, for tests that compare a function before and after it was changed. Pure
 * opcodes are evaluated by `fold.ts`, which its own test checks against V8.
 *
 * Values are bits as an unsigned `bigint`. Memory is one array that all addresses index; calls go to
 * a function that the test provides.
 */
import { TrapKind } from "../../lib/base/trap_kind.ts";
import { result } from "../../lib/base/int64.ts";
import { fold } from "../../lib/ir/fold.ts";
import type { Block, Edge, Func, Value } from "../../lib/ir/func.ts";
import {
  effectOf,
  immediateOf,
  isCall,
  isLoad,
  isStore,
  MemoryFlags,
  Op,
  opNames,
} from "../../lib/ir/ops.ts";
import { Type, typeBytes } from "../../lib/ir/types.ts";

/** What a function did. */
export interface Outcome {
  /** What it returned; undefined when it trapped. */
  readonly results?: readonly bigint[];
  /** The kind of trap, if it trapped. */
  readonly trap?: TrapKind;
}

/** What surrounds the function. */
export interface Surroundings {
  readonly memory?: Uint8Array<ArrayBuffer>;
  /** Stands in for calls: gets the opcode, the index and the arguments. */
  readonly call?: (op: Op, index: number, args: readonly bigint[]) => readonly bigint[];
  /** Instructions to execute before giving up; 100,000 when left out. */
  readonly steps?: number;
}

class Trap extends Error {
  constructor(readonly kind: TrapKind) {
    super();
  }
}

/** Executes a function on arguments. Throws an `Error` when it does not come to an end. */
export function interpret(
  func: Func,
  args: readonly bigint[],
  surroundings: Surroundings = {},
): Outcome {
  try {
    return { results: new Interpreter(func, surroundings).run(args) };
  } catch (error) {
    if (error instanceof Trap) return { trap: error.kind };
    throw error;
  }
}

const half = (n: bigint): number => Number(BigInt.asIntN(32, n));
const whole = (low: number, high: number): bigint =>
  BigInt.asUintN(32, BigInt(low)) | (BigInt.asUintN(32, BigInt(high)) << 32n);

class Interpreter {
  readonly #func: Func;
  readonly #values: (bigint | undefined)[] = [];
  readonly #callResults = new Map<Value, readonly bigint[]>();
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #call: Surroundings["call"];
  #steps: number;
  #stack = 0;

  constructor(func: Func, { memory, call, steps = 100_000 }: Surroundings) {
    this.#func = func;
    this.#memory = memory ?? new Uint8Array(0);
    this.#call = call;
    this.#steps = steps;
  }

  run(args: readonly bigint[]): readonly bigint[] {
    const func = this.#func;
    let block = func.layout(0);
    this.#bind(block, args);
    for (;;) {
      let v = func.first(block);
      for (let i = func.paramCount(block); i > 0; i--) v = func.next(v);
      for (; effectOf[func.op(v)] !== "end"; v = func.next(v)) this.#step(v);
      this.#tick();
      switch (func.op(v)) {
        case Op.return:
          return this.#args(v);
        case Op.trap:
          throw new Trap(func.low(v) as TrapKind);
        case Op.jump:
          block = this.#follow(func.edge(v, 0));
          break;
        case Op.br_if:
          block = this.#follow(func.edge(v, this.#get(func.a(v)) !== 0n ? 0 : 1));
          break;
        default: {
          const last = func.edgeCount(v) - 1, index = this.#get(func.a(v));
          block = this.#follow(func.edge(v, index < BigInt(last) ? Number(index) : last));
        }
      }
    }
  }

  #tick(): void {
    if (this.#steps-- === 0) throw new Error("Cannot interpret: too many steps");
  }

  #get(v: Value): bigint {
    const n = this.#values[v];
    if (n === undefined) throw new Error(`Cannot interpret: v${v} is used before it is defined`);
    return n;
  }

  #args(v: Value): bigint[] {
    return Array.from(
      { length: this.#func.argCount(v) },
      (_, i) => this.#get(this.#func.arg(v, i)),
    );
  }

  #bind(block: Block, args: readonly bigint[]): void {
    let p = this.#func.first(block);
    for (const n of args) {
      this.#values[p] = BigInt.asUintN(8 * (typeBytes[this.#func.type(p)] as number), n);
      p = this.#func.next(p);
    }
  }

  #follow(edge: Edge): Block {
    const func = this.#func, target = func.edgeTarget(edge);
    const args = Array.from(
      { length: func.edgeArgCount(edge) },
      (_, i) => this.#get(func.edgeArg(edge, i)),
    );
    this.#bind(target, args);
    return target;
  }

  #step(v: Value): void {
    this.#tick();
    const func = this.#func, op = func.op(v);
    if (isCall[op] === 1) return this.#callFunction(v);
    if (isLoad[op] === 1 || isStore[op] === 1) return this.#access(v);
    const immediate = immediateOf[op];
    if (immediate === "const32") this.#values[v] = whole(func.low(v), 0);
    else if (immediate === "const64") this.#values[v] = whole(func.low(v), func.high(v));
    else if (op === Op.trap_if || op === Op.trap_unless) {
      if ((this.#get(func.a(v)) !== 0n) === (op === Op.trap_if)) {
        throw new Trap(func.low(v) as TrapKind);
      }
    } else if (op === Op.select) {
      this.#values[v] = this.#get(this.#get(func.a(v)) !== 0n ? func.b(v) : func.c(v));
    } else if (op === Op.result) {
      this.#values[v] = this.#callResults.get(func.a(v))?.[func.low(v)];
    } else if (op === Op.stack_address) {
      this.#values[v] = BigInt(this.#stack);
      this.#stack += (func.low(v) + 15) & ~15;
    } else this.#compute(v);
  }

  #compute(v: Value): void {
    const func = this.#func, [a = 0n, b = 0n] = this.#args(v);
    if (fold(func.op(v), half(a), half(a >> 32n), half(b), half(b >> 32n))) {
      this.#values[v] = whole(result.low, result.high);
      return;
    }
    const name = opNames[func.op(v)] as string;
    if (effectOf[func.op(v)] !== "trap") throw new Error(`Cannot interpret: no folder for ${name}`);
    if (name.includes("_trunc_")) {
      const isF32 = name.includes("f32");
      const magnitude = isF32 ? a & 0x7fffffffn : a & 0x7fffffffffffffffn;
      const isNaN = magnitude > (isF32 ? 0x7f800000n : 0x7ff0000000000000n);
      throw new Trap(isNaN ? TrapKind.invalidConversionToInteger : TrapKind.integerOverflow);
    }
    throw new Trap(b === 0n ? TrapKind.integerDivideByZero : TrapKind.integerOverflow);
  }

  #access(v: Value): void {
    const func = this.#func, op = func.op(v), name = opNames[op] as string;
    const width = /(?:load|store)(\d+)/.exec(name)?.[1] ?? name.slice(1, 3);
    const bytes = Number(width) / 8, at = this.#get(func.a(v)) + BigInt(func.low(v) >>> 0);
    const trap = MemoryFlags.trap(func.high(v));
    const address = BigInt.asUintN(64, at);
    if (address + BigInt(bytes) > BigInt(this.#memory.length)) {
      if (trap < 0) throw new Error(`Cannot interpret: v${v} faults at ${address}`);
      throw new Trap(trap as TrapKind);
    }
    if (isStore[op] === 1) {
      const n = this.#get(func.b(v));
      for (let i = 0; i < bytes; i++) {
        this.#memory[Number(address) + i] = Number((n >> BigInt(8 * i)) & 0xffn);
      }
      return;
    }
    let n = 0n;
    for (let i = bytes - 1; i >= 0; i--) {
      n = n << 8n | BigInt(this.#memory[Number(address) + i] ?? 0);
    }
    if (name.endsWith("_s")) n = BigInt.asIntN(8 * bytes, n);
    this.#values[v] = BigInt.asUintN(8 * (typeBytes[func.type(v)] as number), n);
  }

  #callFunction(v: Value): void {
    if (this.#call === undefined) throw new Error("Cannot interpret: a call, and nothing to call");
    const results = this.#call(this.#func.op(v), this.#func.low(v), this.#args(v));
    this.#callResults.set(v, results);
    if (this.#func.type(v) !== Type.void) this.#values[v] = results[0];
  }
}
