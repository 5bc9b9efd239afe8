/**
 * Expansion of the truncations that trap. Each has a short path for usual operands in place and a cold
 * path at the function's end that finds out what is wrong.
 *
 * `fcvtz*` gives 0 for a NaN and the nearest integer for what is out of range. The short path proves
 * that the result is neither, with a chain of conditional compares that ends in the overflow flag: a
 * compare of the operand with itself sets it exactly when that is a NaN.
 *
 * @module
 */
import { TrapKind } from "../../lib/base/trap_kind.ts";
import type { Label } from "../../lib/codegen/code_buffer.ts";
import type { MachineCode } from "../../lib/codegen/machine_code.ts";
import type { Assembler } from "./assembler.ts";
import { SIGNED_WORD, UNSIGNED_WORD } from "./assembler.ts";
import { Cond, Opcode } from "./instructions.ts";
import { Reg } from "./registers.ts";

/** Gives the label of a `udf` for a trap kind at the current location. */
export type TrapLabel = (kind: TrapKind) => Label;

/** Whether {@linkcode emitFloat} expands this row. */
export function isFloatPseudo(opcode: number): boolean {
  return opcode >= Opcode.trunc_s_i32s && opcode <= Opcode.trunc_d_i64u;
}

/** Condition flags of a conditional compare that is not made: overflow. */
const OVERFLOW = 1;

/** The targets, in the order of the rows. */
const Target = { i32s: 0, i32u: 1, i64s: 2, i64u: 3 } as const;

/** Writes the short path, which jumps to `cold`; the caller binds the place behind it. */
export function emitFloat(asm: Assembler, code: MachineCode, i: number, cold: Label): void {
  const k = code.opcode(i) - Opcode.trunc_s_i32s, isDouble = k >= 4;
  const d = code.operand(i, 0), s = code.operand(i, 1);
  const convert = isDouble ? Opcode.fcvtzs_x_d : Opcode.fcvtzs_x_s;
  const compare = isDouble ? Opcode.fccmp_d : Opcode.fccmp_s;
  switch (k & 3) {
    case Target.i32s:
    case Target.i32u: {
      // In 64 bits the result is right, unless it is far out of range: then it is not in 32 either.
      const extension = (k & 3) === Target.i32s ? SIGNED_WORD : UNSIGNED_WORD;
      asm.put(convert, Reg.x16, s);
      asm.put(Opcode.cmp_xe, Reg.x16, Reg.x16, extension);
      asm.put(compare, s, s, OVERFLOW, Cond.eq);
      asm.bCond(Cond.vs, cold);
      return asm.put(Opcode.mov_w, d, Reg.x16);
    }
    case Target.i64s:
      // Adding 1 overflows from the largest integer, subtracting 1 from the smallest.
      asm.put(convert, d, s);
      asm.put(Opcode.cmn_xi, d, 1);
      asm.put(Opcode.ccmp_xi, d, 1, OVERFLOW, Cond.vc);
      break;
    default:
      // 0 and the largest integer are the two above which adding 1 leaves at most 1.
      asm.put(isDouble ? Opcode.fcvtzu_x_d : Opcode.fcvtzu_x_s, d, s);
      asm.put(Opcode.add_xi, Reg.x16, d, 1);
      asm.put(Opcode.cmp_xi, Reg.x16, 1);
      asm.put(compare, s, s, OVERFLOW, Cond.hi);
      return asm.bCond(Cond.vs, cold);
  }
  asm.put(compare, s, s, OVERFLOW, Cond.vc);
  asm.bCond(Cond.vs, cold);
}

/** Writes the cold path: traps, or goes back to `done` with the result in its register. */
export function emitFloatCold(
  asm: Assembler,
  code: MachineCode,
  i: number,
  done: Label,
  trapLabel: TrapLabel,
): void {
  const k = code.opcode(i) - Opcode.trunc_s_i32s, isDouble = k >= 4;
  const d = code.operand(i, 0), s = code.operand(i, 1);
  const compare = isDouble ? Opcode.fcmp_d : Opcode.fcmp_s;
  const overflow = trapLabel(TrapKind.integerOverflow);
  asm.put(compare, s, s);
  asm.bCond(Cond.vs, trapLabel(TrapKind.invalidConversionToInteger));
  if ((k & 3) === Target.i64s) {
    // -2^63 itself is in range.
    if (isDouble) {
      asm.constant(Reg.x16, 0, 0xc3e00000 | 0);
      asm.put(Opcode.fmov_dx, Reg.v31, Reg.x16);
    } else {
      asm.constant(Reg.x16, 0xdf000000 | 0, 0);
      asm.put(Opcode.fmov_sw, Reg.v31, Reg.x16);
    }
    asm.put(compare, s, Reg.v31);
    asm.bCond(Cond.eq, done);
  } else if ((k & 3) === Target.i64u) {
    // What is above -1 and below 1 becomes 0.
    asm.put(isDouble ? Opcode.fmovi_d : Opcode.fmovi_s, Reg.v31, MINUS_ONE);
    asm.compareAndBranch(true, 1, d, overflow);
    asm.put(compare, s, Reg.v31);
    asm.bCond(Cond.gt, done);
  }
  asm.b(overflow);
}

/** -1.0 as an immediate of `fmov`. */
const MINUS_ONE = 0xf0;
