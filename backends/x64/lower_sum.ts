/**
 * Sums, differences and products; `lea` computes sums of several terms where no operand dies.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { NO_REGISTER } from "../../lib/codegen/machine_code.ts";
import { absorbLoad, besideConstant, constantSide, isInner } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import { NO_VALUE, type Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { type InstructionName, Opcode } from "./instructions.ts";
import { emitRMI, emitRRM, fitsInt32 } from "./lower_address.ts";
import { emitTied, useWidth } from "./lower_operand.ts";

/** The rows of a two-address operation, one width. */
export interface Forms {
  readonly wide: boolean;
  readonly commutes: boolean;
  readonly load: Op;
  readonly rr: number;
  readonly rm: number;
  readonly ri: number;
}

/** The rows of an operation. */
export function forms(name: "add" | "sub" | "and" | "or" | "xor", wide: boolean): Forms {
  const row = (suffix: string): number =>
    Opcode[`${name}${wide ? 64 : 32}_${suffix}` as InstructionName];
  return {
    wide,
    commutes: name !== "sub",
    load: wide ? Op.i64_load : Op.i32_load,
    rr: row("rr"),
    rm: row("rm"),
    ri: row("ri"),
  };
}

const add32 = forms("add", false), add64 = forms("add", true);
const sub32 = forms("sub", false), sub64 = forms("sub", true);

/** `op a, b` with memory and register operands; constants were dealt with. */
export function emitBinary(s: Selector, v: Value, f: Forms): void {
  const a = s.func.a(v), b = s.func.b(v);
  if (absorbLoad(s, b, f.load)) emitRRM(s, f.rm, s.define(v), useWidth(s, a, f.wide), b);
  else if (f.commutes && absorbLoad(s, a, f.load)) {
    emitRRM(s, f.rm, s.define(v), useWidth(s, b, f.wide), a);
  } else emitTied(s, f.rr, v, f.wide, f.commutes);
}

// ── Sums ────────────────────────────────────────────────────────────────────────────────────────

// What a sum is made of, for `lea`: up to two terms, one of them scaled, and a constant.
let leaBase = NO_VALUE, leaIndex = NO_VALUE, leaScale = 0, leaConstant = 0, leaParts = 0;

/**
 * Takes a sum of shifts and constants apart, as far as one `lea` can compute it and the inner parts
 * have no other user. `leaParts` counts the instructions that it replaces.
 */
function matchSum(s: Selector, v: Value, wide: boolean): void {
  const func = s.func, add = wide ? Op.i64_add : Op.i32_add;
  leaBase = leaIndex = NO_VALUE;
  leaScale = leaConstant = 0;
  leaParts = 1;
  let rest = v;
  for (;;) {
    const a = func.a(rest), b = func.b(rest);
    if (s.isConst32(b) && fitsInt32(leaConstant + func.low(b))) {
      leaConstant += func.low(b);
      if (func.op(a) !== add || !isInner(s, a)) {
        leaBase = a;
        break;
      }
      rest = a;
      leaParts++;
      continue;
    }
    leaBase = a;
    leaIndex = b;
    break;
  }
  if (leaIndex !== NO_VALUE) stripTerms(s, add);
  const shl = wide ? Op.i64_shl : Op.i32_shl;
  if (leaIndex === NO_VALUE) {
    if (takeShift(s, leaBase, shl)) leaBase = NO_VALUE;
  } else if (!takeShift(s, leaIndex, shl) && takeShift(s, leaBase, shl)) {
    // The base was shifted: `takeShift` put it in the index's place.
    leaBase = displaced;
  }
}
let displaced = NO_VALUE;

/** Takes constants out of both terms: `(x + 4) + (y + 8)`. */
function stripTerms(s: Selector, add: Op): void {
  const func = s.func;
  for (let k = 0; k < 2; k++) {
    const term = k === 0 ? leaBase : leaIndex;
    if (func.op(term) !== add || !isInner(s, term)) continue;
    const c = func.b(term);
    if (!s.isConst32(c) || !fitsInt32(leaConstant + func.low(c))) continue;
    leaConstant += func.low(c);
    leaParts++;
    if (k === 0) leaBase = func.a(term);
    else leaIndex = func.a(term);
  }
}

/** Makes a shift by 1 to 3 the scaled index; the index that it displaces is in `displaced`. */
function takeShift(s: Selector, v: Value, shl: Op): boolean {
  const func = s.func;
  if (func.op(v) !== shl || !isInner(s, v) || !s.isConst32(func.b(v))) return false;
  const k = func.low(func.b(v));
  if (k < 1 || k > 3) return false;
  displaced = leaIndex;
  leaIndex = func.a(v);
  leaScale = k;
  leaParts++;
  return true;
}

