/**
 * How a row of the instruction table is written, and its compilation to flat integer arrays.
 *
 * A machine row has the 32 bits as the manual draws them, most significant first, and the assembler
 * text: `sd: { bits: "i[11:5] t s 011 i[4:0] 0100011", asm: "sd {t}, {i}({s})" }`. The fields are
 * - `d` the register written, `s` and `t` the registers read (5 bits; `d'` is three bits that name
 *   x8 to x15 or f8 to f15), in the text with `:f` where they are float registers;
 * - `i[high:low]` a slice of a signed immediate, `u[high:low]` of an unsigned one; the bits below
 *   the lowest slice are zero;
 * - `m` a rounding mode.
 *
 * Operand slots stand in the order of the text. A pseudo row lists its slots itself and is expanded
 * by the emitter.
 *
 * A compressed row is another encoding, of 16 bits, of the row that it names by `of`, for operands
 * that satisfy `when`: `s=d` (the same register), `s=2` (this register, or this immediate), `d!=0`.
 *
 * @module
 */
import { InternalError } from "../../lib/base/errors.ts";
import { pseudoRoles, type RowTraits } from "../../lib/codegen/instruction_rows.ts";
import { type OperandRoles, Role } from "../../lib/codegen/machine_code.ts";

/** One row of the table; see the module's comment. */
export interface Row extends RowTraits {
  readonly bits?: string;
  readonly asm?: string;
  /** `s` and `t` may be exchanged. */
  readonly commutes?: boolean;
}

/** A compressed encoding of a row. */
export interface CompressedRow {
  readonly of: string;
  readonly bits: string;
  readonly asm: string;
  readonly when?: string;
}

/** The fields of an instruction; their values stand in an array of {@linkcode FIELD_COUNT}. */
export const Field = { d: 0, s: 1, t: 2, i: 3, m: 4 } as const;
/** How many fields there are. */
export const FIELD_COUNT = 5;

/** The values of an instruction's fields, by {@linkcode Field}; registers as physical numbers. */
export type Fields = Int32Array;

/** Fields for one instruction at a time. */
export function createFields(): Fields {
  return new Int32Array(FIELD_COUNT);
}

/** Kinds of conditions of compressed rows. */
export const Demand = { sameField: 0, equals: 1, differs: 2 } as const;

/**
 * The table as flat arrays. *Forms* are encodings: form number `op` is the row `op` in 32 bits, those
 * from `names.length` on are the compressed rows, in the order of the rows they belong to.
 */
export interface InstructionTable {
  readonly names: readonly string[];
  readonly roles: OperandRoles;
  /** 1 where the row is a machine instruction. */
  readonly isMachine: Uint8Array;
  readonly commutes: Uint8Array;
  /** The bit of the feature that row `op` belongs to, 0 for what is always there. */
  readonly feature: Int32Array;
  /** The field of slot `k` of row `op` at `8 * op + k`, -1 where there is none. */
  readonly slotField: Int8Array;
  readonly slotCount: Uint8Array;
  /** The compressed forms of row `op` are `compressedStart[op]` up to `compressedStart[op + 1]`. */
  readonly compressedStart: Int32Array;

  /** The row of a form. */
  readonly rowOf: Int32Array;
  /** The text of a form; empty for a pseudo row. */
  readonly asm: readonly string[];
  /** The literal bits of a form, and which bits they are. */
  readonly match: Int32Array;
  readonly mask: Int32Array;
  /** Positions of `d`, `s` and `t` at `3 * form + field`, -1 where the form has no such field. */
  readonly position: Int8Array;
  /** Bit `field` is set where the register has three bits. */
  readonly isNarrow: Uint8Array;
  /** Position of the rounding mode, -1 where there is none. */
  readonly modePosition: Int8Array;
  readonly hasImmediate: Uint8Array;
  readonly immediateMin: Int32Array;
  readonly immediateMax: Int32Array;
  /** The bits of the immediate that must be zero. */
  readonly immediateZeros: Int32Array;
  /** The slices of form `k` are `sliceStart[k]` up to `sliceStart[k + 1]`. */
  readonly sliceStart: Int32Array;
  /** Lowest bit of the immediate, mask, and position of a slice. */
  readonly sliceLow: Uint8Array;
  readonly sliceMask: Int32Array;
  readonly slicePosition: Uint8Array;
  /** The conditions of form `k` are `demandStart[k]` up to `demandStart[k + 1]`. */
  readonly demandStart: Int32Array;
  /** `kind << 16 | field << 8 | register or field`. */
  readonly demand: Int32Array;
}

