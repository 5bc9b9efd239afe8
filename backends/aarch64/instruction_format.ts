/**
 * How a row of the instruction table is written, and its compilation to flat integer arrays.
 *
 * A machine row has the 32 bits as the manual draws them, most significant first, and the assembler
 * text: `add_x: { bits: "1 0001011 s[7:6] 0 m s[5:0] n d", asm: "add {d:x}, {n:x}, {m:x}{s:shift}",
 * def: "d" }`. A letter in the bits is a field, or with brackets a slice of one; a field that occurs
 * twice has the same value in both places. The text gives each field its kind: a kind of register
 * (5 bits), or a key of {@linkcode immediateKinds}.
 *
 * Operand slots stand in the order of the text: registers named by `def` are written, those named by
 * `mod` are read and written (two slots: the tied definition, then the use), others are read. Fields
 * of kind `to*` are distances to a target: the code buffer fills them in, so they have no slot. A
 * pseudo row lists its slots itself and is expanded by the emitter.
 *
 * Where several rows describe the same bits, the disassembler takes the one with most digits, so
 * preferred spellings are rows of their own.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import { pseudoRoles, type RowTraits } from "../../lib/codegen/instruction_rows.ts";
import { type OperandRoles, Role } from "../../lib/codegen/machine_code.ts";
import { type RegisterKind, registerKinds } from "./registers.ts";

/** One row of the table; see the module's comment. */
export interface Row extends RowTraits {
  readonly bits?: string;
  readonly asm?: string;
  /** Fields that are written. */
  readonly def?: string;
  /** Field that is read and written. */
  readonly mod?: string;
}

/** How the value in an operand slot becomes the bits of its field. */
export const Coding = {
  /** As it is, checked against a range. */
  plain: 0,
  /** Divided by a power of two, which it must be a multiple of. */
  scaled: 1,
  /** 12 bits, or 12 bits shifted left by 12: the shift is the highest bit. */
  arithmetic: 2,
  /** The count of a shift left, as `immr:imms` of a bit field move. */
  shiftLeft: 3,
  /** A condition, inverted. */
  inverted: 4,
  /** Distance to a target; no slot. */
  target: 5,
  /** The count of a shift right in a vector: subtracted from the width of a lane. */
  shiftRight: 6,
} as const;
/** A value of {@linkcode Coding}. */
export type Coding = typeof Coding[keyof typeof Coding];

/** A kind of immediate field. */
export interface ImmediateKind {
  readonly width: number;
  readonly coding: Coding;
  /** Range of the value in the slot. */
  readonly min: number;
  readonly max: number;
  /** Logarithm of the unit of a scaled value or a distance; the width of a `shiftLeft`. */
  readonly scale: number;
}

const plain = (width: number, max: number = 2 ** width - 1, min: number = 0): ImmediateKind => ({
  width,
  coding: Coding.plain,
  min,
  max,
  scale: 0,
});
const signed = (width: number): ImmediateKind =>
  plain(width, 2 ** (width - 1) - 1, -(2 ** (width - 1)));
const scaled = (width: number, scale: number, isSigned: boolean): ImmediateKind => ({
  width,
  coding: Coding.scaled,
  min: isSigned ? -(2 ** (width - 1 + scale)) : 0,
  max: ((isSigned ? 2 ** (width - 1) : 2 ** width) - 1) * 2 ** scale,
  scale,
});
const target = (width: number, scale: number): ImmediateKind => ({
  width,
  coding: Coding.target,
  min: -(2 ** (width - 1 + scale)),
  max: (2 ** (width - 1) - 1) * 2 ** scale,
  scale,
});

