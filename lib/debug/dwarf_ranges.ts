/**
 * Lists of address ranges: `.debug_ranges` up to DWARF 4, `.debug_rnglists` from DWARF 5 on.
 *
 * @module
 */
import { type Budget, isTombstone, MalformedDwarf, type Sections } from "./dwarf_cursor.ts";

/** Pairs of first address and address after the last. */
export type AddressRanges = readonly number[];

/** Whether an address is in one of the ranges. */
export function contains(ranges: AddressRanges, address: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (address >= (ranges[i] as number) && address < (ranges[i + 1] as number)) return true;
  }
  return false;
}

/** What reading a list needs to know of its unit. */
export interface RangeContext {
  readonly sections: Sections;
  readonly budget: Budget;
  readonly addressSize: number;
  /** What offsets in the list count from: the unit's first address. */
  readonly base: number;
  /** The address of an index, in `.debug_addr`. */
  indexedAddress(index: number): number;
}

/** Reads a list of `.debug_ranges`. */
export function readRanges(offset: number, context: RangeContext): number[] {
  const { sections, budget, addressSize } = context;
  const cursor = sections.at(".debug_ranges", offset);
  const largest = addressSize === 4 ? 0xffffffff : 2 ** 64;
  const ranges: number[] = [];
  let { base } = context;
  while (true) {
    budget.spend(1);
    const start = cursor.unsigned(addressSize), end = cursor.unsigned(addressSize);
    if (start === 0 && end === 0) return ranges;
    if (start >= largest) base = end;
    else add(ranges, base + start, base + end);
  }
}

const Kind = {
  endOfList: 0,
  baseAddressx: 1,
  startxEndx: 2,
  startxLength: 3,
  offsetPair: 4,
  baseAddress: 5,
  startEnd: 6,
  startLength: 7,
} as const;

/** Reads a list of `.debug_rnglists`. */
export function readRangeList(offset: number, context: RangeContext): number[] {
  const { sections, budget, addressSize } = context;
  const cursor = sections.at(".debug_rnglists", offset);
  const ranges: number[] = [];
  let { base } = context;
  while (true) {
    budget.spend(1);
    const kind = cursor.u8();
    switch (kind) {
      case Kind.endOfList:
        return ranges;
      case Kind.baseAddressx:
        base = context.indexedAddress(cursor.uleb());
        break;
      case Kind.baseAddress:
        base = cursor.unsigned(addressSize);
        break;
      case Kind.startxEndx: {
        const start = context.indexedAddress(cursor.uleb());
        add(ranges, start, context.indexedAddress(cursor.uleb()));
        break;
      }
      case Kind.startxLength: {
        const start = context.indexedAddress(cursor.uleb());
        add(ranges, start, start + cursor.uleb());
        break;
      }
      case Kind.offsetPair: {
        const start = cursor.uleb(), end = cursor.uleb();
        if (base < 0xfffffffe) add(ranges, base + start, base + end);
        break;
      }
      case Kind.startEnd: {
        const start = cursor.unsigned(addressSize);
        add(ranges, start, cursor.unsigned(addressSize));
        break;
      }
      case Kind.startLength: {
        const start = cursor.unsigned(addressSize);
        add(ranges, start, start + cursor.uleb());
        break;
      }
      default:
        throw new MalformedDwarf(`unknown range list entry ${kind}`);
    }
  }
}

function add(ranges: number[], start: number, end: number): void {
  if (end > start && !isTombstone(start)) ranges.push(start, end);
}
