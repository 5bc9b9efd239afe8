/**
 * Logic, with the instructions for masks and single bits.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { besideConstant, constantSide, singleBit } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Opcode } from "./instructions.ts";
import { emitBitLogic, emitBitMask } from "./lower_bits.ts";
import { use32, useWidth } from "./lower_operand.ts";
import { emitBinary, type Forms, forms } from "./lower_sum.ts";

const and32 = forms("and", false), and64 = forms("and", true);
const or32 = forms("or", false), or64 = forms("or", true);
const xor32 = forms("xor", false), xor64 = forms("xor", true);

function emitLogic(s: Selector, v: Value, f: Forms): void {
  const other = besideConstant(s, v);
  if (other === NO_VALUE || !s.isConst32(constantSide.value)) emitBinary(s, v, f);
  else s.emit(f.ri, s.define(v), useWidth(s, other, f.wide), s.func.low(constantSide.value));
}

const lowerAnd32: Lower = (s, v) => {
  const other = besideConstant(s, v);
  const mask = other === NO_VALUE ? 0 : s.func.low(constantSide.value);
  if (other === NO_VALUE && emitBitLogic(s, v, false)) return;
  if (mask === 0xff) s.emit(Opcode.movzx32_8_rr, s.define(v), use32(s, other));
  else if (mask === 0xffff) s.emit(Opcode.movzx32_16_rr, s.define(v), use32(s, other));
  else emitLogic(s, v, and32);
};

const lowerAnd64: Lower = (s, v) => {
  const other = besideConstant(s, v);
  if (other === NO_VALUE) {
    if (!emitBitLogic(s, v, true)) emitBinary(s, v, and64);
    return;
  }
  const low = s.func.low(constantSide.value), high = s.func.high(constantSide.value);
  if (high === 0) {
    // The upper half becomes zero, as with any instruction of 32 bits.
    const d = s.define(v), r = s.use(other);
    if (low === 0xff) s.emit(Opcode.movzx32_8_rr, d, r);
    else if (low === 0xffff) s.emit(Opcode.movzx32_16_rr, d, r);
    else if (low === -1) s.emit(Opcode.mov32_rr, d, r);
    else s.emit(Opcode.and32_ri, d, r, low);
    return;
  }
  const bit = high === low >> 31 ? -1 : singleBit(~low, ~high);
  if (bit >= 0) s.emit(Opcode.btr64_ri, s.define(v), s.use(other), bit);
  else emitLogic(s, v, and64);
};

function lowerLogic64(f: Forms, bitOpcode: number): Lower {
  return (s, v) => {
    const other = besideConstant(s, v);
    if (other !== NO_VALUE && !s.isConst32(constantSide.value)) {
      const bit = singleBit(s.func.low(constantSide.value), s.func.high(constantSide.value));
      if (bit >= 0) return s.emit(bitOpcode, s.define(v), s.use(other), bit);
    }
    if (f === xor64 && other === NO_VALUE && emitBitMask(s, v, true)) return;
    if (f === xor64 && other !== NO_VALUE && s.isConstEqual(constantSide.value, -1)) {
      return s.emit(Opcode.not64_r, s.define(v), s.use(other));
    }
    emitLogic(s, v, f);
  };
}

const lowerXor32: Lower = (s, v) => {
  const other = besideConstant(s, v);
  if (other === NO_VALUE && emitBitMask(s, v, false)) return;
  if (other !== NO_VALUE && s.func.low(constantSide.value) === -1) {
    s.emit(Opcode.not32_r, s.define(v), use32(s, other));
  } else emitLogic(s, v, xor32);
};

/** Lowerings of logic. */
export const logicLowerings = {
  i32_and: lowerAnd32,
  i64_and: lowerAnd64,
  i32_or: (s, v) => emitLogic(s, v, or32),
  i64_or: lowerLogic64(or64, Opcode.bts64_ri),
  i32_xor: lowerXor32,
  i64_xor: lowerLogic64(xor64, Opcode.btc64_ri),
} satisfies Record<string, Lower>;
