/**
 * Expansion of the float pseudo instructions: minimum and maximum, conversions of unsigned integers,
 * truncations. Each has a short path for usual operands in place and a cold path at the function's
 * end. xmm15 is the scratch register.
 *
 * `ucomis` sets CF, ZF and PF when its operands are unordered, so `b` holds for below or unordered
 * and `a`/`ae` for above(-or-equal) and ordered.
 *
 * @module
 */
import type { Label } from "../../lib/codegen/code_buffer.ts";
import type { MachineCode } from "../../lib/codegen/machine_code.ts";
import { TrapKind } from "../../lib/base/trap_kind.ts";
import type { Assembler } from "./assembler.ts";
import { Cond, Opcode } from "./instructions.ts";
import { Reg } from "./registers.ts";

/** Gives the label of a `ud2` for a trap kind at the current location. */
export type TrapLabel = (kind: TrapKind) => Label;

/** Whether {@linkcode emitFloat} expands this row. */
export function isFloatPseudo(opcode: number): boolean {
  return opcode >= Opcode.fmin_ss && opcode <= Opcode.trunc_sat_sd_i64u;
}

/** Bits of -2147483649.0. */
const BELOW_INT32_HIGH = 0xc1e00000 | 0, BELOW_INT32_LOW = 0x00200000;

/** The rows that differ between f32 and f64. */
function pick(isDouble: boolean, single: number, double: number): number {
  return isDouble ? double : single;
}

/** Writes the short path; it jumps to `cold` and comes back to `done`, which the caller binds. */
export function emitFloat(asm: Assembler, code: MachineCode, i: number, cold: Label): void {
  const opcode = code.opcode(i), d = code.operand(i, 0), s = code.operand(i, 1);
  if (opcode < Opcode.cvtu64_ss) {
    const b = code.operand(i, 2), isDouble = opcode >= Opcode.fmin_sd;
    const isMax = opcode === Opcode.fmax_ss || opcode === Opcode.fmax_sd;
    asm.rr(pick(isDouble, Opcode.ucomiss_rr, Opcode.ucomisd_rr), d, b);
    asm.jcc(Cond.e, cold);
    asm.rr(
      isMax
        ? pick(isDouble, Opcode.maxss_rr, Opcode.maxsd_rr)
        : pick(isDouble, Opcode.minss_rr, Opcode.minsd_rr),
      d,
      b,
    );
    return;
  }
  if (opcode <= Opcode.cvtu64_sd) {
    asm.rr(Opcode.test64_rr, s, s);
    asm.jcc(Cond.s, cold);
    asm.rr(pick(opcode === Opcode.cvtu64_sd, Opcode.cvtsi2ss64_rr, Opcode.cvtsi2sd64_rr), d, s);
    return;
  }
  const k = opcode - Opcode.trunc_ss_i32s, isDouble = (k & 4) !== 0;
  const convert64 = pick(isDouble, Opcode.cvttss2si64_rr, Opcode.cvttsd2si64_rr);
  switch (k & 3) {
    case 0: // i32s: out of range gives the smallest integer, the only one from which 1 overflows
      asm.rr(pick(isDouble, Opcode.cvttss2si32_rr, Opcode.cvttsd2si32_rr), d, s);
      asm.ri(Opcode.cmp32_ri, d, 1);
      asm.jcc(Cond.o, cold);
      break;
    case 1: { // i32u
      const t = code.operand(i, 2);
      asm.rr(convert64, d, s);
      asm.rr(Opcode.mov32_rr, t, d);
      asm.rr(Opcode.cmp64_rr, t, d);
      asm.jcc(Cond.ne, cold);
      break;
    }
    case 2: // i64s
      asm.rr(convert64, d, s);
      asm.ri(Opcode.cmp64_ri, d, 1);
      asm.jcc(Cond.o, cold);
      break;
    default: // i64u
      asm.rr(convert64, d, s);
      asm.rr(Opcode.test64_rr, d, d);
      asm.jcc(Cond.s, cold);
  }
}

/** Writes the cold path, which {@linkcode emitFloat} jumps to. */
export function emitFloatCold(
  asm: Assembler,
  code: MachineCode,
  i: number,
  done: Label,
  trapLabel: TrapLabel,
): void {
  const opcode = code.opcode(i);
  if (opcode < Opcode.cvtu64_ss) emitEqualOrUnordered(asm, code, i, done);
  else if (opcode <= Opcode.cvtu64_sd) emitLargeUnsigned(asm, code, i, done);
  else if (opcode < Opcode.trunc_sat_ss_i32s) emitTrappingTrunc(asm, code, i, done, trapLabel);
  else emitSaturatingTrunc(asm, code, i, done);
}

/** Equal operands may be zeros of different signs; a NaN comes out of an addition. */
function emitEqualOrUnordered(asm: Assembler, code: MachineCode, i: number, done: Label): void {
  const opcode = code.opcode(i), d = code.operand(i, 0), b = code.operand(i, 2);
  const isMax = opcode === Opcode.fmax_ss || opcode === Opcode.fmax_sd;
  const unordered = asm.buffer.createLabel();
  asm.jcc(Cond.p, unordered);
  asm.rr(isMax ? Opcode.andps_rr : Opcode.orps_rr, d, b);
  asm.jmp(done);
  asm.buffer.bind(unordered);
  asm.rr(pick(opcode >= Opcode.fmin_sd, Opcode.addss_rr, Opcode.addsd_rr), d, b);
  asm.jmp(done);
}

