/**
 * Shifts and rotations. Zbb has rotations.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { isInner, shiftCountSource } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { Feature } from "./features.ts";
import { Opcode } from "./instructions.ts";
import { isFreeExtension, use32, useInteger, useWidth } from "./lower_operand.ts";
import { emitExtendedShift } from "./lower_sum.ts";
import { Reg } from "./registers.ts";

/** The register of a shift count, of which the machine reads the low 5 or 6 bits. */
function useCount(s: Selector, count: Value, wide: boolean): number {
  return useInteger(s, shiftCountSource(s, count, wide));
}

function lowerShift(
  byConstant: number,
  byRegister: number,
  wide: boolean,
  isSignedRight: boolean,
): Lower {
  return (s, v) => {
    const a = s.func.a(v), count = s.func.b(v), d = s.define(v);
    // `srai` of a sign-extended number, which has a short form, is `sraiw`.
    const x = wide || (isSignedRight && s.isConst(count)) ? useInteger(s, a) : use32(s, a);
    if (!s.isConst(count)) return s.emit(byRegister, d, x, useCount(s, count, wide));
    s.emit(byConstant, d, x, s.func.low(count) & (wide ? 63 : 31));
  };
}

/** A zero-extended i32 that is shifted: the extension and the shift share theirs. */
function lowerExtendedShift(plain: Lower, isLeft: boolean): Lower {
  return (s, v) => {
    const func = s.func, a = func.a(v), count = func.b(v);
    if (
      func.op(a) !== Op.i64_extend_i32_u || isFreeExtension(func, a) || !isInner(s, a) ||
      !s.isConst(count)
    ) return plain(s, v);
    const n = func.low(count) & 63;
    if (isLeft && emitExtendedShift(s, s.define(v), func.a(a), n)) return;
    if (n > 31 || n === 0) return plain(s, v);
    // Shifted right the number is not negative in 32 bits either.
    if (!isLeft) return s.emit(Opcode.srliw, s.define(v), use32(s, func.a(a)), n);
    const shifted = s.temp(Type.i64), d = s.define(v);
    s.emit(Opcode.slli, shifted, use32(s, func.a(a)), 32);
    s.emit(Opcode.srli, d, shifted, 32 - n);
  };
}

/** The rows of one width. */
interface RotateRows {
  readonly wide: boolean;
  readonly left: number;
  readonly right: number;
  readonly leftConstant: number;
  readonly rightConstant: number;
  /** Of Zbb. */
  readonly rotateLeft: number;
  readonly rotateRight: number;
  readonly rotateConstant: number;
}

const rotate32: RotateRows = {
  wide: false,
  left: Opcode.sllw,
  right: Opcode.srlw,
  leftConstant: Opcode.slliw,
  rightConstant: Opcode.srliw,
  rotateLeft: Opcode.rolw,
  rotateRight: Opcode.rorw,
  rotateConstant: Opcode.roriw,
};
const rotate64: RotateRows = {
  wide: true,
  left: Opcode.sll,
  right: Opcode.srl,
  leftConstant: Opcode.slli,
  rightConstant: Opcode.srli,
  rotateLeft: Opcode.rol,
  rotateRight: Opcode.ror,
  rotateConstant: Opcode.rori,
};

function lowerRotate(rows: RotateRows, isLeft: boolean): Lower {
  const { wide } = rows, bits = wide ? 64 : 32;
  const row = isLeft ? rows.rotateLeft : rows.rotateRight;
  return (s, v) => {
    const a = s.func.a(v), count = s.func.b(v);
    const x = useWidth(s, a, wide), d = s.define(v);
    if (!s.isConst(count)) {
      const n = useCount(s, count, wide);
      if (s.hasFeature(Feature.zbb)) return s.emit(row, d, x, n);
      const high = s.temp(Type.i64), low = s.temp(Type.i64), opposite = s.temp(Type.i64);
      s.emit(Opcode.sub, opposite, Reg.zero, n);
      s.emit(rows.left, high, x, isLeft ? n : opposite);
      s.emit(rows.right, low, x, isLeft ? opposite : n);
      return s.emit(Opcode.or, d, high, low);
    }
    const n = s.func.low(count) & (bits - 1), toLeft = isLeft ? n : (bits - n) & (bits - 1);
    if (toLeft === 0) return s.emit(wide ? Opcode.mv : Opcode.addiw, d, x, 0);
    if (s.hasFeature(Feature.zbb)) return s.emit(rows.rotateConstant, d, x, bits - toLeft);
    const high = s.temp(Type.i64), low = s.temp(Type.i64);
    s.emit(rows.leftConstant, high, x, toLeft);
    s.emit(rows.rightConstant, low, x, bits - toLeft);
    s.emit(Opcode.or, d, high, low);
  };
}

const shl64 = lowerShift(Opcode.slli, Opcode.sll, true, false);
const shrU64 = lowerShift(Opcode.srli, Opcode.srl, true, false);

/** Lowerings of shifts and rotations. */
export const shiftLowerings = {
  i32_shl: lowerShift(Opcode.slliw, Opcode.sllw, false, false),
  i64_shl: lowerExtendedShift(shl64, true),
  i32_shr_s: lowerShift(Opcode.srai, Opcode.sraw, false, true),
  i64_shr_s: lowerShift(Opcode.srai, Opcode.sra, true, false),
  i32_shr_u: lowerShift(Opcode.srliw, Opcode.srlw, false, false),
  i64_shr_u: lowerExtendedShift(shrU64, false),
  i32_rotl: lowerRotate(rotate32, true),
  i64_rotl: lowerRotate(rotate64, true),
  i32_rotr: lowerRotate(rotate32, false),
  i64_rotr: lowerRotate(rotate64, false),
} satisfies Record<string, Lower>;