function fieldNumber(name: string): number {
  const field = Field[(name === "u" ? "i" : name) as keyof typeof Field];
  if (field === undefined) throw new InternalError(`Cannot read field "${name}"`);
  return field;
}

/** The bits of one form while they are read. */
class FormBits {
  match = 0;
  mask = 0;
  readonly position = [-1, -1, -1];
  narrow = 0;
  mode = -1;
  /** Triples of low bit, mask and position. */
  readonly slices: number[] = [];
  #isSigned = false;
  #high = -1;
  #low = 32;

  constructor(bits: string, width: number) {
    let at = width;
    for (const token of bits.split(" ")) at = this.#token(token, at);
    if (at !== 0) throw new InternalError(`Cannot read bits "${bits}": ${at} bits are missing`);
  }

  get min(): number {
    return this.#isSigned ? -(2 ** this.#high) : 0;
  }
  get max(): number {
    return this.#isSigned ? 2 ** this.#high - 1 : 2 ** (this.#high + 1) - 1;
  }
  get zeros(): number {
    return this.slices.length === 0 ? 0 : 2 ** this.#low - 1;
  }

  #token(token: string, at: number): number {
    if (/^[01]+$/.test(token)) {
      at -= token.length;
      this.match |= parseInt(token, 2) << at;
      this.mask |= (2 ** token.length - 1) << at;
      return at;
    }
    const slice = /^([iu])\[(\d+)(?::(\d+))?\]$/.exec(token);
    if (slice !== null) {
      const high = Number(slice[2]), low = Number(slice[3] ?? high);
      at -= high - low + 1;
      this.slices.push(low, 2 ** (high - low + 1) - 1, at);
      this.#isSigned = slice[1] === "i";
      this.#high = Math.max(this.#high, high);
      this.#low = Math.min(this.#low, low);
      return at;
    }
    if (token === "m") return this.mode = at - 3;
    const isNarrow = token.endsWith("'"), field = fieldNumber(isNarrow ? token[0] ?? "" : token);
    if (isNarrow) this.narrow |= 1 << field;
    return this.position[field] = at - (isNarrow ? 3 : 5);
  }
}

function demandOf(text: string): number {
  const [, field, relation, right] = /^([dsti])(!?=)(\w+)$/.exec(text) ?? [];
  if (field === undefined || right === undefined) {
    throw new InternalError(`Cannot read condition "${text}"`);
  }
  const isField = /^[dst]$/.test(right);
  const kind = isField ? Demand.sameField : relation === "=" ? Demand.equals : Demand.differs;
  return kind << 16 | fieldNumber(field) << 8 | (isField ? fieldNumber(right) : Number(right));
}

/** Fields of a text in its order: `{t}, {i}({s})` gives t, i, s. */
function fieldsOf(asm: string): number[] {
  return [...asm.matchAll(/\{(\w)(?::f)?\}/g)].map(([, name]) => fieldNumber(name as string));
}