/** Converts half of it, rounded to odd so that the result is rounded once, and doubles that. */
function emitLargeUnsigned(asm: Assembler, code: MachineCode, i: number, done: Label): void {
  const isDouble = code.opcode(i) === Opcode.cvtu64_sd;
  const d = code.operand(i, 0), s = code.operand(i, 1);
  const half = code.operand(i, 2), lost = code.operand(i, 3);
  asm.rr(Opcode.mov64_rr, half, s);
  asm.rr(Opcode.mov32_rr, lost, s);
  asm.ri(Opcode.shr64_ri, half, 1);
  asm.ri(Opcode.and32_ri, lost, 1);
  asm.rr(Opcode.or64_rr, half, lost);
  asm.rr(pick(isDouble, Opcode.cvtsi2ss64_rr, Opcode.cvtsi2sd64_rr), d, half);
  asm.rr(pick(isDouble, Opcode.addss_rr, Opcode.addsd_rr), d, d);
  asm.jmp(done);
}

function emitTrappingTrunc(
  asm: Assembler,
  code: MachineCode,
  i: number,
  done: Label,
  trapLabel: TrapLabel,
): void {
  const k = code.opcode(i) - Opcode.trunc_ss_i32s, isDouble = (k & 4) !== 0;
  const d = code.operand(i, 0), s = code.operand(i, 1);
  const compare = pick(isDouble, Opcode.ucomiss_rk, Opcode.ucomisd_rk);
  const overflow = trapLabel(TrapKind.integerOverflow);
  const invalid = trapLabel(TrapKind.invalidConversionToInteger);
  switch (k & 3) {
    case 1: // i32u
      asm.rr(pick(isDouble, Opcode.ucomiss_rr, Opcode.ucomisd_rr), s, s);
      asm.jcc(Cond.p, invalid);
      asm.jmp(overflow);
      return;
    case 3: // i64u
      compareWithTwo63(asm, isDouble, s);
      asm.jcc(Cond.p, invalid);
      asm.jcc(Cond.b, overflow);
      convertLessTwo63(asm, isDouble, d, s);
      asm.jcc(Cond.s, overflow);
      asm.ri(Opcode.btc64_ri, d, 63);
      asm.jmp(done);
      return;
    default: {
      // The smallest integer is a proper result of what truncates to it.
      const isExclusive = (k & 3) === 0 && isDouble;
      if (isExclusive) asm.rk(compare, s, BELOW_INT32_LOW, BELOW_INT32_HIGH);
      else if ((k & 3) === 0) asm.rk(compare, s, 0xcf000000 | 0, 0);
      else if (isDouble) asm.rk(compare, s, 0, 0xc3e00000 | 0);
      else asm.rk(compare, s, 0xdf000000 | 0, 0);
      asm.jcc(Cond.p, invalid);
      asm.jcc(isExclusive ? Cond.be : Cond.b, overflow);
      asm.rk(compare, s, 0, 0);
      asm.jcc(Cond.ae, overflow);
      asm.jmp(done);
    }
  }
}

function emitSaturatingTrunc(asm: Assembler, code: MachineCode, i: number, done: Label): void {
  const k = code.opcode(i) - Opcode.trunc_ss_i32s, isDouble = (k & 4) !== 0;
  const d = code.operand(i, 0), s = code.operand(i, 1);
  const compare = pick(isDouble, Opcode.ucomiss_rk, Opcode.ucomisd_rk);
  const other = asm.buffer.createLabel();
  if ((k & 3) === 3) { // i64u
    compareWithTwo63(asm, isDouble, s);
    asm.jcc(Cond.ae, other);
    asm.rr(Opcode.xor32_rr, d, d);
    asm.jmp(done);
    asm.buffer.bind(other);
    convertLessTwo63(asm, isDouble, d, s);
    const largest = asm.buffer.createLabel();
    asm.jcc(Cond.s, largest);
    asm.ri(Opcode.btc64_ri, d, 63);
    asm.jmp(done);
    asm.buffer.bind(largest);
    asm.ri(Opcode.or64_ri, d, -1);
    asm.jmp(done);
    return;
  }
  asm.rk(compare, s, 0, 0);
  if ((k & 3) === 1) { // i32u
    asm.jcc(Cond.b, other);
    asm.ri(Opcode.mov32_ri, d, -1);
  } else {
    asm.jcc(Cond.p, other);
    asm.jcc(Cond.b, done);
    asm.r((k & 3) === 0 ? Opcode.not32_r : Opcode.not64_r, d);
  }
  asm.jmp(done);
  asm.buffer.bind(other);
  asm.rr(Opcode.xor32_rr, d, d);
  asm.jmp(done);
}

function compareWithTwo63(asm: Assembler, isDouble: boolean, s: number): void {
  if (isDouble) asm.rk(Opcode.ucomisd_rk, s, 0, 0x43e00000);
  else asm.rk(Opcode.ucomiss_rk, s, 0x5f000000, 0);
}

/** d = s - 2^63 as a signed integer, with its sign in the flags. */
function convertLessTwo63(asm: Assembler, isDouble: boolean, d: number, s: number): void {
  asm.rr(Opcode.movaps_rr, Reg.xmm15, s);
  if (isDouble) asm.rk(Opcode.subsd_rk, Reg.xmm15, 0, 0x43e00000);
  else asm.rk(Opcode.subss_rk, Reg.xmm15, 0x5f000000, 0);
  asm.rr(pick(isDouble, Opcode.cvttss2si64_rr, Opcode.cvttsd2si64_rr), d, Reg.xmm15);
  asm.rr(Opcode.test64_rr, d, d);
}
