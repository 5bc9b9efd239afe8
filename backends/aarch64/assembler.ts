/**
 * Short ways to write single instructions, for the code that expands pseudo instructions. All methods
 * allocate nothing.
 *
 * @module
 */
import type { CodeBuffer, Label } from "../../lib/codegen/code_buffer.ts";
import { CodeModel, type FixupKind } from "../../lib/codegen/isa.ts";
import { rowsByType } from "../../lib/codegen/typed_rows.ts";
import { Type } from "../../lib/ir/types.ts";
import { encode, Form, isArithmeticImmediate } from "./encoder.ts";
import { Opcode } from "./instructions.ts";
import { Reg } from "./registers.ts";
import { address, farAddress, loadLiteral, Relocation, relocations } from "./relocations.ts";

/** What loads and stores a value of each type. */
const loads = rowsByType({
  i32: Opcode.ldr_w,
  i64: Opcode.ldr_x,
  f32: Opcode.ldr_s,
  f64: Opcode.ldr_d,
  v128: Opcode.ldr_q,
});
const stores = rowsByType({
  i32: Opcode.str_w,
  i64: Opcode.str_x,
  f32: Opcode.str_s,
  f64: Opcode.str_d,
  v128: Opcode.str_q,
});

/** Writes instructions, named by their table rows, into a {@linkcode CodeBuffer}. */
export class Assembler {
  #buffer: CodeBuffer | undefined;
  #model: CodeModel = CodeModel.small;
  /** The operands of the instruction under way, by slot. */
  readonly operands: Int32Array<ArrayBuffer> = new Int32Array(8);

  /** Writes into `buffer` from now on. */
  attach(buffer: CodeBuffer, model: CodeModel): void {
    this.#buffer = buffer;
    this.#model = model;
  }
  /** Whether data may be out of reach of `ldr` and `adr`. */
  get isDataFar(): boolean {
    return this.#model !== CodeModel.small;
  }
  /** The buffer that is written. */
  get buffer(): CodeBuffer {
    return this.#buffer as CodeBuffer;
  }

  /** Writes an instruction whose operands are in {@linkcode operands}. */
  write(opcode: number): void {
    this.buffer.u32(encode(opcode, this.operands));
  }
  /** Writes an instruction with operands in the order of its slots. */
  put(opcode: number, a: number = 0, b: number = 0, c: number = 0, d: number = 0): void {
    this.#set(a, b, c, d);
    this.write(opcode);
  }

