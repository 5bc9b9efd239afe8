/**
 * Loads and stores.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { truncated } from "../../lib/codegen/patterns.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Opcode } from "./instructions.ts";
import { emitAccess } from "./lower_address.ts";
import { isFloatZero } from "./lower_condition.ts";
import { emitLaneStore } from "./lower_vector_lane.ts";
import { Reg } from "./registers.ts";

function lowerLoad(opcode: number): Lower {
  return (s, v) => emitAccess(s, opcode, s.define(v), v);
}

function lowerStore(bits: 8 | 16 | 32 | 64): Lower {
  const opcode = { 8: Opcode.strb_w, 16: Opcode.strh_w, 32: Opcode.str_w, 64: Opcode.str_x }[bits];
  const float = bits === 64 ? Opcode.str_d : Opcode.str_s;
  const reinterpret = bits === 64
    ? Op.i64_reinterpret_f64
    : bits === 32
    ? Op.i32_reinterpret_f32
    : -1;
  return (s, v) => {
    const func = s.func, value = bits === 64 ? func.b(v) : truncated(s, func.b(v), bits);
    if (s.isConstEqual(value, 0)) return emitAccess(s, opcode, Reg.zr, v);
    if (emitLaneStore(s, v, value, bits)) return;
    if (func.op(value) === reinterpret && !s.isInRegister(value)) {
      return emitAccess(s, float, s.use(func.a(value)), v);
    }
    emitAccess(s, opcode, s.use(value), v);
  };
}

function lowerFloatStore(isDouble: boolean): Lower {
  const float = isDouble ? Opcode.str_d : Opcode.str_s;
  const integer = isDouble ? Opcode.str_x : Opcode.str_w;
  const reinterpret = isDouble ? Op.f64_reinterpret_i64 : Op.f32_reinterpret_i32;
  return (s, v) => {
    const func = s.func, value = func.b(v);
    if (isFloatZero(func, value)) return emitAccess(s, integer, Reg.zr, v);
    if (emitLaneStore(s, v, value, isDouble ? 64 : 32)) return;
    if (func.op(value) === reinterpret && !s.isInRegister(value)) {
      return emitAccess(s, integer, s.use(func.a(value)), v);
    }
    emitAccess(s, float, s.use(value), v);
  };
}

/** Lowerings of memory accesses. */
export const memoryLowerings = {
  i32_load: lowerLoad(Opcode.ldr_w),
  i32_load8_s: lowerLoad(Opcode.ldrsb_w),
  i32_load8_u: lowerLoad(Opcode.ldrb_w),
  i32_load16_s: lowerLoad(Opcode.ldrsh_w),
  i32_load16_u: lowerLoad(Opcode.ldrh_w),
  i64_load: lowerLoad(Opcode.ldr_x),
  i64_load8_s: lowerLoad(Opcode.ldrsb_x),
  i64_load8_u: lowerLoad(Opcode.ldrb_w),
  i64_load16_s: lowerLoad(Opcode.ldrsh_x),
  i64_load16_u: lowerLoad(Opcode.ldrh_w),
  i64_load32_s: lowerLoad(Opcode.ldrsw_x),
  i64_load32_u: lowerLoad(Opcode.ldr_w),
  f32_load: lowerLoad(Opcode.ldr_s),
  f64_load: lowerLoad(Opcode.ldr_d),
  i32_store: lowerStore(32),
  i32_store8: lowerStore(8),
  i32_store16: lowerStore(16),
  i64_store: lowerStore(64),
  i64_store8: lowerStore(8),
  i64_store16: lowerStore(16),
  i64_store32: lowerStore(32),
  f32_store: lowerFloatStore(false),
  f64_store: lowerFloatStore(true),
} satisfies Record<string, Lower>;
