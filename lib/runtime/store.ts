/**
 * A store: everything that instances share while they live. All instances of a store stand in one
 * guest address space, so they can share functions, memories, tables and globals.
 *
 * @module
 */
import { assert, InternalError } from "../base/errors.ts";
import { TrapKind } from "../base/trap_kind.ts";
import type { Executor, Fault } from "../executor/executor.ts";
import type { Builtin } from "../translate/builtins.ts";
import { SLOT_BYTES, VMFuncRef, VMHostContext, VMHOSTCONTEXT_MAGIC } from "../translate/vmctx.ts";
import type { FunctionType, ValueType } from "../wasm/types.ts";
import { Arena, GuestRecord, ValueStack } from "./arena.ts";
import { backtrace, moduleOf } from "./backtrace.ts";
import { callBuiltin } from "./builtins.ts";
import { CodeRegistry } from "./code_registry.ts";
import { checkFeatures } from "./executable.ts";
import type { Engine } from "./engine.ts";
import { Func } from "./externals.ts";
import { recordWasmBacktrace } from "./host_errors.ts";
import type { Instance } from "./instance.ts";
import type { Module } from "./module.ts";
import { type Frame, innermostWasm } from "./stack_frame.ts";
import { Trap, TrapSignal } from "./trap.ts";
import type { FaultExplainer } from "./fault_explainer.ts";
import { explainLater } from "./late_explanation.ts";
import { isFunctionReference, readValue, type WasmValue, writeValue } from "./values.ts";

/**
 * A host function: takes the wasm arguments as JavaScript values, returns nothing, the one result
 * as it is, or an array of several. It may throw, and it may call back into wasm.
 */
export type HostFunction = (...args: WasmValue[]) => WasmValue | WasmValue[] | void;

interface HostFunctionRecord {
  readonly type: FunctionType;
  readonly implementation: HostFunction;
  readonly name: string;
}

/** Holds instances and executes their code; see the module's comment. */
export class Store {
  /**
   * Guest memory for the records that compiled code reads.
   * @internal
   */
  readonly arena: Arena;
  /**
   * The code of all modules that were instantiated.
   * @internal
   */
  readonly code: CodeRegistry;
  readonly #values: ValueStack;
  readonly #hostFunctions: HostFunctionRecord[] = [];
  /** The host functions that wasm has called and that have not returned, innermost last. */
  readonly #underWay: HostFunctionRecord[] = [];
  /** How many of `#underWay` there are; what is behind them is left from before. */
  #hostDepth = 0;
  /** By guest address of the `VMFuncRef`. */
  readonly #functions = new Map<number, Func>();
  /** Host functions that no loaded module can call yet, by type id. */
  readonly #withoutTrampoline = new Map<number, GuestRecord[]>();
  readonly #instances = new Map<number, Instance>();
  readonly #externs: unknown[] = [undefined];
  readonly #externHandles = new Map<unknown, bigint>();

  /** A store of an engine's instances that executes on `executor`. */
  constructor(
    readonly engine: Engine,
    /** @internal */
    readonly executor: Executor,
  ) {
    this.arena = new Arena(executor);
    this.code = new CodeRegistry(executor);
    this.#values = new ValueStack(this.arena);
  }

  /** Frees the guest; nothing of the store may be used afterwards. */
  close(): void {
    this.executor.close();
  }

  // ── Functions ─────────────────────────────────────────────────────────────────────────────────

  /** Makes a host function callable by wasm. */
  hostFunction(type: FunctionType, implementation: HostFunction, name = ""): Func {
    const index = this.#hostFunctions.length;
    this.#hostFunctions.push({ type, implementation, name });
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

  /**
   * The function whose `VMFuncRef` stands at `record`.
   * @internal
   */
  functionAt(record: GuestRecord, name = ""): Func {
    let func = this.#functions.get(record.address);
    if (func === undefined) {
      const type = this.engine.typeOf(record.getU32(VMFuncRef.typeId));
      func = new Func(this, type, record, name);
      this.#functions.set(record.address, func);
    }
    return func;
  }

  /**
   * Makes a module's code executable in this store, once, and returns its guest address.
   * @throws LinkError when it needs a CPU feature that is not there
   */
  loadCode(module: Module): number {
    checkFeatures(this.engine.isa, module.code.featureBits, this.executor.featureBits);
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

  /** All instances of the store. */
  get instances(): Iterable<Instance> {
    return this.#instances.values();
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

  /**
   * Reserves `count` slots, until {@linkcode releaseSlots} is called with what `slotMark` was before.
   * @throws Trap when there is no room: calls are nested too deeply
   * @internal
   */
  reserveSlots(count: number): GuestRecord {
    const slots = this.#values.push(count * SLOT_BYTES);
    if (slots === undefined) throw new Trap(TrapKind.callStackExhausted, this.backtrace());
    return slots;
  }
  /**
   * Where the next slots are reserved.
   * @internal
   */
  get slotMark(): number {
    return this.#values.mark;
  }
  /**
   * Frees all slots that were reserved since `slotMark` was read.
   * @internal
   */
  releaseSlots(mark: number): void {
    this.#values.release(mark);
  }

  /**
   * What a fault that ended a call means for its caller.
   * @internal
   */
  errorOfFault(fault: Fault): Trap | InternalError {
    const frames = backtrace(this, {
      ...fault,
      isExact: true,
      isHostCall: false,
      hostFunctions: this.#namesUnderWay(),
    });
    const { explainer } = this.engine;
    const error = this.#errorOfFault(fault, frames, explainer);
    if (explainer === undefined) {
      explainLater(error, async () => {
        return this.#errorOfFault(fault, frames, await this.engine.loadExplainer());
      });
    }
    return error;
  }
  #errorOfFault(
    fault: Fault,
    frames: readonly Frame[],
    explainer: FaultExplainer | undefined,
  ): Trap | InternalError {
    const machine = {
      pc: fault.pc,
      instruction: explainer?.describeInstruction(this.code, fault.pc) ?? "",
      ...(fault.address >= 0 && { faultPage: fault.address }),
    };
    if (fault.kind === "memory" && fault.inStackGuard) {
      return new Trap(TrapKind.callStackExhausted, frames, machine);
    }
    const kind = this.code.trapAt(fault.pc);
    if (kind !== undefined) {
      const frame = innermostWasm(frames), module = frame && moduleOf(frame);
      const evidence = explainer?.evidenceOf(this, fault, kind, { frame, module });
      return new Trap(kind, frames, machine, evidence);
    }
    return new InternalError(describeUnknownFault(fault, machine.instruction));
  }
  /**
   * What to throw for an error that passes through a call: the end of the host's stack is a trap.
   * @internal
   */
  errorPassing(error: unknown): unknown {
    return isHostStackOverflow(error)
      ? new Trap(TrapKind.callStackExhausted, this.backtrace())
      : error;
  }

  /** The functions on the stack at the innermost call of the host, that one first. */
  backtrace(): Frame[] {
    return this.#backtraceOfCall(true);
  }

  /** @param isHostCall whether wasm called a host function last, not a builtin */
  #backtraceOfCall(isHostCall: boolean): Frame[] {
    const site = this.executor.callSite();
    if (site === undefined) return [];
    const hostFunctions = this.#namesUnderWay();
    return backtrace(this, { ...site, lr: 0, isExact: false, isHostCall, hostFunctions });
  }
  #namesUnderWay(): string[] {
    return this.#underWay.slice(0, this.#hostDepth).map(({ name }) => name);
  }

