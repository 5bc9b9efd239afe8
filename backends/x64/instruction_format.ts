/**
 * How a row of the instruction table is written, and its compilation to flat integer arrays.
 *
 * A machine row has the manual's encoding and the assembler text:
 * `add32_ri: { code: "83 /0 ib | 05 id (rax) | 81 /0 id", asm: "add {b:32}, {i:i32}", mod: "b" }`.
 * `|` separates alternatives, of which the encoder takes the first that holds the operands: an
 * immediate must fit its field, `(rax)` wants that register, `(1)` that immediate. A VEX encoding is
 * written `VEX.LZ.F2.0F38.W1 F7 /r` as in the manual. The fields of the text are
 * - `r` the register of ModRM.reg, `b` the register of ModRM.rm, `v` that of VEX.vvvv, `o` the
 *   register in the opcode, each with its width (`x` for xmm);
 * - `m` the memory operand of ModRM.rm (four slots: base, index, scale as log2, displacement), `k` a
 *   pooled constant (a slot per 32 bits), `l` a label, each with the bits accessed;
 * - `i` an immediate with its range (`i64` has two slots, low and high), `t` a branch's target, `cc`
 *   a condition.
 *
 * Operand slots stand in the order of the text; registers named by `def` are written, those named by
 * `mod` are read and written (two slots: the tied definition, then the use), others are read. The
 * implicit registers of `also` follow. A pseudo row lists its slots itself and is expanded by the
 * emitter.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import { pseudoRoles, type RowTraits } from "../../lib/codegen/instruction_rows.ts";
import { NO_REGISTER, type OperandRoles, Role } from "../../lib/codegen/machine_code.ts";

/** One row of the table; see the module's comment. */
export interface Row extends RowTraits {
  readonly code?: string;
  readonly asm?: string;
  /** Field that is written. */
  readonly def?: string;
  /** Field that is read and written. */
  readonly mod?: string;
  /** Implicit registers, e.g. `def rdx, use rax`. */
  readonly also?: string;
}

/** What an encoding alternative demands besides fitting its immediate. */
export const Condition = { none: 0, rax: 1, one: 2 } as const;
/** ModRM of an alternative without one, or with a register in its reg field (else the digit). */
export const ModRM = { none: -1, register: -2 } as const;
/** Ranges of immediates, see {@linkcode immediateRange}. */
export const immediateKinds = ["none", "i8", "u8", "i16", "i32", "i64"] as const;
const immediateRange: readonly (readonly [number, number])[] = [
  [0, 0],
  [-0x80, 0x7f],
  [0, 0xff],
  [-0x8000, 0x7fff],
  [-0x80000000, 0x7fffffff],
  [-0x80000000, 0x7fffffff],
];

/** The width code of an xmm register in {@linkcode InstructionTable.registerKind}. */
export const XMM = 1;

/**
 * The table as flat arrays. `*Slot` arrays hold the slot of a field by opcode, -1 where the row has
 * no such field. Encoding alternatives `alternativeStart[op]` up to `alternativeStart[op + 1]`.
 */
export interface InstructionTable {
  readonly names: readonly string[];
  /** The text of a machine row, empty for a pseudo row. */
  readonly asm: readonly string[];
  readonly roles: OperandRoles;

  readonly regSlot: Int8Array;
  readonly rmSlot: Int8Array;
  readonly vexSlot: Int8Array;
  readonly memorySlot: Int8Array;
  readonly constantSlot: Int8Array;
  readonly labelSlot: Int8Array;
  readonly immediateSlot: Int8Array;
  readonly conditionSlot: Int8Array;
  readonly targetSlot: Int8Array;
  /** Bits of the register in ModRM.reg, or {@linkcode XMM}. */
  readonly regKind: Uint8Array;
  /** Bits of the register in ModRM.rm or the opcode, or {@linkcode XMM}. */
  readonly rmKind: Uint8Array;
  /** Bits of the register in VEX.vvvv. */
  readonly vexKind: Uint8Array;
  /** Bits of memory accessed. */
  readonly memoryBits: Uint8Array;
  readonly immediateMin: Int32Array;
  readonly immediateMax: Int32Array;
  /** The bit of the feature that a row belongs to, 0 for what is always there. */
  readonly feature: Int32Array;

