/**
 * A small interpreter of the IR, for comparing what a function does before and after a pass. It is
 * slow and plain on purpose: integers are BigInts, and it knows the opcodes that the generator of
 * `random_function.ts` uses.
 *
 * @module
 */
import { NONE } from "../../lib/base/handle.ts";
import type { Block, Edge, Func, Value } from "../../lib/ir/func.ts";
import { isCall, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";

/** What a run did: everything that can be observed. */
export interface Outcome {
  readonly results: readonly bigint[];
  readonly trap: string;
  readonly calls: readonly string[];
  readonly memory: string;
}

const MEMORY_BYTES = 256;

class Trap extends Error {}

/** Runs `func` on arguments; the first is the vmctx, the address of 64 bytes that never change. */
export function interpret(func: Func, args: readonly bigint[]): Outcome {
  const values = new Map<number, bigint>();
  const calls: string[] = [];
  const memory = new DataView(new ArrayBuffer(MEMORY_BYTES));
  for (let i = 0; i < MEMORY_BYTES; i++) memory.setUint8(i, (i * 37) & 255);
  let results: bigint[] = [];
  let trap = "";
  const get = (v: Value): bigint => {
    const value = values.get(v);
    if (value === undefined) throw new Error(`v${v} is used before its definition`);
    return value;
  };
  const follow = (e: Edge): Block => {
    const target = func.edgeTarget(e);
    const passed: bigint[] = [];
    for (let i = 0; i < func.edgeArgCount(e); i++) passed.push(get(func.edgeArg(e, i)));
    if (passed.length !== func.paramCount(target)) throw new Error(`edge ${e} has a wrong length`);
    let p = func.first(target);
    for (const value of passed) {
      values.set(p, value);
      p = func.next(p);
    }
    return target;
  };
  let block: Block = func.layout(0);
  let p = func.first(block);
  for (const arg of args) {
    values.set(p, arg);
    p = func.next(p);
  }
  try {
    for (let fuel = 3000; fuel > 0; fuel--) {
      let next: Block = NONE as Block;
      for (let v = func.first(block); v !== NONE; v = func.next(v)) {
        if (func.block(v) !== block) throw new Error(`v${v} stands in the wrong block`);
        const name = opNames[func.op(v)] as string;
        const arg = (i: number): bigint => get(func.arg(v, i));
        if (name === "param") continue;
        if (name === "jump") next = follow(func.edge(v, 0));
        else if (name === "br_if") next = follow(func.edge(v, arg(0) !== 0n ? 0 : 1));
        else if (name === "br_table") {
          const last = func.edgeCount(v) - 1, at = Number(BigInt.asUintN(32, arg(0)));
          next = follow(func.edge(v, Math.min(at, last)));
        } else if (name === "return") {
          results = Array.from({ length: func.argCount(v) }, (_, i) => arg(i));
        } else if (name === "trap") throw new Trap("trap");
        else if (name === "trap_if") {
          if (arg(0) !== 0n) throw new Trap(`kind ${func.low(v)}`);
        } else if (isCall[func.op(v)] === 1) {
          const passed = Array.from({ length: func.argCount(v) }, (_, i) => arg(i));
          calls.push(passed.join());
          for (let i = 64; i < 80; i++) memory.setUint8(i, memory.getUint8(i) + calls.length);
          values.set(v, BigInt.asUintN(32, passed.reduce((a, b) => a * 31n + b, 7n)));
        } else values.set(v, compute(func, v, name, arg, memory));
      }
      if (next === NONE) break;
      block = next;
      if (fuel === 1) trap = "no fuel";
    }
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    trap = error.message;
  }
  return { results, trap, calls, memory: new Uint8Array(memory.buffer).toHex() };
}

function compute(
  func: Func,
  v: Value,
  name: string,
  arg: (i: number) => bigint,
  memory: DataView,
): bigint {
  const bits = func.type(v) === Type.i64 ? 64 : 32;
  const wrap = (x: bigint): bigint => BigInt.asUintN(bits, x);
  if (name.endsWith("_const")) {
    const low = BigInt(func.low(v) >>> 0);
    return bits === 64 ? low | (BigInt(func.high(v) >>> 0) << 32n) : low;
  }
  const access = /^i(32|64)_(load|store)(?:(8)_u)?$/.exec(name);
  if (access !== null) {
    const at = arg(0) + BigInt(func.low(v) >>> 0), width = Number(access[3] ?? access[1]) / 8;
    if (at < 0n || at + BigInt(width) > BigInt(MEMORY_BYTES)) throw new Trap("out of bounds");
    const from = Number(at);
    let value = 0n;
    for (let i = width - 1; i >= 0; i--) {
      if (access[2] === "load") value = (value << 8n) | BigInt(memory.getUint8(from + i));
      else memory.setUint8(from + i, Number((arg(1) >> BigInt(8 * i)) & 255n));
    }
    return value;
  }
  switch (name.replace(/^i(32|64)_/, "")) {
    case "add":
      return wrap(arg(0) + arg(1));
    case "sub":
      return wrap(arg(0) - arg(1));
    case "mul":
      return wrap(arg(0) * arg(1));
    case "xor":
      return arg(0) ^ arg(1);
    case "and":
      return arg(0) & arg(1);
    case "eqz":
      return arg(0) === 0n ? 1n : 0n;
    case "lt_u":
      return arg(0) < arg(1) ? 1n : 0n;
    case "popcnt":
      return BigInt(arg(0).toString(2).replaceAll("0", "").length);
    case "extend_i32_u":
      return arg(0);
    case "div_u":
      if (arg(1) === 0n) throw new Trap("integer divide by zero");
      return arg(0) / arg(1);
    case "select":
      return arg(0) !== 0n ? arg(1) : arg(2);
    default:
      throw new Error(`the interpreter does not know "${name}"`);
  }
}
