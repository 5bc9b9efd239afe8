/**
 * Loads and stores, and what is computed in memory: `op [address], operand` for a store of an
 * operation on a load of the same address.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { type Func, NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { emitM, emitRM, matchAccess, memory } from "./lower_address.ts";
import { condition, emitCondition, emitSet, isCompare, Kind } from "./lower_condition.ts";
import { useWidth } from "./lower_operand.ts";
import { emitLaneStore } from "./lower_vector_lane.ts";

function lowerLoad(opcode: number): Lower {
  return (s, v) => emitRM(s, opcode, s.define(v), v);
}

// ── Stores ──────────────────────────────────────────────────────────────────────────────────────

/** The rows of an operation in memory: with a register or an immediate as operand. */
const memoryForms32 = new Int32Array(512).fill(-1), memoryForms64 = new Int32Array(512).fill(-1);
for (const name of ["add", "sub", "and", "or", "xor"] as const) {
  memoryForms32[Op[`i32_${name}`]] = Opcode[`${name}32_mr` as InstructionName];
  memoryForms64[Op[`i64_${name}`]] = Opcode[`${name}64_mr` as InstructionName];
}
/** From the register form to the immediate one. */
const immediateForm = new Int32Array(1024);
for (const name of ["add", "sub", "and", "or", "xor"] as const) {
  for (const bits of [32, 64] as const) {
    immediateForm[Opcode[`${name}${bits}_mr`]] = Opcode[`${name}${bits}_mi`];
  }
}

/** Whether `load` reads what `store` writes, and may be executed together with it. */
function isSameAccess(s: Selector, load: Value, store: Value, loadOp: Op): boolean {
  const func = s.func;
  return func.op(load) === loadOp && func.a(load) === func.a(store) &&
    func.low(load) === func.low(store) && s.canSink(load);
}

/** Emits a store of an operation on what it overwrites, if it is one. */
function emitUpdate(s: Selector, store: Value, wide: boolean): boolean {
  const func = s.func, value = func.b(store);
  const opcode = (wide ? memoryForms64 : memoryForms32)[func.op(value)] as number;
  if (opcode < 0 || !s.hasOneUse(value) || s.isInRegister(value)) return false;
  const load = wide ? Op.i64_load : Op.i32_load;
  const isSub = func.op(value) === (wide ? Op.i64_sub : Op.i32_sub);
  let old = func.a(value), operand = func.b(value);
  if (!isSameAccess(s, old, store, load)) {
    if (isSub) return false;
    old = func.b(value);
    operand = func.a(value);
    if (!isSameAccess(s, old, store, load)) return false;
  }
  s.sink(old);
  // What is out of bounds fails when it is loaded.
  if (s.isConst32(operand)) {
    emitM(s, immediateForm[opcode] as number, old, func.low(operand));
  } else emitM(s, opcode, old, useWidth(s, operand, wide));
  return true;
}

/** What of a value a store of so many bits depends on. */
function truncated(s: Selector, v: Value, bits: number): Value {
  const func = s.func, mask = bits === 8 ? 0xff : bits === 16 ? 0xffff : -1;
  for (;;) {
    if (s.isInRegister(v)) return v;
    switch (func.op(v)) {
      case Op.i32_wrap_i64:
      case Op.i64_extend_i32_s:
      case Op.i64_extend_i32_u:
      case Op.i64_extend32_s:
        break;
      case Op.i32_extend16_s:
      case Op.i64_extend16_s:
        if (bits > 16) return v;
        break;
      case Op.i32_extend8_s:
      case Op.i64_extend8_s:
        if (bits > 8) return v;
        break;
      case Op.i32_and:
      case Op.i64_and:
        if (!s.isConst(func.b(v)) || (func.low(func.b(v)) & mask) !== mask) return v;
        break;
      default:
        return v;
    }
    v = func.a(v);
  }
}

