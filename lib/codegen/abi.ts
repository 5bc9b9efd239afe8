/**
 * The internal calling convention, as data: where parameters and results of a signature are, and the
 * selection of calls, parameters and returns from it. A backend supplies its registers
 * (`RegisterFile`) and the rows of its instruction table ({@linkcode AbiRows}).
 *
 * Parameters and results take the registers of their class in order; what does not fit stands in the
 * caller's outgoing area, which is the bottom of its frame at the call: first the stack parameters,
 * then the stack results, 8 bytes a slot (16 for v128, aligned to 16).
 *
 * @module
 */
import type { Func, Value } from "../ir/func.ts";
import { Op } from "../ir/ops.ts";
import { type Signature, type SignatureId, Type } from "../ir/types.ts";
import { align16 } from "./frame.ts";
import type { RegisterFile } from "./isa.ts";
import { Role, variadicRole } from "./machine_code.ts";
import type { Selector } from "./selector.ts";

/** Where the parameters and results of one signature are. */
export interface Assignment {
  /** Per parameter: its physical register, or `~offset` in bytes of the outgoing area. */
  readonly params: Int32Array;
  /** Per result, likewise. */
  readonly results: Int32Array;
  /** Bytes of the outgoing area that a call uses, a multiple of 16. */
  readonly stackBytes: number;
}

/** Rows of an instruction table that move parameters and results. */
export interface AbiRows {
  /** Variadic: defines the incoming parameters that are in registers. */
  readonly params: number;
  /** Variadic: uses the results that are in registers, and leaves the function. */
  readonly return: number;
  /** `(def, offset, type)`: loads a stack parameter. */
  readonly loadIncoming: number;
  /** `(offset, type, use)`: stores a stack result. */
  readonly storeIncoming: number;
  /** `(def, offset, type)`: loads a stack result of a call. */
  readonly loadOutgoing: number;
  /** `(offset, type, use)`: stores a stack argument of a call. */
  readonly storeOutgoing: number;
}

const cache = new WeakMap<RegisterFile, WeakMap<Signature, Assignment>>();

/** Assigns the parameters and results of an (interned) signature; computed once for each. */
export function assignSignature(signature: Signature, registers: RegisterFile): Assignment {
  let bySignature = cache.get(registers);
  if (bySignature === undefined) cache.set(registers, bySignature = new WeakMap());
  let assignment = bySignature.get(signature);
  if (assignment === undefined) {
    const params = new Int32Array(signature.params.length);
    const results = new Int32Array(signature.results.length);
    let bytes = assign(signature.params, params, registers.intParams, registers.floatParams, 0);
    bytes = assign(signature.results, results, registers.intResults, registers.floatResults, bytes);
    assignment = { params, results, stackBytes: align16(bytes) };
    bySignature.set(signature, assignment);
  }
  return assignment;
}

function assign(
  types: readonly Type[],
  places: Int32Array,
  ints: readonly number[],
  floats: readonly number[],
  offset: number,
): number {
  let nextInt = 0, nextFloat = 0;
  types.forEach((type, i) => {
    const register = type === Type.i32 || type === Type.i64 ? ints[nextInt++] : floats[nextFloat++];
    if (register !== undefined) {
      places[i] = register;
      return;
    }
    const bytes = type === Type.v128 ? 16 : 8;
    offset = (offset + bytes - 1) & -bytes;
    places[i] = ~offset;
    offset += bytes;
  });
  return offset;
}

/** Selects the definition of the function's parameters; parameters nobody needs are left out. */
export function lowerParams(s: Selector, rows: AbiRows): void {
  const func = s.func;
  const { params } = assignSignature(func.signature, s.isa.registers);
  const entry = func.layout(0), n = func.paramCount(entry);
  s.emit(rows.params);
  for (let i = 0, v = func.first(entry); i < n; i++, v = func.next(v)) {
    const place = params[i] as number;
    if (place >= 0 && s.isInRegister(v)) {
      s.variadic(variadicRole(Role.defFixed, place), s.define(v));
    }
  }
  for (let i = 0, v = func.first(entry); i < n; i++, v = func.next(v)) {
    const place = params[i] as number;
    if (place < 0 && s.isInRegister(v)) {
      s.emit(rows.loadIncoming, s.define(v), ~place, func.type(v));
    }
  }
}

/** Selects a `return`. */
export function lowerReturn(s: Selector, v: Value, rows: AbiRows): void {
  const func = s.func, n = func.argCount(v);
  const { results } = assignSignature(func.signature, s.isa.registers);
  const operands = s.scratch(n);
  for (let i = 0; i < n; i++) {
    const arg = func.arg(v, i), place = results[i] as number;
    operands[i] = s.isConst(arg) ? s.materialize(arg) : s.use(arg);
    if (place < 0) s.emit(rows.storeIncoming, ~place, func.type(arg), operands[i] as number);
  }
  s.emit(rows.return);
  for (let i = 0; i < n; i++) {
    const place = results[i] as number;
    if (place >= 0) s.variadic(variadicRole(Role.useFixed, place), operands[i] as number);
  }
}

/** The signature that a call names. */
export function callSignature(func: Func, call: Value): Signature {
  const table = func.signatures;
  if (table === undefined) throw new TypeError("a function with calls has a signature table");
  return table.get(func.high(call) as SignatureId);
}

/**
 * Emits what comes before the call instruction: constants and stack arguments. Returns the argument
 * registers, for {@linkcode finishCall}; the caller then emits the call instruction itself.
 * @param first position of the first argument among the operands of `call`
 */
export function prepareCall(s: Selector, call: Value, first: number, rows: AbiRows): Int32Array {
  const func = s.func, n = func.argCount(call) - first;
  const { params, stackBytes } = assignSignature(callSignature(func, call), s.isa.registers);
  s.code.hasCalls = true;
  s.code.outgoingBytes = Math.max(s.code.outgoingBytes, stackBytes);
  const operands = s.scratch(n);
  for (let i = 0; i < n; i++) {
    const arg = func.arg(call, first + i), place = params[i] as number;
    operands[i] = s.isConst(arg) ? s.materialize(arg) : s.use(arg);
    if (place < 0) s.emit(rows.storeOutgoing, ~place, func.type(arg), operands[i] as number);
  }
  return operands;
}

/** Adds arguments and results to the call instruction just emitted, and loads stack results. */
export function finishCall(s: Selector, call: Value, arguments_: Int32Array, rows: AbiRows): void {
  const func = s.func;
  const { params, results } = assignSignature(callSignature(func, call), s.isa.registers);
  for (let i = 0; i < params.length; i++) {
    const place = params[i] as number;
    if (place >= 0) s.variadic(variadicRole(Role.useFixed, place), arguments_[i] as number);
  }
  if (results.length === 0) return;
  for (let pass = 0; pass < 2; pass++) {
    // The projections follow the call; `low` is their position in the signature.
    for (let v = call, i = 0;; i = func.low(v)) {
      const place = results[i] as number;
      if (s.isInRegister(v)) {
        if (pass === 0 && place >= 0) s.variadic(variadicRole(Role.defFixed, place), s.define(v));
        if (pass === 1 && place < 0) s.emit(rows.loadOutgoing, s.define(v), ~place, func.type(v));
      }
      v = func.next(v);
      if (func.op(v) !== Op.result) break;
    }
  }
}
