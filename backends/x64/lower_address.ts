/**
 * Addressing modes: what of the IR below an address becomes `base + index * scale + displacement`,
 * and the emission of instructions with a memory operand.
 *
 * Sums of 64 bits are taken apart freely. A zero-extended sum or shift of 32 bits is taken apart only
 * where its operands are so small that it cannot wrap around. Sums that are in a register anyway stay
 * there.
 *
 * @module
 */
import { NO_REGISTER } from "../../lib/codegen/machine_code.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { type Func, NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Opcode } from "./instructions.ts";

export { absorbLoad } from "../../lib/codegen/patterns.ts";

/** The memory operand found last: registers, scale as its logarithm, displacement. */
export const memory = { base: NO_REGISTER, index: NO_REGISTER, scale: 0, displacement: 0 };

/** Whether a number fits in 32 bits with sign. */
export function fitsInt32(n: number): boolean {
  return n === (n | 0);
}

/** How many low bits of an i32 value may be set; 32 when nothing is known. */
export function significantBits(func: Func, v: Value): number {
  switch (func.op(v)) {
    case Op.i32_load8_u:
      return 8;
    case Op.i32_load16_u:
      return 16;
    case Op.i32_const:
      return 32 - Math.clz32(func.low(v));
    case Op.i32_and: {
      const mask = func.b(v);
      return func.op(mask) === Op.i32_const ? 32 - Math.clz32(func.low(mask)) : 32;
    }
    case Op.i32_shr_u: {
      const count = func.b(v);
      return func.op(count) === Op.i32_const ? 32 - (func.low(count) & 31) : 32;
    }
    default:
      return 32;
  }
}

// The parts while an address is taken apart.
let base = NO_VALUE, index = NO_VALUE, displacement = 0;

/** The constant of an i64 value as a number, NaN where it is none or has too many bits. */
function constantOf(func: Func, v: Value): number {
  const op = func.op(v);
  if (op === Op.i64_const && func.high(v) === func.low(v) >> 31) return func.low(v);
  if (op === Op.i64_const && func.high(v) === 0) return func.low(v) >>> 0;
  if (op === Op.i64_extend_i32_u && func.op(func.a(v)) === Op.i32_const) {
    return func.low(func.a(v)) >>> 0;
  }
  return NaN;
}

/** Moves the constants in a term into the displacement; returns what is left of the term. */
function stripConstants(s: Selector, v: Value): Value {
  const func = s.func;
  for (;;) {
    const whole = constantOf(func, v);
    if (fitsInt32(displacement + whole)) {
      displacement += whole;
      return NO_VALUE;
    }
    const op = func.op(v);
    if (op === Op.i64_extend_i32_u) {
      // A sum of 32 bits that cannot wrap.
      const sum = func.a(v);
      if (func.op(sum) !== Op.i32_add || s.isInRegister(sum)) return v;
      const constant = func.b(sum);
      if (func.op(constant) !== Op.i32_const || func.low(constant) < 0) return v;
      const bits = significantBits(func, func.a(sum));
      if (bits > 31 || !fitsInt32(displacement + func.low(constant))) return v;
      displacement += func.low(constant);
      narrowIndex = func.a(sum);
      return v;
    }
    if ((op !== Op.i64_add && op !== Op.i64_sub) || s.isInRegister(v)) return v;
    const right = constantOf(func, func.b(v));
    const next = displacement + (op === Op.i64_add ? right : -right);
    if (fitsInt32(next)) {
      displacement = next;
      v = func.a(v);
      continue;
    }
    if (op === Op.i64_sub) return v;
    const left = constantOf(func, func.a(v));
    if (!fitsInt32(displacement + left)) return v;
    displacement += left;
    v = func.b(v);
  }
}
// The i32 operand that stands for a term whose constant `stripConstants` took, else none.
let narrowIndex = NO_VALUE;

