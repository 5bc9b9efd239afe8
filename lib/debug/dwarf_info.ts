/**
 * Units and functions of `.debug_info`: which unit an address belongs to, and the function there
 * with the calls that were inlined into it.
 *
 * @module
 */
import { type Budget, Cursor, isTombstone, MalformedDwarf, type Sections } from "./dwarf_cursor.ts";
import {
  type Abbreviations,
  Attribute,
  type Encoding,
  Entry,
  Form,
  readAbbreviations,
  Tag,
} from "./dwarf_entry.ts";
import { contains, type RangeContext, readRangeList, readRanges } from "./dwarf_ranges.ts";

/** A compilation unit. */
export interface Unit extends Encoding {
  /** Offset of its header in `.debug_info`. */
  readonly start: number;
  /** Offset after it. */
  readonly end: number;
  /** Offset of its first entry. */
  readonly entries: number;
  readonly abbreviations: Abbreviations;
  /** Offset of its line table, undefined without one. */
  readonly lineTable: number | undefined;
  readonly compilationDirectory: string;
  /** Pairs of first address and address after the last; empty when the unit does not say. */
  readonly ranges: readonly number[];
  /** What ranges of its entries are relative to. */
  readonly base: number;
  readonly stringOffsets: number;
  readonly addresses: number;
  readonly rangeLists: number;
}

/** A function at an address: a real one, or one that was inlined. */
export interface FunctionEntry {
  /** The linkage name where there is one, else the plain name. */
  readonly name: string | undefined;
  /** Where the call that was inlined stands: an index of the unit's files; absent for a real one. */
  readonly call?: { readonly file: number; readonly line: number; readonly column: number };
}

/** Entries that refer to entries end after this many. */
const MOST_REFERENCES = 16;
const TYPE_UNIT = 2, SKELETON_UNIT = 4, SPLIT_COMPILE_UNIT = 5, SPLIT_TYPE_UNIT = 6;

/** Reads `.debug_info` as far as a backtrace needs it. */
export class DwarfInfo {
  readonly #sections: Sections;
  readonly #abbreviations = new Map<number, Abbreviations>();
  #units: Unit[] | undefined;

  constructor(sections: Sections) {
    this.#sections = sections;
  }