  /** A jump to a label. */
  b(label: Label): void {
    this.buffer.branch(Form.b, label, this.#bits(Opcode.b));
  }
  /** A conditional jump to a label. */
  bCond(condition: number, label: Label): void {
    this.buffer.branch(Form.cond, label, this.#bits(Opcode.b_cond, condition));
  }
  /** A jump if a register is not zero, or if it is. */
  compareAndBranch(wide: boolean, nonzero: number, register: number, label: Label): void {
    const opcode = wide
      ? nonzero === 1 ? Opcode.cbnz_x : Opcode.cbz_x
      : nonzero === 1
      ? Opcode.cbnz_w
      : Opcode.cbz_w;
    this.buffer.branch(Form.compare, label, this.#bits(opcode, register));
  }
  /** A jump if a bit of a register is set, or if it is clear. */
  testAndBranch(nonzero: number, register: number, bit: number, label: Label): void {
    const opcode = bit < 32
      ? nonzero === 1 ? Opcode.tbnz_w : Opcode.tbz_w
      : nonzero === 1
      ? Opcode.tbnz_x
      : Opcode.tbz_x;
    this.buffer.branch(Form.test, label, this.#bits(opcode, register, bit));
  }

  /** A call of a relocation target. Destroys x16 and x17, as any call may. */
  call(target: number): void {
    if (this.#model !== CodeModel.large) {
      this.buffer.relocate(Relocation.call, target, 0);
      return this.put(Opcode.bl);
    }
    const { size, patch } = relocations[Relocation.farCall] as FixupKind;
    this.buffer.relocate(Relocation.farCall, target, 0);
    const code = new Uint8Array(size);
    patch(code, 0, 0);
    this.buffer.bytes(code);
  }

  /** The address of a label. May destroy x17. */
  addressOf(label: Label, register: number): void {
    if (!this.isDataFar) return this.#reference(Opcode.adr, address, register, label);
    this.buffer.fixup(farAddress, this.buffer.rawOffset, label);
    this.put(Opcode.adr, register);
    this.put(Opcode.movz_xi, Reg.x17, 0);
    this.put(Opcode.movk_xi, Reg.x17, Reg.x17, 0, 1);
    this.put(Opcode.add_x, register, register, Reg.x17);
  }
  /** Loads a pooled constant by a `ldr_*_label` row; not where {@linkcode isDataFar}. */
  loadPooled(opcode: number, register: number, label: Label): void {
    this.#reference(opcode, loadLiteral, register, label);
  }

  /** Copies a register, unless it is the same. */
  move(type: Type, destination: number, source: number): void {
    if (destination === source) return;
    if (type === Type.v128) this.put(Opcode.mov_v, destination, source);
    else if (destination >= 32) this.put(Opcode.fmov_d, destination, source);
    else this.put(Opcode.mov_x, destination, source);
  }
  /** Loads a value of a type; an address that needs a register of its own destroys `temporary`. */
  load(type: Type, register: number, base: number, offset: number, temporary: number): void {
    this.access(loads[type] as number, register, base, offset, temporary);
  }
  /** Stores a value of a type; see {@linkcode load}. */
  store(type: Type, register: number, base: number, offset: number, temporary: number): void {
    this.access(stores[type] as number, register, base, offset, temporary);
  }
  /** A load or store of 4 bytes or more by a row with a scaled immediate. */
  access(opcode: number, register: number, base: number, offset: number, temporary: number): void {
    const form = immediateForm(opcode, offset);
    if (form >= 0) return this.put(form, register, base, offset);
    this.constant(temporary, offset, offset >> 31);
    this.put(Opcode.add_xe, temporary, base, temporary, SIGNED_WORD);
    this.put(opcode, register, temporary, 0);
  }
  /** `d = base + offset`; destroys x17 where the offset is no immediate. */
  addOffset(d: number, base: number, offset: number): void {
    const size = Math.abs(offset);
    if (offset === 0 && d === base) return;
    const opcode = offset < 0 ? Opcode.sub_xi : Opcode.add_xi;
    if (isArithmeticImmediate(size)) return this.put(opcode, d, base, size);
    if (size < 0x1000000) {
      this.put(opcode, d, base, size & 0xfff000);
      return this.put(opcode, d, d, size & 0xfff);
    }
    this.constant(Reg.x17, offset, offset >> 31);
    this.put(Opcode.add_xe, d, base, Reg.x17, SIGNED_WORD);
  }

  /** An integer by moves of 16 bits: as many as there are parts that differ from the commonest. */
  constant(register: number, low: number, high: number): void {
    const zeros = countParts(low, high, 0), ones = countParts(low, high, 0xffff);
    const rest = ones > zeros ? 0xffff : 0;
    let isFirst = true;
    for (let k = 0; k < 4; k++) {
      const part = partOf(low, high, k);
      if (part === rest) continue;
      if (!isFirst) this.put(Opcode.movk_xi, register, register, part, k);
      else if (rest === 0) this.put(Opcode.movz_xi, register, k << 16 | part);
      else this.put(Opcode.movn_xi, register, k << 16 | (part ^ 0xffff));
      isFirst = false;
    }
    if (isFirst) this.put(rest === 0 ? Opcode.movz_xi : Opcode.movn_xi, register, 0);
  }

  #reference(opcode: number, kind: FixupKind, register: number, label: Label): void {
    this.buffer.fixup(kind, this.buffer.rawOffset, label);
    this.put(opcode, register);
  }
  #set(a: number, b: number, c: number, d: number): void {
    const operands = this.operands;
    operands[0] = a;
    operands[1] = b;
    operands[2] = c;
    operands[3] = d;
  }
  #bits(opcode: number, a: number = 0, b: number = 0): number {
    this.#set(a, b, 0, 0);
    return encode(opcode, this.operands);
  }
}

/** Operand of kind `extend`: sign extension from 32 bits. */
export const SIGNED_WORD = 6 << 3;
/** Operand of kind `extend`: zero extension from 32 bits. */
export const UNSIGNED_WORD = 2 << 3;

/** The `k`-th 16 bits of a constant. */
export function partOf(low: number, high: number, k: number): number {
  return ((k < 2 ? low : high) >>> (16 * (k & 1))) & 0xffff;
}

/** How many of the four parts of a constant have this value. */
export function countParts(low: number, high: number, value: number): number {
  let count = 0;
  for (let k = 0; k < 4; k++) if (partOf(low, high, k) === value) count++;
  return count;
}

/** Logarithm of the size of each access, by the row with a scaled immediate; -1 elsewhere. */
const accessScale = new Int8Array(1024).fill(-1);
for (
  const [scale, names] of [
    [0, ["ldrb_w", "ldrsb_w", "ldrsb_x", "strb_w"]],
    [1, ["ldrh_w", "ldrsh_w", "ldrsh_x", "strh_w"]],
    [2, ["ldr_w", "ldrsw_x", "ldr_s", "str_w", "str_s"]],
    [3, ["ldr_x", "ldr_d", "str_x", "str_d"]],
    [4, ["ldr_q", "str_q"]],
  ] as const
) for (const name of names) accessScale[Opcode[name]] = scale;

/** Logarithm of the bytes that a row with a scaled immediate accesses. */
export function scaleOf(opcode: number): number {
  return accessScale[opcode] as number;
}

/** The row for an access at `base + offset`, scaled or not, -1 where the offset is no immediate. */
export function immediateForm(opcode: number, offset: number): number {
  const scale = accessScale[opcode] as number;
  if (offset >= 0 && offset < 0x1000 << scale && (offset & ((1 << scale) - 1)) === 0) {
    return opcode;
  }
  return offset >= -256 && offset < 256 ? opcode + 1 : -1;
}
