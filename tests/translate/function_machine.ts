/**
 * Executes translated functions in a toy address space that is laid out as `vmctx.ts` says, so that
 * what the translator makes of memories, tables, globals and calls can be compared with V8. Operators
 * are computed by the IR's own constant folding, whose tests are elsewhere.
 */
import { ok } from "node:assert/strict";
import { type TrapKind, type TrapKindName, trapKindNames } from "../../lib/base/trap_kind.ts";
import { result } from "../../lib/base/int64.ts";
import { fold } from "../../lib/ir/fold.ts";
import { type Block, type Edge, Func, type Value } from "../../lib/ir/func.ts";
import { isConstant, isLoad, isStore, MemoryFlags, Op, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Builtin } from "../../lib/translate/builtins.ts";
import { FunctionTranslator } from "../../lib/translate/function_translator.ts";
import type { ModuleTranslation } from "../../lib/translate/module.ts";
import {
  VMFuncRef,
  VMFunctionImport,
  VMMemoryImport,
  VMTableImport,
} from "../../lib/translate/vmctx.ts";

/** A trap of the program. */
export class MachineTrap extends Error {
  constructor(readonly kind: TrapKindName) {
    super(kind);
  }
}

/** A function of the host, by what it does to raw 64-bit values. */
export type HostFunction = (...args: bigint[]) => bigint[];

const VMCTX = 0x1000, IMPORTED_GLOBALS = 0x6000, DEFINITIONS = 0x7000, TABLES = 0x8000;
const HEAP = 0x40000, PAGE = 0x10000, MAX_PAGES = 4;
/** Code "addresses": this plus the function's index. */
const CODE = 0x7000_0000;
const bytesOf: Record<string, number> = { "8": 1, "16": 2, "32": 4 };

/** One instance of a module. */
export class Machine {
  readonly memory = new DataView(new ArrayBuffer(HEAP + MAX_PAGES * PAGE));
  readonly #functions = new Map<number, Func>();
  readonly #translator: FunctionTranslator;
  #heapEnd: number;

  constructor(
    readonly translation: ModuleTranslation,
    readonly imports: readonly HostFunction[] = [],
    importedGlobals: readonly bigint[] = [],
  ) {
    const { module } = translation, { layout } = module;
    this.#translator = new FunctionTranslator(translation);
    this.#heapEnd = HEAP + (module.memories[0]?.type.limits.minimum ?? 0) * PAGE;
    module.typeIds.forEach((id, n) => this.memory.setUint32(VMCTX + layout.typeId(n), id, true));
    module.memories.forEach((_, n) => {
      this.#set(VMCTX + layout.memory(n) + VMMemoryImport.base, HEAP);
      this.#set(VMCTX + layout.memory(n) + VMMemoryImport.definition, DEFINITIONS);
      this.#set(DEFINITIONS, this.#heapEnd - HEAP);
    });
    module.tables.forEach(({ type }, n) => {
      this.#set(VMCTX + layout.table(n) + VMTableImport.base, TABLES + n * 0x1000);
      this.#set(VMCTX + layout.table(n) + VMTableImport.definition, DEFINITIONS + 8 + n * 8);
      this.#set(DEFINITIONS + 8 + n * 8, type.limits.minimum);
    });
    module.globals.forEach(({ init }, n) => {
      if (n < module.importedGlobals) {
        this.#set(VMCTX + layout.importedGlobal(n), IMPORTED_GLOBALS + n * 16);
        this.memory.setBigUint64(IMPORTED_GLOBALS + n * 16, importedGlobals[n] ?? 0n, true);
      } else if (init?.ops[0]?.op === "const") {
        const at = VMCTX + layout.definedGlobal(n - module.importedGlobals);
        this.memory.setBigUint64(at, init.ops[0].bits, true);
      }
    });
    for (let n = 0; n < module.importedFunctions; n++) {
      const at = VMCTX + layout.importedFunction(n);
      this.#set(at + VMFunctionImport.wasmCall, CODE + n);
      this.#set(at + VMFunctionImport.vmctx, 0x55);
    }
    module.escapingFunctions.forEach((index, n) => {
      const at = VMCTX + layout.funcRef(n);
      this.#set(at + VMFuncRef.wasmCall, CODE + index);
      this.#set(at + VMFuncRef.vmctx, VMCTX);
      this.memory.setUint32(at + VMFuncRef.typeId, module.functions[index]!.typeId, true);
    });
    for (const { mode, offset, start, end } of module.data) {
      if (mode !== "active") continue;
      const at = offset?.ops[0]?.op === "const" ? Number(offset.ops[0].bits) : 0;
      new Uint8Array(this.memory.buffer).set(module.bytes.subarray(start, end), HEAP + at);
    }
    for (const { mode, table, offset, items } of module.elements) {
      if (mode !== "active" || items.kind !== "functions") continue;
      const start = offset?.ops[0]?.op === "const" ? Number(offset.ops[0].bits) : 0;
      items.indices.forEach((index, n) => {
        const reference = VMCTX + layout.funcRef(module.functions[index]!.escapingIndex);
        this.#set(TABLES + table * 0x1000 + (start + n) * 8, reference);
      });
    }
  }

