/**
 * Loads and stores.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { truncated } from "../../lib/codegen/patterns.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Opcode } from "./instructions.ts";
import { emitLoad, emitStore } from "./lower_address.ts";
import { useInteger } from "./lower_operand.ts";
import { Reg } from "./registers.ts";

function lowerLoad(opcode: number): Lower {
  return (s, v) => emitLoad(s, opcode, s.define(v), v);
}

function lowerStore(opcode: number, bits: 8 | 16 | 32 | 64): Lower {
  return (s, v) => {
    const func = s.func, value = bits === 64 ? func.b(v) : truncated(s, func.b(v), bits);
    if (!s.isInRegister(value)) {
      const op = func.op(value);
      if (bits === 32 && op === Op.i32_reinterpret_f32) {
        return emitStore(s, Opcode.fsw, s.use(func.a(value)), v);
      }
      if (bits === 64 && op === Op.i64_reinterpret_f64) {
        return emitStore(s, Opcode.fsd, s.use(func.a(value)), v);
      }
    }
    emitStore(s, opcode, useInteger(s, value), v);
  };
}

function lowerFloatStore(opcode: number, integer: number, reinterpret: Op): Lower {
  return (s, v) => {
    const func = s.func, value = func.b(v);
    if (s.isConst(value) && func.low(value) === 0 && func.high(value) === 0) {
      return emitStore(s, integer, Reg.zero, v);
    }
    if (func.op(value) === reinterpret && !s.isInRegister(value)) {
      return emitStore(s, integer, useInteger(s, func.a(value)), v);
    }
    emitStore(s, opcode, s.use(value), v);
  };
}

/** Lowerings of memory accesses. */
export const memoryLowerings = {
  i32_load: lowerLoad(Opcode.lw),
  i32_load8_s: lowerLoad(Opcode.lb),
  i32_load8_u: lowerLoad(Opcode.lbu),
  i32_load16_s: lowerLoad(Opcode.lh),
  i32_load16_u: lowerLoad(Opcode.lhu),
  i64_load: lowerLoad(Opcode.ld),
  i64_load8_s: lowerLoad(Opcode.lb),
  i64_load8_u: lowerLoad(Opcode.lbu),
  i64_load16_s: lowerLoad(Opcode.lh),
  i64_load16_u: lowerLoad(Opcode.lhu),
  i64_load32_s: lowerLoad(Opcode.lw),
  i64_load32_u: lowerLoad(Opcode.lwu),
  f32_load: lowerLoad(Opcode.flw),
  f64_load: lowerLoad(Opcode.fld),
  i32_store: lowerStore(Opcode.sw, 32),
  i32_store8: lowerStore(Opcode.sb, 8),
  i32_store16: lowerStore(Opcode.sh, 16),
  i64_store: lowerStore(Opcode.sd, 64),
  i64_store8: lowerStore(Opcode.sb, 8),
  i64_store16: lowerStore(Opcode.sh, 16),
  i64_store32: lowerStore(Opcode.sw, 32),
  f32_store: lowerFloatStore(Opcode.fsw, Opcode.sw, Op.f32_reinterpret_i32),
  f64_store: lowerFloatStore(Opcode.fsd, Opcode.sd, Op.f64_reinterpret_i64),
} satisfies Record<string, Lower>;
