/**
 * Debugging information entries: abbreviations, attribute forms, and the attributes' values.
 *
 * A value is kept as its form and one number (a constant, an offset, an index, or where a block or
 * string stands), so that reading an entry that nobody asks about makes no strings.
 *
 * @module
 */
import { type Budget, type Cursor, MalformedDwarf, type Sections } from "./dwarf_cursor.ts";

/** Tags that a backtrace asks about. */
export const Tag = { subprogram: 0x2e, inlinedSubroutine: 0x1d } as const;

/** Attributes that a backtrace asks about. */
export const Attribute = {
  sibling: 0x01,
  name: 0x03,
  stmtList: 0x10,
  lowPc: 0x11,
  highPc: 0x12,
  compDir: 0x1b,
  abstractOrigin: 0x31,
  specification: 0x47,
  ranges: 0x55,
  callColumn: 0x57,
  callFile: 0x58,
  callLine: 0x59,
  linkageName: 0x6e,
  strOffsetsBase: 0x72,
  addrBase: 0x73,
  rnglistsBase: 0x74,
  mipsLinkageName: 0x2007,
} as const;

/** Forms: how a value is encoded. */
export const Form = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  refAddr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  refUdata: 0x15,
  indirect: 0x16,
  secOffset: 0x17,
  exprloc: 0x18,
  flagPresent: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  refSup4: 0x1c,
  strpSup: 0x1d,
  data16: 0x1e,
  lineStrp: 0x1f,
  refSig8: 0x20,
  implicitConst: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  refSup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
} as const;

/** What decides how a unit's entries are encoded. */
export interface Encoding {
  readonly version: number;
  /** Whether offsets have 8 bytes. */
  readonly is64: boolean;
  /** Bytes of an address. */
  readonly addressSize: number;
}

/** One kind of entry: its tag and which attributes follow in which form. */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Triples of attribute, form and implicit constant. */
  readonly attributes: readonly number[];
}

/** The abbreviations of a unit by code. */
export type Abbreviations = ReadonlyMap<number, Abbreviation>;

/** Reads the abbreviations at an offset of `.debug_abbrev`. */
export function readAbbreviations(
  sections: Sections,
  offset: number,
  budget: Budget,
): Abbreviations {
  const cursor = sections.at(".debug_abbrev", offset);
  const found = new Map<number, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const tag = cursor.uleb();
    const hasChildren = cursor.u8() !== 0;
    const attributes: number[] = [];
    while (true) {
      budget.spend(1);
      const attribute = cursor.uleb(), form = cursor.uleb();
      const constant = form === Form.implicitConst ? cursor.sleb() : 0;
      if (attribute === 0 && form === 0) break;
      attributes.push(attribute, form, constant);
    }
    found.set(code, { tag, hasChildren, attributes });
    // A section that ends without the closing zero is common enough to accept.
    if (cursor.atEnd) break;
  }
  return found;
}

/** An entry that was read: attributes with forms and values. Reused from entry to entry. */
export class Entry {
  tag = 0;
  hasChildren = false;
  /** Offset in `.debug_info`. */
  offset = 0;
  readonly #attributes: number[] = [];
  readonly #forms: number[] = [];
  readonly #values: number[] = [];
  #count = 0;

  /** Reads the entry at the cursor; false for the null entry that ends a list of children. */
  read(
    cursor: Cursor,
    abbreviations: Abbreviations,
    encoding: Encoding,
    budget: Budget,
  ): boolean {
    this.#count = 0;
    this.offset = cursor.position;
    budget.spend(1);
    const code = cursor.uleb();
    if (code === 0) return false;
    const abbreviation = abbreviations.get(code);
    if (abbreviation === undefined) throw new MalformedDwarf(`no abbreviation ${code}`);
    this.tag = abbreviation.tag;
    this.hasChildren = abbreviation.hasChildren;
    const { attributes } = abbreviation;
    budget.spend(attributes.length / 3);
    for (let i = 0; i < attributes.length; i += 3) {
      let form = attributes[i + 1] as number;
      if (form === Form.indirect) form = cursor.uleb();
      const n = this.#count++;
      this.#attributes[n] = attributes[i] as number;
      this.#forms[n] = form;
      this.#values[n] = readForm(cursor, form, encoding, attributes[i + 2] as number);
    }
    return true;
  }
  /** The position of an attribute, -1 when the entry has none. */
  #find(attribute: number): number {
    for (let n = 0; n < this.#count; n++) if (this.#attributes[n] === attribute) return n;
    return -1;
  }
  /** Whether the entry has an attribute. */
  has(attribute: number): boolean {
    return this.#find(attribute) >= 0;
  }
  /** The number of an attribute's value, undefined when the entry has none. */
  value(attribute: number): number | undefined {
    const n = this.#find(attribute);
    return n < 0 ? undefined : this.#values[n];
  }
  /** The form of an attribute's value, 0 when the entry has none. */
  form(attribute: number): number {
    const n = this.#find(attribute);
    return n < 0 ? 0 : this.#forms[n] as number;
  }
}

/** Reads a value of a form; for a block or an inline string, where it begins. */
export function readForm(
  cursor: Cursor,
  form: number,
  { version, is64, addressSize }: Encoding,
  implicit = 0,
): number {
  switch (form) {
    case Form.addr:
      return cursor.unsigned(addressSize);
    case Form.data1:
    case Form.flag:
    case Form.ref1:
    case Form.strx1:
    case Form.addrx1:
      return cursor.u8();
    case Form.data2:
    case Form.ref2:
    case Form.strx2:
    case Form.addrx2:
      return cursor.u16();
    case Form.strx3:
    case Form.addrx3:
      return cursor.u24();
    case Form.data4:
    case Form.ref4:
    case Form.refSup4:
    case Form.strx4:
    case Form.addrx4:
      return cursor.u32();
    case Form.data8:
    case Form.ref8:
    case Form.refSig8:
    case Form.refSup8:
      return cursor.u64();
    case Form.data16:
      return cursor.skip(16);
    case Form.sdata:
      return cursor.sleb();
    case Form.udata:
    case Form.refUdata:
    case Form.strx:
    case Form.addrx:
    case Form.loclistx:
    case Form.rnglistx:
      return cursor.uleb();
    case Form.strp:
    case Form.strpSup:
    case Form.lineStrp:
    case Form.secOffset:
      return cursor.offset(is64);
    case Form.refAddr:
      return version <= 2 ? cursor.unsigned(addressSize) : cursor.offset(is64);
    case Form.string:
      return cursor.skipString();
    case Form.block1:
      return cursor.skip(cursor.u8());
    case Form.block2:
      return cursor.skip(cursor.u16());
    case Form.block4:
      return cursor.skip(cursor.u32());
    case Form.block:
    case Form.exprloc:
      return cursor.skip(cursor.uleb());
    case Form.flagPresent:
      return 1;
    case Form.implicitConst:
      return implicit;
    default:
      throw new MalformedDwarf(`unknown form 0x${form.toString(16)}`);
  }
}