  /** Calls an exported function with raw 64-bit values. */
  invoke(name: string, args: readonly bigint[]): bigint[] {
    const found = this.translation.module.exports.find((e) => e.name === name);
    return this.#call(found!.index, [BigInt(VMCTX), ...args]);
  }

  /** The bytes of memory 0. */
  heap(): Uint8Array {
    return new Uint8Array(this.memory.buffer.slice(HEAP, this.#heapEnd));
  }

  /** The translation of a defined function. */
  func(index: number): Func {
    let func = this.#functions.get(index);
    if (func === undefined) {
      func = new Func();
      const { module, functionBodies } = this.translation;
      this.#translator.translate(functionBodies[index - module.importedFunctions]!, func);
      this.#functions.set(index, func);
    }
    return func;
  }

  #call(index: number, args: readonly bigint[]): bigint[] {
    if (index < this.translation.module.importedFunctions) {
      ok(args[0] === 0x55n, "an import gets its own vmctx");
      return this.imports[index]!(...args.slice(1));
    }
    return this.#execute(this.func(index), args);
  }

  #execute(func: Func, args: readonly bigint[]): bigint[] {
    const values: bigint[] = [], results = new Map<number, bigint[]>();
    const get = (v: Value): bigint => {
      ok(values[v] !== undefined, `v${v} is used before it is defined`);
      return values[v]!;
    };
    let block: Block = func.layout(0), incoming: readonly bigint[] = args;
    for (let steps = 0;; steps++) {
      ok(steps < 100_000, "the function does not end");
      let v = func.first(block);
      for (let i = 0; i < func.paramCount(block); i++, v = func.next(v)) values[v] = incoming[i]!;
      const end = func.last(block);
      for (; v !== end; v = func.next(v)) {
        const op = func.op(v),
          list = Array.from({ length: func.argCount(v) }, (_, i) => get(func.arg(v, i)));
        if (op === Op.result) values[v] = results.get(func.a(v))![func.low(v)]!;
        else if (op === Op.call || op === Op.call_ptr || op === Op.call_builtin) {
          const given = this.#callFrom(func, v, list);
          results.set(v, given);
          if (given.length > 0) values[v] = given[0]!;
        } else values[v] = this.#compute(func, v, list);
      }
      const take = (edge: Edge): void => {
        ok(func.edgeSource(edge) === block, "an edge leaves the block of its terminator");
        block = func.edgeTarget(edge);
        ok(func.edgeArgCount(edge) === func.paramCount(block), "arguments match parameters");
        incoming = Array.from(
          { length: func.edgeArgCount(edge) },
          (_, i) => get(func.edgeArg(edge, i)),
        );
      };
      switch (func.op(end)) {
        case Op.jump:
          take(func.edge(end, 0));
          break;
        case Op.br_if:
          take(func.edge(end, get(func.a(end)) !== 0n ? 0 : 1));
          break;
        case Op.br_table:
          take(func.edge(end, Math.min(Number(get(func.a(end))), func.edgeCount(end) - 1)));
          break;
        case Op.return:
          return Array.from({ length: func.argCount(end) }, (_, i) => get(func.arg(end, i)));
        default:
          throw trap(func.low(end));
      }
    }
  }