function lowerStore(bits: 8 | 16 | 32 | 64, isUpdatable: boolean): Lower {
  const register = Opcode[`mov${bits}_mr`], immediate = Opcode[`mov${bits}_mi`];
  return (s, v) => {
    const func = s.func;
    if (isUpdatable && emitUpdate(s, v, bits === 64)) return;
    const value = bits === 64 ? func.b(v) : truncated(s, func.b(v), bits);
    if (emitLaneStore(s, v, value, bits)) return;
    if (s.isConst(value) && (bits < 64 || s.isConst32(value))) {
      const spare = 32 - Math.min(bits, 32);
      return emitM(s, immediate, v, (func.low(value) << spare) >> spare);
    }
    if (bits === 8 && isCompare(func.op(value)) && s.hasOneUse(value) && !s.isInRegister(value)) {
      emitCondition(s, value);
      if (condition.kind === Kind.single) {
        const { cc } = condition;
        matchAccess(s, v);
        s.setFault(v);
        const { base, index, scale, displacement } = memory;
        return s.emit(Opcode.setcc_m, cc, base, index, scale, displacement);
      }
      const bool = s.temp(Type.i32);
      emitSet(s, bool, s.temp(Type.i32));
      return emitM(s, register, v, bool);
    }
    const source = reinterpreted(s, value, bits);
    if (source !== NO_VALUE) {
      return emitM(s, bits === 64 ? Opcode.movsd_mr : Opcode.movss_mr, v, s.use(source));
    }
    emitM(s, register, v, s.use(value));
  };
}

/** The float whose bits an integer is, when nobody else wants the integer. */
function reinterpreted(s: Selector, v: Value, bits: number): Value {
  if (s.isInRegister(v)) return NO_VALUE;
  const op = bits === 64 ? Op.i64_reinterpret_f64 : Op.i32_reinterpret_f32;
  return bits >= 32 && s.func.op(v) === op ? s.func.a(v) : NO_VALUE;
}

function isStorable(func: Func, constant: Value, wide: boolean): boolean {
  return !wide || func.high(constant) === func.low(constant) >> 31;
}

function lowerFloatStore(wide: boolean): Lower {
  return (s, v) => {
    const func = s.func, value = func.b(v);
    if (emitLaneStore(s, v, value, wide ? 64 : 32)) return;
    if (s.isConst(value) && isStorable(func, value, wide)) {
      return emitM(s, wide ? Opcode.mov64_mi : Opcode.mov32_mi, v, func.low(value));
    }
    const bits = wide ? Op.f64_reinterpret_i64 : Op.f32_reinterpret_i32;
    if (func.op(value) === bits && !s.isInRegister(value)) {
      return emitM(s, wide ? Opcode.mov64_mr : Opcode.mov32_mr, v, s.use(func.a(value)));
    }
    emitM(s, wide ? Opcode.movsd_mr : Opcode.movss_mr, v, s.use(value));
  };
}

/** Lowerings of memory accesses. */
export const memoryLowerings = {
  i32_load: lowerLoad(Opcode.mov32_rm),
  i32_load8_s: lowerLoad(Opcode.movsx32_8_rm),
  i32_load8_u: lowerLoad(Opcode.movzx32_8_rm),
  i32_load16_s: lowerLoad(Opcode.movsx32_16_rm),
  i32_load16_u: lowerLoad(Opcode.movzx32_16_rm),
  i64_load: lowerLoad(Opcode.mov64_rm),
  i64_load8_s: lowerLoad(Opcode.movsx64_8_rm),
  i64_load8_u: lowerLoad(Opcode.movzx32_8_rm),
  i64_load16_s: lowerLoad(Opcode.movsx64_16_rm),
  i64_load16_u: lowerLoad(Opcode.movzx32_16_rm),
  i64_load32_s: lowerLoad(Opcode.movsx64_32_rm),
  i64_load32_u: lowerLoad(Opcode.mov32_rm),
  f32_load: lowerLoad(Opcode.movss_rm),
  f64_load: lowerLoad(Opcode.movsd_rm),
  i32_store: lowerStore(32, true),
  i32_store8: lowerStore(8, false),
  i32_store16: lowerStore(16, false),
  i64_store: lowerStore(64, true),
  i64_store8: lowerStore(8, false),
  i64_store16: lowerStore(16, false),
  i64_store32: lowerStore(32, false),
  f32_store: lowerFloatStore(false),
  f64_store: lowerFloatStore(true),
} satisfies Record<string, Lower>;