/** Takes an address apart and uses its parts: the result is in {@linkcode memory}. */
export function matchAddress(s: Selector, address: Value, offset: number): void {
  const func = s.func;
  const big = offset >>> 0 > 0x7fffffff;
  displacement = big ? 0 : offset;
  narrowIndex = NO_VALUE;
  index = NO_VALUE;
  base = stripConstants(s, address);
  if (base !== NO_VALUE && narrowIndex !== NO_VALUE) base = narrowIndex;
  else if (base !== NO_VALUE && func.op(base) === Op.i64_add && !s.isInRegister(base)) {
    const sum = base;
    base = stripConstants(s, func.a(sum));
    if (narrowIndex !== NO_VALUE) base = narrowIndex;
    narrowIndex = NO_VALUE;
    index = stripConstants(s, func.b(sum));
    if (narrowIndex !== NO_VALUE) index = narrowIndex;
  }
  memory.scale = 0;
  if (index === NO_VALUE && base !== NO_VALUE && scaleOf(s, base) > 0) {
    index = base;
    base = NO_VALUE;
  }
  if (index !== NO_VALUE) {
    if (scaleOf(s, index) === 0 && base !== NO_VALUE && scaleOf(s, base) > 0) {
      const other = base;
      base = index;
      index = other;
    }
    memory.scale = scaleOf(s, index);
    if (memory.scale > 0) index = shifted(func, index);
    else if (base === NO_VALUE) {
      base = index;
      index = NO_VALUE;
    }
  }
  memory.base = base === NO_VALUE ? NO_REGISTER : s.use(base);
  memory.index = index === NO_VALUE ? NO_REGISTER : s.use(index);
  memory.displacement = displacement;
  if (big) addBigOffset(s, offset);
}

/** Adds an offset that no displacement holds. Changes no flags. */
function addBigOffset(s: Selector, offset: number): void {
  if (memory.index !== NO_REGISTER) {
    const sum = s.temp(Type.i64);
    s.emit(Opcode.lea64, sum, memory.base, memory.index, memory.scale, memory.displacement);
    memory.base = sum;
    memory.scale = memory.displacement = 0;
  }
  memory.index = s.temp(Type.i64);
  s.emit(Opcode.mov32_ri, memory.index, offset | 0);
}

/** The logarithm of the scale at which an address may use the operand of this shift, else 0. */
function scaleOf(s: Selector, v: Value): number {
  const func = s.func;
  const wide = func.op(v) === Op.i64_shl;
  const shift = wide ? v : func.op(v) === Op.i64_extend_i32_u ? func.a(v) : NO_VALUE;
  if (shift === NO_VALUE || s.isInRegister(shift)) return 0;
  if (!wide && func.op(shift) !== Op.i32_shl) return 0;
  const count = func.b(shift);
  if (!s.isConst32(count)) return 0;
  const k = func.low(count);
  if (k < 1 || k > 3) return 0;
  return wide || significantBits(func, func.a(shift)) + k <= 32 ? k : 0;
}

function shifted(func: Func, v: Value): Value {
  return func.op(v) === Op.i64_shl ? func.a(v) : func.a(func.a(v));
}

/** Finds the address of a load or store; the result is in {@linkcode memory}. */
export function matchAccess(s: Selector, access: Value): void {
  matchAddress(s, s.func.a(access), s.func.low(access) >>> 0);
}

/** `op register, [access]`, or `op [access]` with the register left out of the row. */
export function emitRM(s: Selector, opcode: number, register: number, access: Value): void {
  matchAccess(s, access);
  s.setFault(access);
  s.emit(opcode, register, memory.base, memory.index, memory.scale, memory.displacement);
}

/** `op register, [access]`, where the register is read and written. */
export function emitRRM(s: Selector, opcode: number, d: number, a: number, access: Value): void {
  matchAccess(s, access);
  s.setFault(access);
  s.emit(opcode, d, a, memory.base, memory.index, memory.scale, memory.displacement);
}

/** `op register, [access], immediate`. */
export function emitRMI(s: Selector, opcode: number, d: number, access: Value, imm: number): void {
  matchAccess(s, access);
  s.setFault(access);
  s.emit(opcode, d, memory.base, memory.index, memory.scale, memory.displacement, imm);
}

/** `op [access], source`, a register or an immediate. */
export function emitM(s: Selector, opcode: number, access: Value, source: number): void {
  matchAccess(s, access);
  s.setFault(access);
  s.emit(opcode, memory.base, memory.index, memory.scale, memory.displacement, source);
}