  #callFrom(func: Func, v: Value, list: readonly bigint[]): bigint[] {
    if (func.op(v) === Op.call) return this.#call(func.low(v), list);
    if (func.op(v) === Op.call_ptr) return this.#call(Number(list[0]) - CODE, list.slice(1));
    return this.#builtin(func.low(v), list.slice(1).map(Number));
  }

  #builtin(builtin: number, args: number[]): bigint[] {
    const bytes = new Uint8Array(this.memory.buffer, HEAP, this.#heapEnd - HEAP);
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = args;
    switch (builtin) {
      case Builtin.memory_grow: {
        const old = bytes.length / PAGE;
        const maximum = this.translation.module.memories[a]!.type.limits.maximum ?? MAX_PAGES;
        if (old + b > Math.min(maximum, MAX_PAGES)) return [0xffff_ffff_ffff_ffffn];
        this.#heapEnd += b * PAGE;
        this.#set(DEFINITIONS, this.#heapEnd - HEAP);
        return [BigInt(old)];
      }
      case Builtin.memory_copy:
        ok(a === 0 && b === 0);
        if (c + e > bytes.length || d + e > bytes.length) {
          throw new MachineTrap("memoryOutOfBounds");
        }
        bytes.copyWithin(c, d, d + e);
        return [];
      case Builtin.memory_fill:
        if (b + d > bytes.length) throw new MachineTrap("memoryOutOfBounds");
        bytes.fill(c, b, b + d);
        return [];
      default:
        throw new Error(`builtin ${builtin} is not part of the machine`);
    }
  }

  #compute(func: Func, v: Value, list: readonly bigint[]): bigint {
    const op = func.op(v), [a = 0n, b = 0n, c = 0n] = list;
    const low = func.low(v), high = func.high(v);
    if (isConstant[op] === 1) {
      return func.type(v) === Type.i32 || func.type(v) === Type.f32
        ? BigInt(low >>> 0)
        : join(low, high);
    }
    if (op === Op.select) return a !== 0n ? b : c;
    if (op === Op.trap_if || op === Op.trap_unless) {
      if ((a !== 0n) === (op === Op.trap_if)) throw trap(low);
      return 0n;
    }
    if (isLoad[op] === 1 || isStore[op] === 1) return this.#access(func, v, a, b);
    const halves = [a, b].map((
      n,
    ) => [Number(BigInt.asIntN(32, n)), Number(BigInt.asIntN(32, n >> 32n))]);
    if (!fold(op, halves[0]![0]!, halves[0]![1]!, halves[1]![0]!, halves[1]![1]!)) {
      throw new MachineTrap(b === 0n ? "integerDivideByZero" : "integerOverflow");
    }
    const type = func.type(v);
    return type === Type.i32 || type === Type.f32
      ? BigInt(result.low >>> 0)
      : join(result.low, result.high);
  }

  #access(func: Func, v: Value, address: bigint, value: bigint): bigint {
    const op = func.op(v), name = opNames[op]!, flags = func.high(v);
    const wide = name.startsWith("i64") || name.startsWith("f64");
    const bytes = bytesOf[/(8|16|32)(_[su])?$/.exec(name)?.[1] ?? ""] ?? (wide ? 8 : 4);
    const at = Number(BigInt.asIntN(64, address)) + (func.low(v) >>> 0);
    const isHeap = at >= HEAP;
    if (isHeap ? at + bytes > this.#heapEnd : at < VMCTX) {
      ok(MemoryFlags.trap(flags) >= 0, `v${v} faults but is said not to`);
      throw trap(MemoryFlags.trap(flags));
    }
    ok(isHeap === (MemoryFlags.region(flags) === 1), `v${v} names the wrong region`);
    if (isStore[op] === 1) {
      for (let i = 0; i < bytes; i++) {
        this.memory.setUint8(at + i, Number(value >> BigInt(8 * i) & 0xffn));
      }
      return 0n;
    }
    let bits = 0n;
    for (let i = 0; i < bytes; i++) bits |= BigInt(this.memory.getUint8(at + i)) << BigInt(8 * i);
    if (name.endsWith("_s")) bits = BigInt.asIntN(8 * bytes, bits);
    return BigInt.asUintN(wide ? 64 : 32, bits);
  }

  #set(at: number, value: number): void {
    this.memory.setBigUint64(at, BigInt(value), true);
  }
}

function join(low: number, high: number): bigint {
  return BigInt.asUintN(64, BigInt(high) << 32n | BigInt(low >>> 0));
}

function trap(kind: number): MachineTrap {
  return new MachineTrap(trapKindNames[kind as TrapKind]!);
}