/** The kinds of immediate fields; `disassembler.ts` says how each is printed. */
export const immediateKinds = {
  u1: plain(1),
  u4: plain(4),
  u5: plain(5),
  u6: plain(6),
  u8: plain(8),
  u16: plain(16),
  /** The number of a bit of the upper half. */
  upper5: plain(5, 63, 32),
  s8: signed(8),
  s9: signed(9),
  u12x0: scaled(12, 0, false),
  u12x1: scaled(12, 1, false),
  u12x2: scaled(12, 2, false),
  u12x3: scaled(12, 3, false),
  u12x4: scaled(12, 4, false),
  s7x3: scaled(7, 3, true),
  /** The same, printed even if 0: what is added to the base register. */
  p7x3: scaled(7, 3, true),
  /** An addend: below 4096, or a multiple of 4096 below 2^24. */
  arith: { width: 13, coding: Coding.arithmetic, min: 0, max: 0xfff000, scale: 0 },
  /** `N:immr:imms`, see `logical_immediate.ts`. */
  logic32: plain(13, 0xfff),
  logic64: plain(13),
  /** 16 bits and their place: `hw:imm16`, for the instruction that clears or inverts the rest. */
  wide32: plain(18, 0x1ffff),
  wide64: plain(18),
  inverse32: plain(18, 0x1ffff),
  inverse64: plain(18),
  /** The place alone: a multiple of 16 bits. */
  place32: plain(2, 1),
  place64: plain(2),
  /** The 8 bits of a float immediate. */
  float8: plain(8),
  /** A bit for each byte of 64 bits, which are all ones or zeros. */
  bytes8: plain(8),
  /** Kind of shift (0 to 2: lsl, lsr, asr; 3, ror, in `rotate`) and amount: `kind << 6 | amount`. */
  shift32: plain(8, 2 << 6 | 31),
  shift64: plain(8, 2 << 6 | 63),
  rotate32: plain(8, 3 << 6 | 31),
  rotate64: plain(8),
  /** Kind of extension and shift left: `option << 3 | amount`. */
  extend: plain(6),
  /** Whether the index register is scaled by the size of the access; x or w index. */
  ...Object.fromEntries(
    [0, 1, 2, 3, 4].flatMap((k) => [[`lsl${k}`, plain(1)], [`uxtw${k}`, plain(1)]]),
  ) as Record<
    `${"lsl" | "uxtw"}${0 | 1 | 2 | 3 | 4}`,
    ImmediateKind
  >,
  shl32: { width: 12, coding: Coding.shiftLeft, min: 1, max: 31, scale: 32 },
  shl64: { width: 12, coding: Coding.shiftLeft, min: 1, max: 63, scale: 64 },
  /** `immr << 6 | imms` of a bit field taken from bit `immr`, up to bit `imms`. */
  take32: plain(12),
  take64: plain(12),
  /** `immr << 6 | imms` of the lowest `imms + 1` bits, put at bit `-immr`. */
  put32: plain(12),
  put64: plain(12),
  /** The number of a lane. */
  lane1: plain(1),
  lane2: plain(2),
  lane3: plain(3),
  lane4: plain(4),
  /** Counts of shifts of lanes of 8 to 64 bits. */
  left3: plain(3),
  left4: plain(4),
  left5: plain(5),
  left6: plain(6),
  right3: { width: 3, coding: Coding.shiftRight, min: 1, max: 7, scale: 8 },
  right4: { width: 4, coding: Coding.shiftRight, min: 1, max: 15, scale: 16 },
  right5: { width: 5, coding: Coding.shiftRight, min: 1, max: 31, scale: 32 },
  right6: { width: 6, coding: Coding.shiftRight, min: 1, max: 63, scale: 64 },
  cond: plain(4),
  inverted: { width: 4, coding: Coding.inverted, min: 0, max: 15, scale: 0 },
  to26: target(26, 2),
  to19: target(19, 2),
  to14: target(14, 2),
  to21: target(21, 0),
} satisfies Record<string, ImmediateKind>;
/** The name of a kind of immediate field. */
export type ImmediateKindName = keyof typeof immediateKinds;

const immediateNames = Object.keys(immediateKinds) as ImmediateKindName[];
/** The names of all kinds, registers first; `fieldKind` numbers them. */
export const kindNames: readonly (RegisterKind | ImmediateKindName)[] = [
  ...registerKinds,
  ...immediateNames,
];

/**
 * The table as flat arrays. The fields of opcode `op` are `fieldStart[op]` up to `fieldStart[op + 1]`,
 * in the order of the text; the pieces of a field likewise.
 */