/** Compiles rows; a wrong row throws, naming itself. */
export function compileTable(
  rows: Readonly<Record<string, Row>>,
  compressedRows: Readonly<Record<string, CompressedRow>>,
): InstructionTable {
  const entries = Object.entries(rows), names = entries.map(([name]) => name);
  const roles: number[] = [], slotField = new Int8Array(8 * names.length).fill(-1);
  const starts = [0];
  for (const [op, [name, row]] of entries.entries()) {
    if (row.pseudo === undefined) {
      for (const [k, field] of fieldsOf(row.asm ?? "").entries()) {
        slotField[8 * op + k] = field;
        roles.push(field === Field.d ? Role.def : field <= Field.t ? Role.use : Role.immediate);
      }
    } else roles.push(...pseudoRoles(name, row.pseudo));
    starts.push(roles.length);
  }
  const count = Uint8Array.from(
    names,
    (_, op) => (starts[op + 1] as number) - (starts[op] as number),
  );
  const flags = (claim: (row: Row) => boolean | undefined): Uint8Array =>
    Uint8Array.from(entries, ([, row]) => claim(row) === true ? 1 : 0);

  const forms: FormBits[] = [], rowOf: number[] = [], asm: string[] = [], demands: number[][] = [];
  for (const [op, [name, row]] of entries.entries()) {
    try {
      forms.push(new FormBits(row.bits ?? "0".repeat(32), 32));
    } catch (cause) {
      throw new InternalError(`Cannot compile row ${name}`, { cause });
    }
    rowOf.push(op);
    asm.push(row.asm ?? "");
    demands.push([]);
  }
  const compressedStart = [forms.length];
  for (const name of names) {
    for (const [own, row] of Object.entries(compressedRows)) {
      if (row.of !== name) continue;
      try {
        forms.push(new FormBits(row.bits, 16));
      } catch (cause) {
        throw new InternalError(`Cannot compile row ${own}`, { cause });
      }
      rowOf.push(names.indexOf(name));
      asm.push(row.asm);
      demands.push(row.when === undefined ? [] : row.when.split(" ").map(demandOf));
    }
    compressedStart.push(forms.length);
  }
  const slices = forms.flatMap((form) => form.slices);
  const third = (k: number): number[] => slices.filter((_, n) => n % 3 === k);
  const prefix = (lengths: readonly number[]): Int32Array => {
    const result = new Int32Array(lengths.length + 1);
    lengths.forEach((n, k) => result[k + 1] = (result[k] as number) + n);
    return result;
  };
  return {
    names,
    roles: {
      count,
      start: Int32Array.from(starts),
      roles: Uint8Array.from(roles),
      fixed: new Uint8Array(roles.length),
      isVariadic: flags((row) => row.variadic),
      isCall: flags((row) => row.call),
      isRematerializable: flags((row) => row.again),
      isMove: flags((row) => row.move),
    },
    isMachine: flags((row) => row.bits !== undefined),
    commutes: flags((row) => row.commutes),
    feature: Int32Array.from(entries, ([, row]) => row.feature ?? 0),
    slotField,
    slotCount: count,
    compressedStart: Int32Array.from(compressedStart),
    rowOf: Int32Array.from(rowOf),
    asm,
    match: Int32Array.from(forms, (form) => form.match),
    mask: Int32Array.from(forms, (form) => form.mask),
    position: Int8Array.from(forms.flatMap((form) => form.position)),
    isNarrow: Uint8Array.from(forms, (form) => form.narrow),
    modePosition: Int8Array.from(forms, (form) => form.mode),
    hasImmediate: Uint8Array.from(forms, (form) => form.slices.length > 0 ? 1 : 0),
    immediateMin: Int32Array.from(forms, (form) => form.min),
    immediateMax: Int32Array.from(forms, (form) => form.max),
    immediateZeros: Int32Array.from(forms, (form) => form.zeros),
    sliceStart: prefix(forms.map((form) => form.slices.length / 3)),
    sliceLow: Uint8Array.from(third(0)),
    sliceMask: Int32Array.from(third(1)),
    slicePosition: Uint8Array.from(third(2)),
    demandStart: prefix(demands.map((list) => list.length)),
    demand: Int32Array.from(demands.flat()),
  };
}