  /** All units that are well formed, in order; they are read once, even when that fails midway. */
  units(budget: Budget): readonly Unit[] {
    if (this.#units !== undefined) return this.#units;
    const units: Unit[] = this.#units = [];
    const cursor = this.#sections.at(".debug_info", 0);
    while (!cursor.atEnd) {
      const start = cursor.position;
      const { is64, end } = cursor.unitLength();
      try {
        const unit = this.#readUnit(start, is64, end, cursor.position, budget);
        if (unit !== undefined) units.push(unit);
      } catch (error) {
        // The next unit begins at a known place, so one bad unit hides no other.
        if (!(error instanceof MalformedDwarf)) throw error;
        budget.spend(1);
      }
      cursor.seek(end);
    }
    return units;
  }

  #readUnit(
    start: number,
    is64: boolean,
    end: number,
    at: number,
    budget: Budget,
  ): Unit | undefined {
    const cursor = new Cursor(this.#sections.get(".debug_info"), at, end);
    const version = cursor.u16();
    if (version < 2 || version > 5) return undefined;
    let kind = 0, addressSize: number, abbreviationOffset: number;
    if (version >= 5) {
      kind = cursor.u8();
      addressSize = cursor.u8();
      abbreviationOffset = cursor.offset(is64);
      if (kind === SKELETON_UNIT || kind === SPLIT_COMPILE_UNIT) cursor.skip(8);
      if (kind === TYPE_UNIT || kind === SPLIT_TYPE_UNIT) return undefined;
    } else {
      abbreviationOffset = cursor.offset(is64);
      addressSize = cursor.u8();
    }
    if (addressSize !== 4 && addressSize !== 8) return undefined;
    const abbreviations = this.#abbreviationsAt(abbreviationOffset, budget);
    const encoding = { version, is64, addressSize };
    const entries = cursor.position;
    const root = new Entry();
    if (!root.read(cursor, abbreviations, encoding, budget)) return undefined;
    // Without an attribute that says otherwise, a section's own header is skipped.
    const header = is64 ? 16 : 8;
    const draft: Unit = {
      ...encoding,
      start,
      end,
      entries,
      abbreviations,
      lineTable: root.value(Attribute.stmtList),
      compilationDirectory: "",
      ranges: [],
      base: 0,
      stringOffsets: root.value(Attribute.strOffsetsBase) ?? header,
      addresses: root.value(Attribute.addrBase) ?? header,
      rangeLists: root.value(Attribute.rnglistsBase) ?? header + 4,
    };
    const low = this.#address(draft, root, Attribute.lowPc);
    const unit = {
      ...draft,
      base: low ?? 0,
      compilationDirectory: this.#string(draft, root, Attribute.compDir) ?? "",
    };
    return { ...unit, ranges: this.#rangesOf(unit, root, budget) };
  }

  #abbreviationsAt(offset: number, budget: Budget): Abbreviations {
    let found = this.#abbreviations.get(offset);
    if (found === undefined) {
      found = readAbbreviations(this.#sections, offset, budget);
      this.#abbreviations.set(offset, found);
    }
    return found;
  }

  /**
   * The functions at an address, innermost first: calls that were inlined, then the function that
   * really is there. Empty when the unit describes none.
   */
  functionsAt(unit: Unit, address: number, budget: Budget): FunctionEntry[] {
    const found: FunctionEntry[] = [];
    const cursor = new Cursor(this.#sections.get(".debug_info"), unit.entries, unit.end);
    const entry = new Entry();
    // Depths count open lists of children; `within` is the depth of the innermost function found.
    let depth = 0, within = -1;
    while (!cursor.atEnd) {
      if (!entry.read(cursor, unit.abbreviations, unit, budget)) {
        if (--depth <= 0 || depth <= within) break;
        continue;
      }
      const isFunction = entry.tag === Tag.subprogram;
      if (isFunction || (within >= 0 && entry.tag === Tag.inlinedSubroutine)) {
        if (contains(this.#rangesOf(unit, entry, budget), address)) {
          // A function inside a function is its own; what is inlined belongs to the innermost.
          if (isFunction) found.length = 0;
          found.unshift(this.#describe(unit, entry, isFunction, budget));
          within = depth;
          if (!entry.hasChildren) break;
        } else if (entry.hasChildren) {
          this.#skipChildren(unit, cursor, entry, budget);
          continue;
        }
      }
      if (entry.hasChildren) depth++;
    }
    return found;
  }

  #skipChildren(unit: Unit, cursor: Cursor, entry: Entry, budget: Budget): void {
    const sibling = entry.value(Attribute.sibling);
    if (sibling !== undefined) {
      const at = entry.form(Attribute.sibling) === Form.refAddr ? sibling : unit.start + sibling;
      if (at > cursor.position && at <= unit.end) return cursor.seek(at);
    }
    for (let depth = 1; depth > 0 && !cursor.atEnd;) {
      if (!entry.read(cursor, unit.abbreviations, unit, budget)) depth--;
      else if (entry.hasChildren) depth++;
    }
  }

  #describe(unit: Unit, entry: Entry, isFunction: boolean, budget: Budget): FunctionEntry {
    const call = {
      file: entry.value(Attribute.callFile) ?? 0,
      line: entry.value(Attribute.callLine) ?? 0,
      column: entry.value(Attribute.callColumn) ?? 0,
    };
    const name = this.#nameOf(unit, entry, budget);
    return isFunction ? { name } : { name, call };
  }

  /** The name of a function, which often stands in the entry that its entry refers to. */
  #nameOf(unit: Unit, entry: Entry, budget: Budget): string | undefined {
    let plain: string | undefined;
    let here = unit, current = entry;
    for (let n = 0; n < MOST_REFERENCES; n++) {
      const linkage = this.#string(here, current, Attribute.linkageName) ??
        this.#string(here, current, Attribute.mipsLinkageName);
      if (linkage !== undefined) return linkage;
      plain ??= this.#string(here, current, Attribute.name);
      const attribute = current.has(Attribute.abstractOrigin)
        ? Attribute.abstractOrigin
        : Attribute.specification;
      const reference = current.value(attribute);
      const form = current.form(attribute);
      if (reference === undefined || form === Form.refSig8) break;
      const offset = form === Form.refAddr ? reference : here.start + reference;
      const target = offset >= here.start && offset < here.end
        ? here
        : this.units(budget).find(({ start, end }) => offset >= start && offset < end);
      if (target === undefined || offset < target.entries) break;
      here = target;
      const next = new Entry();
      const cursor = new Cursor(this.#sections.get(".debug_info"), offset, here.end);
      if (!next.read(cursor, here.abbreviations, here, budget)) break;
      current = next;
    }
    return plain;
  }

  /** The addresses that an entry covers. */
  #rangesOf(unit: Unit, entry: Entry, budget: Budget): readonly number[] {
    const list = entry.value(Attribute.ranges);
    if (list !== undefined) {
      const context: RangeContext = {
        sections: this.#sections,
        budget,
        addressSize: unit.addressSize,
        base: unit.base,
        indexedAddress: (index) => this.#indexedAddress(unit, index),
      };
      if (unit.version < 5) return readRanges(list, context);
      const offset = entry.form(Attribute.ranges) === Form.rnglistx
        ? unit.rangeLists +
          this.#sections.at(".debug_rnglists", unit.rangeLists + list * (unit.is64 ? 8 : 4))
            .offset(unit.is64)
        : list;
      return readRangeList(offset, context);
    }
    const low = this.#address(unit, entry, Attribute.lowPc);
    const high = entry.value(Attribute.highPc);
    if (low === undefined || high === undefined || isTombstone(low)) return [];
    const end = isAddressForm(entry.form(Attribute.highPc))
      ? this.#address(unit, entry, Attribute.highPc) as number
      : low + high;
    return [low, end];
  }

  #address(unit: Unit, entry: Entry, attribute: number): number | undefined {
    const value = entry.value(attribute);
    if (value === undefined || entry.form(attribute) === Form.addr) return value;
    return this.#indexedAddress(unit, value);
  }

  #indexedAddress(unit: Unit, index: number): number {
    const { addressSize } = unit;
    return this.#sections.at(".debug_addr", unit.addresses + index * addressSize)
      .unsigned(addressSize);
  }

  #string(unit: Unit, entry: Entry, attribute: number): string | undefined {
    const value = entry.value(attribute);
    if (value === undefined) return undefined;
    switch (entry.form(attribute)) {
      case Form.string:
        return this.#sections.string(".debug_info", value);
      case Form.strp:
        return this.#sections.string(".debug_str", value);
      case Form.lineStrp:
        return this.#sections.string(".debug_line_str", value);
      case Form.strx:
      case Form.strx1:
      case Form.strx2:
      case Form.strx3:
      case Form.strx4: {
        const at = unit.stringOffsets + value * (unit.is64 ? 8 : 4);
        const offset = this.#sections.at(".debug_str_offsets", at).offset(unit.is64);
        return this.#sections.string(".debug_str", offset);
      }
      default:
        return undefined;
    }
  }
}

function isAddressForm(form: number): boolean {
  return form === Form.addr || form === Form.addrx ||
    (form >= Form.addrx1 && form <= Form.addrx4);
}