  readonly alternativeStart: Int32Array;
  /** 1 where prefix, REX.W and map stand in a VEX prefix. */
  readonly isVex: Uint8Array;
  /** 0, 0x66, 0xf2 or 0xf3. */
  readonly prefix: Uint8Array;
  readonly rexW: Uint8Array;
  /** 0 for one-byte opcodes, 1 for `0F`, 2 for `0F 38`, 3 for `0F 3A`. */
  readonly map: Uint8Array;
  readonly opcodeByte: Uint8Array;
  /** The digit, or a value of {@linkcode ModRM}. */
  readonly modrm: Int8Array;
  readonly immediateBytes: Uint8Array;
  /** 1 where the immediate is the distance to a target. */
  readonly isRelative: Uint8Array;
  /** 1 where the opcode's low bits are a register. */
  readonly hasOpcodeRegister: Uint8Array;
  /** 1 where the opcode's low bits are a condition. */
  readonly hasOpcodeCondition: Uint8Array;
  readonly condition: Uint8Array;
}

const integerNames = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"];
/** Names of opcode maps in VEX encodings, by number. */
const vexMaps = ["", "0F", "0F38", "0F3A"];
const immediateCodes: Readonly<Record<string, number>> = { ib: 1, iw: 2, id: 4, io: 8 };

class TableWriter {
  readonly #rows: readonly (readonly [string, Row])[];
  readonly #roles: number[] = [];
  readonly #fixed: number[] = [];
  readonly #alternatives: number[][] = [];
  readonly #starts: number[] = [];

  constructor(rows: Readonly<Record<string, Row>>) {
    this.#rows = Object.entries(rows);
  }

