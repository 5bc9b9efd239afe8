/**
 * Expansion of the float pseudo instructions: minimum and maximum, rounding, truncations that trap.
 * Each has a short path for usual operands in place and a cold path at the function's end. t6 and
 * ft11 are scratch registers.
 *
 * Conversions to integers saturate, and give the largest integer for a NaN; so the smallest and the
 * largest integer are what the short paths look for.
 *
 * @module
 */
import { TrapKind } from "../../lib/base/trap_kind.ts";
import type { Label } from "../../lib/codegen/code_buffer.ts";
import type { MachineCode } from "../../lib/codegen/machine_code.ts";
import type { Assembler } from "./assembler.ts";
import { Cond, Opcode, Rounding } from "./instructions.ts";
import { Reg } from "./registers.ts";

/** Gives the label of an `ebreak` for a trap kind at the current location. */
export type TrapLabel = (kind: TrapKind) => Label;

const { t6, ft11, zero } = Reg;

/** Whether {@linkcode emitFloat} expands this row. */
export function isFloatPseudo(opcode: number): boolean {
  return opcode >= Opcode.min_s && opcode <= Opcode.trunc_d_i64u;
}

/** The rows of one float type. */
interface FloatRows {
  readonly add: number;
  readonly min: number;
  readonly max: number;
  readonly equal: number;
  readonly less: number;
  readonly copySign: number;
  readonly toSigned: number;
  readonly toUnsigned: number;
  readonly fromSigned: number;
}

const singleRows: FloatRows = {
  add: Opcode.fadd_s,
  min: Opcode.fmin_s,
  max: Opcode.fmax_s,
  equal: Opcode.feq_s,
  less: Opcode.flt_s,
  copySign: Opcode.fsgnj_s,
  toSigned: Opcode.fcvt_l_s,
  toUnsigned: Opcode.fcvt_lu_s,
  fromSigned: Opcode.fcvt_s_l,
};
const doubleRows: FloatRows = {
  add: Opcode.fadd_d,
  min: Opcode.fmin_d,
  max: Opcode.fmax_d,
  equal: Opcode.feq_d,
  less: Opcode.flt_d,
  copySign: Opcode.fsgnj_d,
  toSigned: Opcode.fcvt_l_d,
  toUnsigned: Opcode.fcvt_lu_d,
  fromSigned: Opcode.fcvt_d_l,
};

function rowsOf(opcode: number): FloatRows {
  const isDouble = opcode === Opcode.min_d || opcode === Opcode.max_d ||
    opcode === Opcode.round_d || opcode >= Opcode.trunc_d_i32s;
  return isDouble ? doubleRows : singleRows;
}

/** Number of the integer type in the order of the `trunc` rows: i32s, i32u, i64s, i64u. */
function truncation(opcode: number): number {
  return (opcode - Opcode.trunc_s_i32s) & 3;
}

/** Writes the short path; it jumps to `cold` and comes back to behind itself. */
export function emitFloat(asm: Assembler, code: MachineCode, i: number, cold: Label): void {
  const opcode = code.opcode(i), rows = rowsOf(opcode);
  if (opcode <= Opcode.max_d) return emitExtremum(asm, code, i, rows, cold);
  if (opcode <= Opcode.round_d) return emitRound(asm, code, i, rows, cold);
  const d = code.operand(i, 0), s = code.operand(i, 1);
  switch (truncation(opcode)) {
    case 0: // i32s
      asm.dsm(rows.toSigned, d, s, Rounding.rtz);
      asm.dsi(Opcode.addiw, t6, d, 0);
      return asm.branch(Cond.ne, t6, d, cold);
    case 1: // i32u
      asm.dsm(rows.toSigned, d, s, Rounding.rtz);
      asm.dsi(Opcode.srli, t6, d, 32);
      asm.branch(Cond.ne, t6, zero, cold);
      return asm.dsi(Opcode.addiw, d, d, 0);
    case 2: // i64s
      asm.dsm(rows.toSigned, d, s, Rounding.rtz);
      return branchIfExtreme(asm, d, cold);
    default: // i64u: 0 and -1
      asm.dsm(rows.toUnsigned, d, s, Rounding.rtz);
      asm.dsi(Opcode.addi, t6, d, 1);
      asm.dsi(Opcode.sltiu, t6, t6, 2);
      return asm.branch(Cond.ne, t6, zero, cold);
  }
}

