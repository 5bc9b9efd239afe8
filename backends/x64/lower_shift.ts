/**
 * Shifts and rotations. BMI2 has shifts by a count in any register, and a rotation by a constant into
 * another register; none of its instructions changes flags.
 *
 * @module
 */
import type { Lower } from "../../lib/codegen/isa.ts";
import { NO_REGISTER } from "../../lib/codegen/machine_code.ts";
import { absorbLoad, shiftCountSource } from "../../lib/codegen/patterns.ts";
import type { Selector } from "../../lib/codegen/selector.ts";
import type { Value } from "../../lib/ir/func.ts";
import { Op } from "../../lib/ir/ops.ts";
import { Feature } from "./features.ts";
import { Opcode } from "./instructions.ts";
import { emitRMI, matchAccess, memory } from "./lower_address.ts";
import { useWidth } from "./lower_operand.ts";

/** The register of a shift count, of which the machine reads the low 5 or 6 bits. */
function useCount(s: Selector, count: Value, wide: boolean): number {
  return s.use(shiftCountSource(s, count, wide));
}

/** The rows of BMI2 for a shift, which have the count in any register; -1 where there are none. */
interface ExtendedRows {
  readonly rr: number;
  readonly rm: number;
}
const noRows: ExtendedRows = { rr: -1, rm: -1 };
const extendedRows: Readonly<Record<string, ExtendedRows>> = {
  shl32: { rr: Opcode.shlx32_rr, rm: Opcode.shlx32_rm },
  shl64: { rr: Opcode.shlx64_rr, rm: Opcode.shlx64_rm },
  shr32: { rr: Opcode.shrx32_rr, rm: Opcode.shrx32_rm },
  shr64: { rr: Opcode.shrx64_rr, rm: Opcode.shrx64_rm },
  sar32: { rr: Opcode.sarx32_rr, rm: Opcode.sarx32_rm },
  sar64: { rr: Opcode.sarx64_rr, rm: Opcode.sarx64_rm },
};

function lowerShift(name: "shl" | "shr" | "sar" | "rol" | "ror", wide: boolean): Lower {
  const bits = wide ? 64 : 32;
  const ri = Opcode[`${name}${bits}_ri`], rc = Opcode[`${name}${bits}_rc`];
  const lea = name === "shl" ? wide ? Opcode.lea64 : Opcode.lea32 : -1;
  const extended = extendedRows[`${name}${bits}`] ?? noRows;
  const rotates = name === "rol" || name === "ror";
  return (s, v) => {
    const a = s.func.a(v), count = s.func.b(v);
    if (!s.isConst(count)) {
      if (extended !== noRows && s.hasFeature(Feature.bmi2)) {
        return emitExtended(s, v, wide, extended);
      }
      const r = useWidth(s, a, wide);
      return s.emit(rc, s.define(v), r, useCount(s, count, wide));
    }
    const n = s.func.low(count) & (bits - 1);
    const keeps = !s.diesHere(a);
    if (rotates && s.hasFeature(Feature.bmi2)) {
      const toRight = name === "ror" ? n : (bits - n) & (bits - 1);
      if (emitRotation(s, v, { wide, toRight, keeps })) return;
    }
    const r = useWidth(s, a, wide);
    if (keeps && lea >= 0 && n >= 1 && n <= 3) {
      if (n === 1) s.emit(lea, s.define(v), r, r, 0, 0);
      else s.emit(lea, s.define(v), NO_REGISTER, r, n, 0);
    } else s.emit(ri, s.define(v), r, n);
  };
}

/** A shift by a count in any register, of a register or memory. */
function emitExtended(s: Selector, v: Value, wide: boolean, rows: ExtendedRows): void {
  const a = s.func.a(v), count = s.func.b(v), d = s.define(v);
  if (!absorbLoad(s, a, wide ? Op.i64_load : Op.i32_load)) {
    const r = useWidth(s, a, wide);
    return s.emit(rows.rr, d, r, useCount(s, count, wide));
  }
  const n = useCount(s, count, wide);
  matchAccess(s, a);
  s.setFault(a);
  s.emit(rows.rm, d, memory.base, memory.index, memory.scale, memory.displacement, n);
}

/** A rotation that leaves its operand alone: longer, so only where that saves a move or a load. */
function emitRotation(
  s: Selector,
  v: Value,
  { wide, toRight, keeps }: { wide: boolean; toRight: number; keeps: boolean },
): boolean {
  const a = s.func.a(v);
  if (absorbLoad(s, a, wide ? Op.i64_load : Op.i32_load)) {
    emitRMI(s, wide ? Opcode.rorx64_rmi : Opcode.rorx32_rmi, s.define(v), a, toRight);
    return true;
  }
  if (!keeps) return false;
  const r = useWidth(s, a, wide);
  s.emit(wide ? Opcode.rorx64_rri : Opcode.rorx32_rri, s.define(v), r, toRight);
  return true;
}

/** Lowerings of shifts and rotations. */
export const shiftLowerings = {
  i32_shl: lowerShift("shl", false),
  i64_shl: lowerShift("shl", true),
  i32_shr_s: lowerShift("sar", false),
  i64_shr_s: lowerShift("sar", true),
  i32_shr_u: lowerShift("shr", false),
  i64_shr_u: lowerShift("shr", true),
  i32_rotl: lowerShift("rol", false),
  i64_rotl: lowerShift("rol", true),
  i32_rotr: lowerShift("ror", false),
  i64_rotr: lowerShift("ror", true),
} satisfies Record<string, Lower>;