  /**
   * {@inheritDoc HostCalls.hostCall}
   *
   * This and `Func.call` are on the host's stack once per level when host and wasm call
   * each other; they leave the work to functions that have returned by then, to need little of it.
   */
  hostCall(vmctx: number, values: number): void {
    const slots = this.#recordAt(values), record = this.#enterHost(vmctx);
    try {
      const returned = record.implementation(...this.readSlots(slots, record.type.params));
      this.#writeReturned(slots, record.type.results, returned);
    } catch (error) {
      recordWasmBacktrace(error, this);
      throw error;
    } finally {
      this.#hostDepth--;
    }
  }

  /** The host function that is called, which is now under way. */
  #enterHost(vmctx: number): HostFunctionRecord {
    const record = this.#hostFunctionAt(vmctx);
    this.#underWay[this.#hostDepth++] = record;
    return record;
  }

  #hostFunctionAt(vmctx: number): HostFunctionRecord {
    const context = this.#recordAt(vmctx);
    const record = context.getU32(VMHostContext.magic) === VMHOSTCONTEXT_MAGIC
      ? this.#hostFunctions[context.getU32(VMHostContext.index)]
      : undefined;
    assert(
      record !== undefined,
      () => `host call with a context at 0x${vmctx.toString(16)} that is none`,
    );
    return record;
  }

  #writeReturned(slots: GuestRecord, types: readonly ValueType[], returned: WasmValue): void {
    if (types.length === 0) return;
    if (types.length === 1) {
      writeValue(slots, 0, types[0] as ValueType, returned, this);
      return;
    }
    if (!Array.isArray(returned) || returned.length !== types.length) {
      throw new TypeError(
        `Cannot take the results of a host function: ${types.length} values in an array expected`,
      );
    }
    this.writeSlots(slots, types, returned);
  }

  /**
   * Writes a value per type. @throws TypeError for a value that is not of its type
   * @internal
   */
  writeSlots(slots: GuestRecord, types: readonly ValueType[], values: readonly WasmValue[]): void {
    for (let n = 0; n < types.length; n++) {
      writeValue(slots, n * SLOT_BYTES, types[n] as ValueType, values[n], this);
    }
  }
  /**
   * Reads a value per type.
   * @internal
   */
  readSlots(slots: GuestRecord, types: readonly ValueType[]): WasmValue[] {
    const values: WasmValue[] = [];
    for (let n = 0; n < types.length; n++) {
      values.push(readValue(slots, n * SLOT_BYTES, types[n] as ValueType, this));
    }
    return values;
  }

  /** {@inheritDoc HostCalls.builtinCall} */
  builtinCall(vmctx: number, values: number, builtin: number): void {
    const instance = this.#instances.get(vmctx);
    assert(instance !== undefined, () => `builtin call without an instance: ${vmctx}`);
    try {
      callBuiltin(builtin as Builtin, instance, this.#recordAt(values));
    } catch (error) {
      if (error instanceof TrapSignal) {
        throw new Trap(
          error.kind,
          this.#backtraceOfCall(false),
          undefined,
          error.evidence,
        );
      }
      throw error;
    }
  }

  #recordAt(address: number): GuestRecord {
    const place = this.executor.resolve(address);
    assert(place !== undefined, () => `no guest memory at 0x${address.toString(16)}`);
    const { buffer, byteOffset, byteLength } = place.bytes;
    return new GuestRecord(address, viewOf(buffer, byteOffset, byteLength), place.offset);
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