export interface InstructionTable {
  readonly names: readonly string[];
  /** The text of a machine row, empty for a pseudo row. */
  readonly asm: readonly string[];
  readonly roles: OperandRoles;
  /** 1 where the row is a machine instruction. */
  readonly isMachine: Uint8Array;
  /** The bit of the feature that a row belongs to, 0 for what is always there. */
  readonly feature: Int32Array;
  /** The digits of a row, and which bits they are. */
  readonly match: Int32Array;
  readonly mask: Int32Array;
  readonly fieldStart: Int32Array;
  /** The letter of a field. */
  readonly fieldName: readonly string[];
  /** Position in {@linkcode kindNames}. */
  readonly fieldKind: Uint8Array;
  /** The operand slot whose value a field holds, -1 for a target. */
  readonly fieldSlot: Int8Array;
  readonly fieldCoding: Uint8Array;
  readonly fieldMin: Int32Array;
  readonly fieldMax: Int32Array;
  readonly fieldScale: Uint8Array;
  readonly pieceStart: Int32Array;
  /** Lowest bit of the field's value that a piece holds, how many, and where they stand. */
  readonly pieceLow: Uint8Array;
  readonly pieceMask: Int32Array;
  readonly piecePosition: Uint8Array;
}

interface Piece {
  readonly low: number;
  readonly width: number;
  readonly position: number;
}

class TableWriter {
  readonly #rows: readonly (readonly [string, Row])[];
  readonly #roles: number[] = [];
  readonly #fieldName: string[] = [];
  readonly #fieldKind: number[] = [];
  readonly #fieldSlot: number[] = [];
  readonly #pieces: Piece[] = [];
  readonly #pieceStart: number[] = [];

  constructor(rows: Readonly<Record<string, Row>>) {
    this.#rows = Object.entries(rows);
  }

