/**
 * Every machine row of the AArch64 table with operands at the edges of its fields. Shared by the
 * tests.
 *
 * @module
 */
import { encode, table } from "../../../backends/aarch64/encoder.ts";
import {
  Coding,
  type ImmediateKindName,
  kindNames,
} from "../../../backends/aarch64/instruction_format.ts";
import { conditionNames } from "../../../backends/aarch64/instructions.ts";
import { encodeLogical } from "../../../backends/aarch64/logical_immediate.ts";
import { registerKinds } from "../../../backends/aarch64/registers.ts";

/** One encoded instruction. */
export interface BoundaryCase {
  readonly opcode: number;
  readonly name: string;
  readonly word: number;
  readonly operands: Int32Array;
}

const logical = (value: bigint): number =>
  encodeLogical(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
const repeated = [0x55555555n, 0x3fffff8n, 0x80000001n, 0xfffffffen, 0x80808080n]
  .map((v) => logical(v << 32n | v));
const logical64 = [0x5555555555555555n, 0xffff00000n, 0x8000000000000001n]
  .concat([0xfffffffffffffffen, 0x7ffffffffffffff0n, 0xff00ff00ff00ff00n])
  .map(logical);

const movable = [logical(0xfffffffefffffffen), logical(0xfffffffffffffffen)];

const takes = (bits: number): number[] =>
  [[1, 3], [7, 7], [3, bits - 2], [bits - 3, bits - 2]].map(([r, s]) =>
    (r as number) << 6 | (s as number)
  );
const puts = (bits: number): number[] =>
  [[bits - 1, 3], [bits - 4, 0], [5, 3], [9, 2]].map(([r, s]) =>
    (r as number) << 6 | (s as number)
  );

/** Values for a field that the preferred spelling has, by its kind. */
function valuesOf(field: number): readonly number[] {
  const kind = kindNames[table.fieldKind[field] as number] as ImmediateKindName;
  switch (kind) {
    case "arith":
      return [1, 15, 16, 4095, 4096, 0xfff000];
    case "logic32":
      return repeated;
    case "logic64":
      return [...repeated, ...logical64];
    case "wide32":
    case "inverse32":
      return [0x1234, 0x1_8000, 0x1_fffe, 0x1_0001];
    case "wide64":
    case "inverse64":
      return [0x1234, 0x1_8000, 0x2_0001, 0x3_fffe];
    case "place32":
    case "place64":
      return [0, 1];
    case "float8":
      return [0, 1, 0x70, 0x7f, 0x80, 0xff, 0x3c];
    case "shift32":
    case "shift64":
      return [0, 1, 31, 1 << 6 | 1, 1 << 6 | 31, 2 << 6 | 17];
    case "rotate32":
    case "rotate64":
      return [0, 1, 31, 1 << 6 | 31, 2 << 6 | 17, 3 << 6 | 9];
    case "extend":
      return [2 << 3, 6 << 3 | 2, 0, 5 << 3 | 3, 4 << 3 | 4];
    case "take32":
      return takes(32);
    case "take64":
      return takes(64);
    case "put32":
      return puts(32);
    case "put64":
      return puts(64);
    case "cond":
      return conditionNames.slice(0, 14).map((_, n) => n);
    case "inverted":
      return [...Array(14).keys()];
    default: {
      const min = table.fieldMin[field] as number, max = table.fieldMax[field] as number;
      const unit = table.fieldCoding[field] === Coding.scaled
        ? 1 << (table.fieldScale[field] as number)
        : 1;
      return [...new Set([min, 0, unit, max >> 1 & -unit, max])].filter((n) =>
        n >= min && n <= max
      );
    }
  }
}

const registers = [0, 1, 15, 30, 31];

/**
 * Every boundary case of every machine row.
 * @param spellings `preferred`: only operands that leave the row's spelling as it is, as readers print
 * it; `any`: all, and all fields at their ends at once, for writers
 */
export function boundaryCases(spellings: "preferred" | "any" = "preferred"): BoundaryCase[] {
  const cases: BoundaryCase[] = [];
  table.names.forEach((name, opcode) => {
    if (table.isMachine[opcode] === 0) return;
    const first = table.fieldStart[opcode] as number, end = table.fieldStart[opcode + 1] as number;
    const base = new Int32Array(8);
    const add = (operands: Int32Array): void => {
      cases.push({ opcode, name, operands: operands.slice(), word: encode(opcode, operands) });
    };
    // Registers that differ: equal ones make other spellings.
    for (let f = first; f < end; f++) {
      const slot = table.fieldSlot[f] as number;
      if (slot < 0) continue;
      const isRegister = (table.fieldKind[f] as number) < registerKinds.length;
      base[slot] = isRegister ? 2 + 3 * slot : valuesOf(f)[0] as number;
    }
    add(base);
    for (let f = first; f < end; f++) {
      const slot = table.fieldSlot[f] as number;
      if (slot < 0) continue;
      const kind = kindNames[table.fieldKind[f] as number] as string;
      const isRegister = (table.fieldKind[f] as number) < registerKinds.length;
      const isMove = name.startsWith("movl");
      for (const value of isRegister ? registers : valuesOf(f)) {
        if (spellings === "preferred") {
          if (isRegister && value === 31 && !mayBe31(name, table.fieldName[f] as string, kind)) {
            continue;
          }
          // A value that `movn` gives is printed as that.
          if (isMove && movable.includes(value)) continue;
        }
        const operands = base.slice();
        operands[slot] = value;
        add(operands);
      }
    }
    if (spellings === "any") {
      for (const end of ["lowest", "highest"] as const) {
        const operands = base.slice();
        for (let f = first; f < table.fieldStart[opcode + 1]!; f++) {
          const slot = table.fieldSlot[f] as number;
          if (slot < 0) continue;
          const isRegister = (table.fieldKind[f] as number) < registerKinds.length;
          const values = isRegister ? registers : [...valuesOf(f)].sort((a, b) => a - b);
          // Equal registers of a pair are unpredictable.
          const shift = isRegister && /^(ld|st)p/.test(name) ? slot : 0;
          operands[slot] = (end === "lowest" ? values[shift] : values.at(-1 - shift)) as number;
        }
        add(operands);
      }
    }
  });
  return cases;
}

/** Whether register 31 leaves the spelling as it is. */
function mayBe31(name: string, field: string, kind: string): boolean {
  if (kind === "w" || kind === "x") {
    if (/^(sub|orr|orn|csinc|csinv|csneg|madd|msub|smaddl|umaddl)_?/.test(name)) return false;
    return !/^(ldp|stp|bfi|bfxil|and_|bic|eor|eon|add_)/.test(name);
  }
  // With the stack pointer extensions and zero addends are spelled differently.
  return !/_[wx]e$|_xi$|_wi$|mov_(to|from)_sp/.test(name) || (kind !== "xsp" && kind !== "wsp")
    ? field !== "" && kind !== "wsp" && (kind !== "xsp" || /^(ld|st)/.test(name))
    : false;
}