/** To `cold` when an integer is the smallest or the largest one. */
function branchIfExtreme(asm: Assembler, x: number, cold: Label): void {
  asm.dsi(Opcode.srai, t6, x, 63);
  asm.dst(Opcode.xor, t6, t6, x);
  asm.dsi(Opcode.addi, t6, t6, 1);
  asm.branch(Cond.lt, t6, zero, cold);
}

/** The machine's operators ignore a NaN; the sum does not, but infinities may cancel in it. */
function emitExtremum(
  asm: Assembler,
  code: MachineCode,
  i: number,
  rows: FloatRows,
  cold: Label,
): void {
  const a = code.operand(i, 1), b = code.operand(i, 2);
  asm.dst(rows.add, ft11, a, b);
  asm.dst(rows.equal, t6, ft11, ft11);
  asm.branch(Cond.eq, t6, zero, cold);
  asm.dst(extremum(code.opcode(i), rows), code.operand(i, 0), a, b);
}

function extremum(opcode: number, rows: FloatRows): number {
  return opcode === Opcode.min_s || opcode === Opcode.min_d ? rows.min : rows.max;
}

/** To an integer of 64 bits and back; numbers without fraction come back as they were. */
function emitRound(
  asm: Assembler,
  code: MachineCode,
  i: number,
  rows: FloatRows,
  cold: Label,
): void {
  const s = code.operand(i, 1), integer = code.operand(i, 3);
  asm.dsm(rows.toSigned, integer, s, code.operand(i, 2));
  branchIfExtreme(asm, integer, cold);
  asm.dsm(rows.fromSigned, ft11, integer, Rounding.dyn);
  asm.dst(rows.copySign, code.operand(i, 0), ft11, s);
}

/** Writes the cold path, which {@linkcode emitFloat} jumps to; it goes on to `done`. */
export function emitFloatCold(
  asm: Assembler,
  code: MachineCode,
  i: number,
  done: Label,
  trapLabel: TrapLabel,
): void {
  const opcode = code.opcode(i), rows = rowsOf(opcode);
  const d = code.operand(i, 0), s = code.operand(i, 1);
  if (opcode <= Opcode.max_d) {
    const b = code.operand(i, 2), unordered = asm.buffer.createLabel();
    asm.dst(rows.equal, t6, s, s);
    asm.branch(Cond.eq, t6, zero, unordered);
    asm.dst(rows.equal, t6, b, b);
    asm.branch(Cond.eq, t6, zero, unordered);
    asm.dst(extremum(opcode, rows), d, s, b);
    asm.jump(done);
    asm.buffer.bind(unordered);
    asm.move(d, ft11);
    return asm.jump(done);
  }
  if (opcode <= Opcode.round_d) {
    // Too large for a fraction, or a NaN, which this makes quiet.
    asm.dst(rows.min, d, s, s);
    return asm.jump(done);
  }
  const invalid = trapLabel(TrapKind.invalidConversionToInteger);
  const overflow = trapLabel(TrapKind.integerOverflow);
  asm.dst(rows.equal, t6, s, s);
  asm.branch(Cond.eq, t6, zero, invalid);
  const kind = truncation(opcode);
  if (kind < 2) return asm.jump(overflow);
  if (kind === 2) {
    // -2^63 is a proper result of what equals it.
    asm.integer(t6, 0, -0x80000000);
    asm.dsm(rows.fromSigned, ft11, t6, Rounding.dyn);
    asm.dst(rows.equal, t6, s, ft11);
  } else {
    // 0 is a proper result of what is above -1.
    asm.branch(Cond.ne, d, zero, overflow);
    asm.integer(t6, -1, -1);
    asm.dsm(rows.fromSigned, ft11, t6, Rounding.dyn);
    asm.dst(rows.less, t6, ft11, s);
  }
  asm.branch(Cond.ne, t6, zero, done);
  asm.jump(overflow);
}