  write(): InstructionTable {
    const n = this.#rows.length;
    const slots = (): Int8Array => new Int8Array(n).fill(-1);
    const table = {
      names: this.#rows.map(([name]) => name),
      asm: this.#rows.map(([, row]) => row.asm ?? ""),
      regSlot: slots(),
      rmSlot: slots(),
      vexSlot: slots(),
      memorySlot: slots(),
      constantSlot: slots(),
      labelSlot: slots(),
      immediateSlot: slots(),
      conditionSlot: slots(),
      targetSlot: slots(),
      regKind: new Uint8Array(n),
      rmKind: new Uint8Array(n),
      vexKind: new Uint8Array(n),
      memoryBits: new Uint8Array(n),
      immediateMin: new Int32Array(n),
      immediateMax: new Int32Array(n),
      feature: Int32Array.from(this.#rows, ([, row]) => row.feature ?? 0),
    };
    const count = new Uint8Array(n), start = new Int32Array(n + 1);
    this.#rows.forEach(([name, row], op) => {
      start[op] = this.#roles.length;
      this.#starts.push(this.#alternatives.length);
      try {
        if (row.pseudo !== undefined) {
          for (const role of pseudoRoles(name, row.pseudo)) this.#slot(role);
        } else {
          this.#asm(row, op, table);
          for (const part of (row.code ?? "").split("|")) this.#alternative(part.trim());
        }
        for (const part of row.also?.split(", ") ?? []) this.#implicit(part);
        count[op] = this.#roles.length - (start[op] as number);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new InternalError(`Cannot compile instruction "${name}": ${reason}`);
      }
    });
    start[n] = this.#roles.length;
    this.#starts.push(this.#alternatives.length);
    const flag = (claim: (row: Row) => boolean | undefined): Uint8Array =>
      Uint8Array.from(this.#rows, ([, row]) => claim(row) ? 1 : 0);
    const column = (k: number): Uint8Array =>
      Uint8Array.from(this.#alternatives, (a) => a[k] as number);
    return {
      ...table,
      roles: {
        count,
        start,
        roles: Uint8Array.from(this.#roles),
        fixed: Uint8Array.from(this.#fixed),
        isVariadic: flag((row) => row.variadic),
        isCall: flag((row) => row.call),
        isRematerializable: flag((row) => row.again),
        isMove: flag((row) => row.move),
      },
      alternativeStart: Int32Array.from(this.#starts),
      prefix: column(0),
      rexW: column(1),
      map: column(2),
      opcodeByte: column(3),
      modrm: Int8Array.from(this.#alternatives, (a) => a[4] as number),
      immediateBytes: column(5),
      isRelative: column(6),
      hasOpcodeRegister: column(7),
      hasOpcodeCondition: column(8),
      condition: column(9),
      isVex: column(10),
    };
  }

  #slot(role: Role, fixed = 0): number {
    this.#fixed.push(fixed);
    return this.#roles.push(role) - 1;
  }

  #implicit(text: string): void {
    const [role, name] = text.split(" ");
    const register = integerNames.indexOf(name ?? "");
    if (register < 0 || (role !== "def" && role !== "use")) throw new Error(`unknown "${text}"`);
    this.#slot(role === "def" ? Role.defFixed : Role.useFixed, register);
  }

  #asm(
    row: Row,
    op: number,
    table: Omit<
      InstructionTable,
      | "roles"
      | "alternativeStart"
      | "prefix"
      | "rexW"
      | "map"
      | "opcodeByte"
      | "modrm"
      | "immediateBytes"
      | "isRelative"
      | "hasOpcodeRegister"
      | "hasOpcodeCondition"
      | "condition"
      | "isVex"
    >,
  ): void {
    const base = this.#roles.length;
    const named = new Set((row.def ?? "") + (row.mod ?? ""));
    for (const match of (row.asm ?? "").matchAll(/\{(\w+)(?::(\w+))?\}/g)) {
      const field = match[1] as string, kind = match[2] ?? "";
      const slot = this.#roles.length - base;
      const bits = kind === "x" ? XMM : Number(kind);
      switch (field) {
        case "r":
        case "b":
        case "v":
        case "o": {
          const slots = field === "r"
            ? table.regSlot
            : field === "v"
            ? table.vexSlot
            : table.rmSlot;
          const kinds = field === "r"
            ? table.regKind
            : field === "v"
            ? table.vexKind
            : table.rmKind;
          if (![8, 16, 32, 64, XMM].includes(bits)) throw new Error(`unknown width "${kind}"`);
          slots[op] = slot;
          kinds[op] = bits;
          if (row.mod?.includes(field)) this.#slot(Role.tied);
          this.#slot(row.def?.includes(field) ? Role.def : Role.use);
          named.delete(field);
          break;
        }
        case "m":
          table.memorySlot[op] = slot;
          table.memoryBits[op] = bits;
          this.#slot(Role.use);
          this.#slot(Role.use);
          this.#slot(Role.immediate);
          this.#slot(Role.immediate);
          break;
        case "k":
          table.constantSlot[op] = slot;
          table.memoryBits[op] = bits;
          for (let k = 0; k < bits; k += 32) this.#slot(Role.immediate);
          break;
        case "l":
          table.labelSlot[op] = slot;
          table.memoryBits[op] = bits;
          this.#slot(Role.immediate);
          break;
        case "i": {
          const range = immediateKinds.indexOf(kind as "i8");
          if (range < 0) throw new Error(`unknown range "${kind}"`);
          table.immediateSlot[op] = slot;
          table.immediateMin[op] = (immediateRange[range] as readonly number[])[0] as number;
          table.immediateMax[op] = (immediateRange[range] as readonly number[])[1] as number;
          this.#slot(Role.immediate);
          if (kind === "i64") this.#slot(Role.immediate);
          break;
        }
        case "t":
          table.targetSlot[op] = slot;
          this.#slot(Role.immediate);
          break;
        case "cc":
          table.conditionSlot[op] = slot;
          this.#slot(Role.immediate);
          break;
        default:
          throw new Error(`unknown field "${field}"`);
      }
    }
    if (named.size > 0) throw new Error(`no field "${[...named].join()}" in the text`);
  }

  /** `F3 REX.W 0F 2A /r`, `0F 90+cc /0`, `B8+ id`, `05 id (rax)`. */
  #alternative(text: string): void {
    let prefix = 0, rexW = 0, map = 0, opcode = -1, modrm: number = ModRM.none, immediate = 0;
    let relative = 0, register = 0, condition = 0, isVex = 0, demand: number = Condition.none;
    for (const token of text.split(" ")) {
      const byte = parseInt(token, 16);
      if (token.startsWith("VEX.")) {
        const parts = /^VEX\.LZ\.(?:(66|F2|F3)\.)?(0F|0F38|0F3A)\.W([01])$/.exec(token);
        if (parts === null) throw new Error(`unknown code "${token}"`);
        isVex = 1;
        prefix = parseInt(parts[1] ?? "0", 16);
        map = vexMaps.indexOf(parts[2] as string);
        rexW = Number(parts[3]);
      } else if (token === "REX.W") rexW = 1;
      else if (token === "/r") modrm = ModRM.register;
      else if (/^\/[0-7]$/.test(token)) modrm = Number(token[1]);
      else if (token === "(rax)") demand = Condition.rax;
      else if (token === "(1)") demand = Condition.one;
      else if (token in immediateCodes) immediate = immediateCodes[token] as number;
      else if (token === "cb" || token === "cd") {
        immediate = token === "cb" ? 1 : 4;
        relative = 1;
      } else if (!/^[0-9A-F]{2}(\+|\+cc)?$/.test(token)) throw new Error(`unknown code "${token}"`);
      else if (isVex === 1 && opcode < 0) opcode = byte;
      else if (opcode < 0 && map === 0 && [0x66, 0xf2, 0xf3].includes(byte)) prefix = byte;
      else if (map === 0 && opcode < 0 && byte === 0x0f) map = 1;
      else if (map === 1 && opcode < 0 && byte === 0x38) map = 2;
      else if (map === 1 && opcode < 0 && byte === 0x3a) map = 3;
      else if (opcode < 0) {
        opcode = byte;
        register = token.endsWith("+") ? 1 : 0;
        condition = token.endsWith("+cc") ? 1 : 0;
      } else throw new Error(`second opcode "${token}"`);
    }
    if (opcode < 0) throw new Error("no opcode");
    this.#alternatives.push([
      prefix,
      rexW,
      map,
      opcode,
      modrm,
      immediate,
      relative,
      register,
      condition,
      demand,
      isVex,
    ]);
  }
}