  write(): InstructionTable {
    const n = this.#rows.length;
    const count = new Uint8Array(n),
      start = new Int32Array(n + 1),
      fieldStart = new Int32Array(n + 1);
    const match = new Int32Array(n), mask = new Int32Array(n);
    this.#rows.forEach(([name, row], op) => {
      start[op] = this.#roles.length;
      fieldStart[op] = this.#fieldName.length;
      try {
        if (row.pseudo !== undefined) this.#roles.push(...pseudoRoles(name, row.pseudo));
        else {
          const pieces = this.#bits(row.bits ?? "", op, match, mask);
          this.#fields(row, pieces);
        }
        count[op] = this.#roles.length - (start[op] as number);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new InternalError(`Cannot compile instruction "${name}": ${reason}`);
      }
    });
    start[n] = this.#roles.length;
    fieldStart[n] = this.#fieldName.length;
    this.#pieceStart.push(this.#pieces.length);
    const flag = (claim: (row: Row) => boolean | undefined): Uint8Array =>
      Uint8Array.from(this.#rows, ([, row]) => claim(row) ? 1 : 0);
    const column = (read: (kind: ImmediateKind) => number): number[] =>
      this.#fieldKind.map((k) => {
        const name = immediateNames[k - registerKinds.length];
        return read(name === undefined ? immediateKinds.u5 : immediateKinds[name]);
      });
    return {
      names: this.#rows.map(([name]) => name),
      asm: this.#rows.map(([, row]) => row.asm ?? ""),
      roles: {
        count,
        start,
        roles: Uint8Array.from(this.#roles),
        fixed: new Uint8Array(this.#roles.length),
        isVariadic: flag((row) => row.variadic),
        isCall: flag((row) => row.call),
        isRematerializable: flag((row) => row.again),
        isMove: flag((row) => row.move),
      },
      isMachine: flag((row) => row.pseudo === undefined),
      feature: Int32Array.from(this.#rows, ([, row]) => row.feature ?? 0),
      match,
      mask,
      fieldStart,
      fieldName: this.#fieldName,
      fieldKind: Uint8Array.from(this.#fieldKind),
      fieldSlot: Int8Array.from(this.#fieldSlot),
      fieldCoding: Uint8Array.from(column((kind) => kind.coding)),
      fieldMin: Int32Array.from(column((kind) => kind.min)),
      fieldMax: Int32Array.from(column((kind) => kind.max)),
      fieldScale: Uint8Array.from(column((kind) => kind.scale)),
      pieceStart: Int32Array.from(this.#pieceStart),
      pieceLow: Uint8Array.from(this.#pieces, (piece) => piece.low),
      pieceMask: Int32Array.from(this.#pieces, (piece) => 2 ** piece.width - 1),
      piecePosition: Uint8Array.from(this.#pieces, (piece) => piece.position),
    };
  }

  /** Reads the digits; gives, by field, the pieces. A width of 0 means the whole field. */
  #bits(text: string, op: number, match: Int32Array, mask: Int32Array): Map<string, Piece[]> {
    const widths = new Map<string, number>();
    const asm = (this.#rows[op] as readonly [string, Row])[1].asm ?? "";
    for (const [, field, kind] of asm.matchAll(fieldPattern)) {
      widths.set(field as string, widthOf(kind as string));
    }
    const pieces = new Map<string, Piece[]>();
    let position = 32;
    for (const token of text.split(" ")) {
      if (/^[01]+$/.test(token)) {
        for (const digit of token) {
          position--;
          match[op] = (match[op] as number) | Number(digit) << position;
          mask[op] = (mask[op] as number) | 1 << position;
        }
        continue;
      }
      const slice = /^([a-z])(?:\[(\d+)(?::(\d+))?\])?$/.exec(token);
      const field = slice?.[1] ?? "", width = widths.get(field);
      if (slice === null || width === undefined) throw new Error(`unknown bits "${token}"`);
      const high = slice[2] === undefined ? width - 1 : Number(slice[2]);
      const low = slice[2] === undefined ? 0 : Number(slice[3] ?? slice[2]);
      position -= high - low + 1;
      const list = pieces.get(field) ?? [];
      list.push({ low, width: high - low + 1, position });
      pieces.set(field, list);
    }
    if (position !== 0) throw new Error(`${32 - position} bits`);
    for (const [field, width] of widths) {
      const list = pieces.get(field);
      if (list === undefined) throw new Error(`field "${field}" is not among the bits`);
      const covered = list.reduce((sum, piece) => sum + piece.width, 0);
      if (covered % width !== 0) throw new Error(`field "${field}" has ${width} bits`);
    }
    return pieces;
  }

  #fields(row: Row, pieces: ReadonlyMap<string, readonly Piece[]>): void {
    const base = this.#roles.length;
    const named = new Set((row.def ?? "") + (row.mod ?? ""));
    for (const [, letter, kind] of (row.asm ?? "").matchAll(fieldPattern)) {
      const field = letter as string;
      const isRegister = (registerKinds as readonly string[]).includes(kind as string);
      let slot = this.#roles.length - base;
      if (isRegister) {
        if (row.mod?.includes(field)) this.#roles.push(Role.tied);
        this.#roles.push(row.def?.includes(field) ? Role.def : Role.use);
        named.delete(field);
      } else if (immediateKinds[kind as ImmediateKindName].coding === Coding.target) slot = -1;
      else this.#roles.push(Role.immediate);
      this.#fieldName.push(field);
      this.#fieldKind.push(kindNames.indexOf(kind as RegisterKind));
      this.#fieldSlot.push(slot);
      this.#pieceStart.push(this.#pieces.length);
      this.#pieces.push(...pieces.get(field) as readonly Piece[]);
    }
    if (named.size > 0) throw new Error(`no field "${[...named].join()}" in the text`);
  }
}

/** Fields in the text of a row: letter and kind. */
export const fieldPattern: RegExp = /\{([a-z]):(\w+)\}/g;

function widthOf(kind: string): number {
  if ((registerKinds as readonly string[]).includes(kind)) return 5;
  const found = immediateKinds[kind as ImmediateKindName] as ImmediateKind | undefined;
  if (found === undefined) throw new Error(`unknown kind "${kind}"`);
  return found.width;
}

/** Compiles rows; a wrong row throws an InternalError that names it. */
export function compileTable(rows: Readonly<Record<string, Row>>): InstructionTable {
  return new TableWriter(rows).write();
}

/** Rows for 32 and 64 bits: `z` among the bits is the size, kinds `r`, `rsp`, `logic` follow it. */
export function both<N extends string, S extends string>(
  name: N,
  suffix: S,
  row: Row,
): Record<`${N}_${"w" | "x"}${S}`, Row> {
  const rows: Record<string, Row> = {};
  for (const [width, z, bits] of [["w", "0", "32"], ["x", "1", "64"]] as const) {
    rows[`${name}_${width}${suffix}`] = {
      ...row,
      bits: (row.bits as string).replace(/\bz/g, z).replace(/z\b/g, z),
      asm: (row.asm as string)
        .replace(/:r(sp)?\}/g, (_, sp) => `:${width}${sp ?? ""}}`)
        .replace(
          /:(place|shift|rotate|logic|wide|inverse|shl|take|put)\}/g,
          (_, kind) => `:${kind}${bits}}`,
        ),
    };
  }
  return rows as Record<`${N}_${"w" | "x"}${S}`, Row>;
}
