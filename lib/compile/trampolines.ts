/**
 * The IR of the trampolines between the internal calling convention and the array convention
 * `(vmctx: i64, values: i64) -> ()`, whose values stand in 16-byte slots: arguments, then in the
 * same slots the results. Being IR, they are the same on every instruction set.
 *
 * @module
 */
import type { Builder } from "../ir/builder.ts";
import { type Block, type Func, NO_BLOCK, type Value } from "../ir/func.ts";
import { MemoryFlags, Op, Region } from "../ir/ops.ts";
import { type Signature, type SignatureId, type SignatureTable, Type } from "../ir/types.ts";
import { type Builtin, builtinSignature } from "../translate/builtins.ts";
import { SLOT_BYTES, VMCONTEXT_BUILTIN_GATE, VMHostContext } from "../translate/vmctx.ts";

/** The array convention's signature. */
export const ARRAY_SIGNATURE: Signature = { params: [Type.i64, Type.i64], results: [] };
/** The signature by which the builtin gate is entered: vmctx, values, builtin. */
const GATE_SIGNATURE: Signature = { params: [Type.i64, Type.i64, Type.i32], results: [] };

const slotFlags = MemoryFlags.of(Region.stack, -1);
const vmctxFlags = MemoryFlags.of(Region.vmctx, -1, true);

/** Builds trampolines into a `Func`, one at a time. */
export class TrampolineBuilder {
  readonly #builder: Builder;
  readonly #func: Func;

  constructor(builder: Builder, func: Func) {
    this.#builder = builder;
    this.#func = func;
  }

  /** Array convention to the internal one: calls defined function `index`. */
  arrayToWasm(index: number, signature: SignatureId, signatures: SignatureTable): void {
    const [vmctx, values] = this.#begin(ARRAY_SIGNATURE, signatures) as [Value, Value];
    const { params, results } = signatures.get(signature);
    const args: Value[] = [vmctx];
    for (let n = 1; n < params.length; n++) {
      args.push(this.#loadSlot(values, n - 1, params[n] as Type));
    }
    const call = this.#builder.call(index, signature, args, 0, args.length);
    const returned = results.map((type, n) => this.#builder.result(call, n, type));
    returned.forEach((value, n) => this.#storeSlot(values, n, value));
    this.#builder.return([], 0, 0);
  }

  /** The internal convention to the array one: calls the gate that the `VMHostContext` names. */
  wasmToArray(signature: SignatureId, signatures: SignatureTable): void {
    const { params, results } = signatures.get(signature);
    const args = this.#begin(signatures.get(signature), signatures);
    const vmctx = args[0] as Value;
    const gate = this.#builder.load(Op.i64_load, vmctx, VMHostContext.gate, vmctxFlags);
    const values = this.#spill(args.slice(1), Math.max(params.length - 1, results.length));
    const array = signatures.intern(ARRAY_SIGNATURE.params, ARRAY_SIGNATURE.results);
    this.#builder.callPtr(array, [gate, vmctx, values], 0, 3);
    this.#returnSlots(values, results);
  }

  /** The internal convention to the builtin gate. */
  wasmToBuiltin(builtin: Builtin, signatures: SignatureTable): void {
    const signature = builtinSignature(builtin);
    const args = this.#begin(signature, signatures);
    const vmctx = args[0] as Value;
    const gate = this.#builder.load(Op.i64_load, vmctx, VMCONTEXT_BUILTIN_GATE, vmctxFlags);
    const count = Math.max(args.length - 1, signature.results.length);
    const values = this.#spill(args.slice(1), count);
    const gateSignature = signatures.intern(GATE_SIGNATURE.params, GATE_SIGNATURE.results);
    this.#builder.callPtr(gateSignature, [gate, vmctx, values, this.#builder.i32(builtin)], 0, 4);
    this.#returnSlots(values, signature.results);
  }

  /** Starts a function and gives its parameters. */
  #begin(signature: Signature, signatures: SignatureTable): Value[] {
    const func = this.#func;
    func.reset(signature, signatures);
    const entry: Block = func.createBlock();
    func.appendToLayout(entry);
    const params = signature.params.map((type) => func.appendParam(entry, Op.param, type, 0));
    this.#builder.reset(func);
    this.#builder.location = 0;
    this.#builder.setBlock(entry, NO_BLOCK);
    return params;
  }

  /** Stores values to fresh slots of the frame and gives their address. */
  #spill(values: readonly Value[], slots: number): Value {
    const address = this.#builder.stackAddress(Math.max(slots, 1) * SLOT_BYTES);
    values.forEach((value, n) => this.#storeSlot(address, n, value));
    return address;
  }

  #returnSlots(address: Value, results: readonly Type[]): void {
    const values = results.map((type, n) => this.#loadSlot(address, n, type));
    this.#builder.return(values, 0, values.length);
  }

  #loadSlot(address: Value, n: number, type: Type): Value {
    return this.#builder.load(loadOf(type), address, n * SLOT_BYTES, slotFlags);
  }

  #storeSlot(address: Value, n: number, value: Value): void {
    const op = storeOf(this.#func.type(value));
    this.#builder.store(op, address, value, n * SLOT_BYTES, slotFlags);
  }
}

function loadOf(type: Type): Op {
  switch (type) {
    case Type.i32:
      return Op.i32_load;
    case Type.f32:
      return Op.f32_load;
    case Type.f64:
      return Op.f64_load;
    case Type.v128:
      return Op.v128_load;
    default:
      return Op.i64_load;
  }
}

function storeOf(type: Type): Op {
  switch (type) {
    case Type.i32:
      return Op.i32_store;
    case Type.f32:
      return Op.f32_store;
    case Type.f64:
      return Op.f64_store;
    case Type.v128:
      return Op.v128_store;
    default:
      return Op.i64_store;
  }
}