function emitLea(s: Selector, d: number, wide: boolean): void {
  const base = leaBase === NO_VALUE ? NO_REGISTER : useWidth(s, leaBase, wide);
  const index = leaIndex === NO_VALUE ? NO_REGISTER : useWidth(s, leaIndex, wide);
  s.emit(wide ? Opcode.lea64 : Opcode.lea32, d, base, index, leaScale, leaConstant);
}

function emitAdd(s: Selector, v: Value, f: Forms): void {
  const func = s.func, wide = f.wide;
  const a = func.a(v), b = func.b(v);
  if (!s.isConst32(b) && !s.isConst32(a)) {
    // A load as operand saves as much as `lea` would.
    if (s.canSink(b) && func.op(b) === f.load || s.canSink(a) && func.op(a) === f.load) {
      return emitBinary(s, v, f);
    }
  }
  matchSum(s, v, wide);
  if (leaParts > 1 && (leaIndex !== NO_VALUE || leaBase !== NO_VALUE)) {
    const isPlain = leaIndex === NO_VALUE;
    if (!isPlain) return emitLea(s, s.define(v), wide);
  }
  if (leaIndex === NO_VALUE) {
    const dies = s.diesHere(leaBase), r = useWidth(s, leaBase, wide);
    if (dies) s.emit(f.ri, s.define(v), r, leaConstant);
    else {
      s.emit(
        wide ? Opcode.lea_or_add64_ri : Opcode.lea_or_add32_ri,
        s.define(v),
        r,
        leaConstant,
      );
    }
    return;
  }
  if (s.diesHere(a) || s.diesHere(b)) return emitBinary(s, v, f);
  const left = useWidth(s, a, wide), right = useWidth(s, b, wide);
  s.emit(wide ? Opcode.lea_or_add64 : Opcode.lea_or_add32, s.define(v), left, right);
}

function emitSub(s: Selector, v: Value, f: Forms): void {
  const func = s.func, a = func.a(v), b = func.b(v), wide = f.wide;
  if (s.isConstEqual(a, 0)) {
    const r = useWidth(s, b, wide);
    s.emit(wide ? Opcode.neg64_r : Opcode.neg32_r, s.define(v), r);
    return;
  }
  if (!s.isConst32(b)) return emitBinary(s, v, f);
  const c = func.low(b), dies = s.diesHere(a), r = useWidth(s, a, wide);
  // `add -128` is shorter than `sub 128`.
  if (dies && c !== 128) s.emit(f.ri, s.define(v), r, c);
  else if (c === -0x80000000) s.emit(f.ri, s.define(v), r, c);
  else s.emit(wide ? Opcode.lea_or_add64_ri : Opcode.lea_or_add32_ri, s.define(v), r, -c);
}

// ── Multiplication ──────────────────────────────────────────────────────────────────────────────

function lowerMul(wide: boolean): Lower {
  const load = wide ? Op.i64_load : Op.i32_load;
  const bits = wide ? 64 : 32;
  const rr = Opcode[`imul${bits}_rr`], rm = Opcode[`imul${bits}_rm`];
  const rri = Opcode[`imul${bits}_rri`], rmi = Opcode[`imul${bits}_rmi`];
  const shl = Opcode[`shl${bits}_ri`], lea = Opcode[`lea${bits}`];
  const f: Forms = { wide, commutes: true, load, rr, rm, ri: rri };
  return (s, v) => {
    const other = besideConstant(s, v);
    if (other === NO_VALUE || !s.isConst32(constantSide.value)) return emitBinary(s, v, f);
    const c = s.func.low(constantSide.value);
    if (c > 0 && (c & (c - 1)) === 0) {
      return s.emit(shl, s.define(v), useWidth(s, other, wide), 31 - Math.clz32(c));
    }
    if (c === 3 || c === 5 || c === 9) {
      const r = useWidth(s, other, wide);
      return s.emit(lea, s.define(v), r, r, c === 3 ? 1 : c === 5 ? 2 : 3, 0);
    }
    if (absorbLoad(s, other, load)) return emitRMI(s, rmi, s.define(v), other, c);
    s.emit(rri, s.define(v), useWidth(s, other, wide), c);
  };
}

/** Lowerings of sums, differences and products. */
export const sumLowerings = {
  i32_add: (s, v) => emitAdd(s, v, add32),
  i64_add: (s, v) => emitAdd(s, v, add64),
  i32_sub: (s, v) => emitSub(s, v, sub32),
  i64_sub: (s, v) => emitSub(s, v, sub64),
  i32_mul: lowerMul(false),
  i64_mul: lowerMul(true),
} satisfies Record<string, Lower>;
