/**
 * A store: everything that instances share while they live. All instances of a store stand in one
 * guest address space, so they can share functions, memories, tables and globals.
 *
 * @module
 */
import { assert, InternalError } from "../base/errors.ts";
import { TrapKind } from "../base/trap_kind.ts";
import type { Executor, Fault, HostCalls } from "../executor/executor.ts";
import type { Builtin } from "../translate/builtins.ts";
import { SLOT_BYTES, VMFuncRef, VMHostContext, VMHOSTCONTEXT_MAGIC } from "../translate/vmctx.ts";
import type { FunctionType, ValueType } from "../wasm/types.ts";
import { Arena, GuestRecord, ValueStack } from "./arena.ts";
import { backtrace } from "./backtrace.ts";
import { callBuiltin } from "./builtins.ts";
import { CodeRegistry } from "./code_registry.ts";
import type { Engine } from "./engine.ts";
import { Func } from "./externals.ts";
import type { Instance } from "./instance.ts";
import type { Module } from "./module.ts";
import { Trap, TrapSignal } from "./trap.ts";
import { isFunctionReference, readValue, type WasmValue, writeValue } from "./values.ts";

/**
 * A host function: takes the wasm arguments as JavaScript values, returns nothing, the one result
 * as it is, or an array of several. It may throw, and it may call back into wasm.
 */
export type HostFunction = (...args: WasmValue[]) => WasmValue | WasmValue[] | void;

interface HostFunctionRecord {
  readonly type: FunctionType;
  readonly implementation: HostFunction;
}

/** Holds instances and executes their code; see the module's comment. */
export class Store implements HostCalls {
  /** Guest memory for the records that compiled code reads. */
  readonly arena: Arena;
  /** The code of all modules that were instantiated. */
  readonly code: CodeRegistry;
  readonly #values: ValueStack;
  readonly #hostFunctions: HostFunctionRecord[] = [];
  /** By guest address of the `VMFuncRef`. */
  readonly #functions = new Map<number, Func>();
  /** Host functions that no loaded module can call yet, by type id. */
  readonly #withoutTrampoline = new Map<number, GuestRecord[]>();
  readonly #instances = new Map<number, Instance>();
  readonly #externs: unknown[] = [undefined];
  readonly #externHandles = new Map<unknown, bigint>();
  #depth = 0;

  constructor(readonly engine: Engine, readonly executor: Executor) {
    this.arena = new Arena(executor);
    this.code = new CodeRegistry(executor);
    this.#values = new ValueStack(this.arena);
  }

  /** Frees the guest; nothing of the store may be used afterwards. */
  close(): void {
    this.executor.close();
  }

  /** How many calls from the host into wasm are under way, one within the other. */
  get depth(): number {
    return this.#depth;
  }

  // ── Functions ─────────────────────────────────────────────────────────────────────────────────

  /** Makes a host function callable by wasm. */
  hostFunction(type: FunctionType, implementation: HostFunction, name = ""): Func {
    const index = this.#hostFunctions.length;
    this.#hostFunctions.push({ type, implementation });
    const context = this.arena.allocate(VMHostContext.size);
    context.setU32(VMHostContext.magic, VMHOSTCONTEXT_MAGIC);
    context.setU32(VMHostContext.index, index);
    context.setAddress(VMHostContext.gate, this.executor.hostGate);
    const typeId = this.engine.typeId(type);
    const record = this.arena.allocate(VMFuncRef.size);
    record.setAddress(VMFuncRef.vmctx, context.address);
    record.setU32(VMFuncRef.typeId, typeId);
    record.setAddress(VMFuncRef.arrayCall, this.executor.hostGate);
    const trampoline = this.code.wasmToArrayTrampoline(typeId);
    if (trampoline !== undefined) record.setAddress(VMFuncRef.wasmCall, trampoline);
    else this.#waitForTrampoline(typeId, record);
    const func = new Func(this, type, record, name);
    this.#functions.set(record.address, func);
    return func;
  }