/**
 * Compiles rows to flat arrays.
 * @throws InternalError naming the first row that is wrong
 */
export function compileTable(rows: Readonly<Record<string, Row>>): InstructionTable {
  return new TableWriter(rows).write();
}

/** The operands of one instruction, by the fields of its encoding. */
export class InstructionFields {
  /** Register of ModRM.reg, physical register number. */
  reg = 0;
  /** Register of ModRM.rm or of the opcode. */
  rm = 0;
  /** Register of VEX.vvvv. */
  vex = 0;
  /** Base register of the memory operand, or `NO_REGISTER`. */
  base: number = NO_REGISTER;
  /** Index register of the memory operand, or `NO_REGISTER`. */
  index: number = NO_REGISTER;
  /** Log2 of the index's factor. */
  scale = 0;
  displacement = 0;
  immediate = 0;
  /** Upper half of a 64-bit immediate. */
  immediateHigh = 0;
  /** Condition code. */
  condition = 0;
  /** Label or distance of a reference relative to rip. */
  label = 0;
  /** Bits of a pooled constant, lowest word first. */
  readonly constant: Int32Array<ArrayBuffer> = new Int32Array(4);

  /** Sets the memory operand. */
  setMemory(base: number, index: number, scale: number, displacement: number): void {
    this.base = base;
    this.index = index;
    this.scale = scale;
    this.displacement = displacement;
  }
}