  /** The function whose `VMFuncRef` stands at `record`. */
  functionAt(record: GuestRecord, name = ""): Func {
    let func = this.#functions.get(record.address);
    if (func === undefined) {
      const type = this.engine.typeOf(record.getU32(VMFuncRef.typeId));
      func = new Func(this, type, record, name);
      this.#functions.set(record.address, func);
    }
    return func;
  }

  /** Makes a module's code executable in this store, once, and returns its guest address. */
  loadCode(module: Module): number {
    const base = this.code.load(module);
    for (const [typeId, records] of this.#withoutTrampoline) {
      const trampoline = this.code.wasmToArrayTrampoline(typeId);
      if (trampoline === undefined) continue;
      for (const record of records) record.setAddress(VMFuncRef.wasmCall, trampoline);
      this.#withoutTrampoline.delete(typeId);
    }
    return base;
  }

  #waitForTrampoline(typeId: number, record: GuestRecord): void {
    const waiting = this.#withoutTrampoline.get(typeId);
    if (waiting) waiting.push(record);
    else this.#withoutTrampoline.set(typeId, [record]);
  }

  /** Makes an instance known by its vmctx, for builtins. */
  addInstance(vmctx: number, instance: Instance): void {
    this.#instances.set(vmctx, instance);
  }

  // ── References ────────────────────────────────────────────────────────────────────────────────

  /** The bits of a reference: 0 for null, the address of a `VMFuncRef`, or an extern's handle. */
  toBits(type: ValueType, value: WasmValue): bigint {
    if (value === null) return 0n;
    if (isFunctionReference(type)) {
      if (!(value instanceof Func)) throw new TypeError("Cannot pass value: not a function");
      if (value.store !== this) throw new TypeError("Cannot pass function: it is of another store");
      return BigInt(value.record.address);
    }
    let handle = this.#externHandles.get(value);
    if (handle === undefined) {
      handle = BigInt(this.#externs.length);
      this.#externs.push(value);
      this.#externHandles.set(value, handle);
    }
    return handle;
  }

  /** The reference with these bits. */
  fromBits(type: ValueType, bits: bigint): WasmValue {
    if (bits === 0n) return null;
    if (!isFunctionReference(type)) return this.#externs[Number(bits)];
    const address = Number(bits);
    const known = this.#functions.get(address);
    if (known !== undefined) return known;
    const place = this.executor.resolve(address);
    assert(place !== undefined, () => `no function reference at 0x${address.toString(16)}`);
    const { buffer, byteOffset, byteLength } = place.bytes;
    const view = new DataView(buffer, byteOffset, byteLength);
    return this.functionAt(new GuestRecord(address, view, place.offset));
  }

  // ── Calls ─────────────────────────────────────────────────────────────────────────────────────

  /** Runs `use` with `count` slots that are free again afterwards. */
  withSlots<T>(count: number, use: (slots: GuestRecord) => T): T {
    const mark = this.#values.mark;
    const slots = this.#values.push(count * SLOT_BYTES);
    if (slots === undefined) throw new Trap(TrapKind.callStackExhausted, this.backtrace());
    try {
      return use(slots);
    } finally {
      this.#values.release(mark);
    }
  }

  /**
   * Calls the array-convention function at a guest address.
   * @throws Trap, InternalError for a fault that the trap table does not know, and whatever a host
   * function throws
   */
  invoke(entry: number, vmctx: number, values: number): void {
    this.#depth++;
    try {
      const fault = this.executor.call(entry, vmctx, values, this);
      if (fault !== undefined) throw this.#trapOf(fault);
    } catch (error) {
      if (isHostStackOverflow(error)) throw new Trap(TrapKind.callStackExhausted, this.backtrace());
      throw error;
    } finally {
      this.#depth--;
    }
  }

  /** The wasm functions on the stack at the innermost call of the host, innermost first. */
  backtrace(): ReturnType<typeof backtrace> {
    const site = this.executor.callSite();
    return site === undefined ? [] : backtrace(this, { ...site, lr: 0 }, false);
  }

  /** {@inheritDoc HostCalls.hostCall} */
  hostCall(vmctx: number, values: number): void {
    const context = this.#recordAt(vmctx);
    assert(
      context.getU32(VMHostContext.magic) === VMHOSTCONTEXT_MAGIC,
      () => `host call with a context at 0x${vmctx.toString(16)} that is none`,
    );
    const record = this.#hostFunctions[context.getU32(VMHostContext.index)] as HostFunctionRecord;
    const { params, results } = record.type;
    const slots = this.#recordAt(values);
    const args = params.map((type, n) => readValue(slots, n * SLOT_BYTES, type, this));
    const returned = record.implementation(...args);
    if (results.length === 1) {
      writeValue(slots, 0, results[0] as ValueType, returned, this);
    } else if (results.length > 1) {
      if (!Array.isArray(returned) || returned.length !== results.length) {
        throw new TypeError(
          `Cannot take the results of a host function: ${results.length} values in an array expected`,
        );
      }
      results.forEach((type, n) => writeValue(slots, n * SLOT_BYTES, type, returned[n], this));
    }
  }

  /** {@inheritDoc HostCalls.builtinCall} */
  builtinCall(vmctx: number, values: number, builtin: number): void {
    const instance = this.#instances.get(vmctx);
    assert(instance !== undefined, () => `builtin call without an instance: ${vmctx}`);
    try {
      callBuiltin(builtin as Builtin, instance, this.#recordAt(values));
    } catch (error) {
      if (error instanceof TrapSignal) throw new Trap(error.kind, this.backtrace());
      throw error;
    }
  }

  #recordAt(address: number): GuestRecord {
    const place = this.executor.resolve(address);
    assert(place !== undefined, () => `no guest memory at 0x${address.toString(16)}`);
    const { buffer, byteOffset, byteLength } = place.bytes;
    return new GuestRecord(address, viewOf(buffer, byteOffset, byteLength), place.offset);
  }

  #trapOf(fault: Fault): Trap | InternalError {
    const frames = (): ReturnType<typeof backtrace> => backtrace(this, fault, true);
    const machine = {
      pc: fault.pc,
      instruction: this.code.describeInstruction(fault.pc, this.engine.isa),
      ...(fault.address >= 0 && { faultPage: fault.address }),
    };
    if (fault.kind === "memory" && fault.inStackGuard) {
      return new Trap(TrapKind.callStackExhausted, frames(), machine);
    }
    const kind = this.code.trapAt(fault.pc);
    if (kind !== undefined) return new Trap(kind, frames(), machine);
    return new InternalError(describeUnknownFault(fault, machine.instruction));
  }
}

/** One view per buffer: making one costs more than most host calls. */
const views = new WeakMap<ArrayBufferLike, DataView>();
function viewOf(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): DataView {
  let view = views.get(buffer);
  if (view === undefined || view.byteOffset !== byteOffset || view.byteLength !== byteLength) {
    view = new DataView(buffer, byteOffset, byteLength);
    views.set(buffer, view);
  }
  return view;
}

function isHostStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === "Maximum call stack size exceeded";
}

function describeUnknownFault(fault: Fault, instruction: string): string {
  const hex = (n: number | bigint): string => "0x" + n.toString(16);
  const lines = [
    `fault (${fault.kind}) at pc ${hex(fault.pc)}, which the trap table does not know: ` +
    "this is a bug in Trapline",
    `  ${instruction || "(no instruction of ours)"}`,
  ];
  if (fault.address >= 0) lines.push(`  accessing page ${hex(fault.address)}`);
  let line = " ";
  for (const [name, value] of fault.registers) {
    line += ` ${name}=${hex(value)}`;
    if (line.length > 80) {
      lines.push(line);
      line = " ";
    }
  }
  if (line !== " ") lines.push(line);
  return lines.join("\n");
}
