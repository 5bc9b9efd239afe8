/**
 * From a code offset to source: what a backtrace prints for one wasm frame. Sections are parsed when
 * they are first asked about, and only as far as needed.
 *
 * DWARF in a module counts addresses from the start of the code section's content.
 *
 * No npm package reads DWARF of all versions with inlined calls without native code, so this is our
 * own. It never throws: what is malformed gives fewer frames, or none.
 *
 * @module
 */
import { Budget, MalformedDwarf, Sections } from "./dwarf_cursor.ts";
import { DwarfInfo, type FunctionEntry, type Unit } from "./dwarf_info.ts";
import { type LineTable, readLineTable } from "./dwarf_line.ts";
import { contains } from "./dwarf_ranges.ts";

/** A function that the source has at some code: the one that is there, or one inlined into it. */
export interface SourceFrame {
  /** As the linker knows it (mangled) where the debug information says so, else the plain name. */
  readonly functionName?: string;
  /** Absolute, or relative to a folder that is not known. */
  readonly file?: string;
  /** From 1 on; absent for code that no line accounts for. */
  readonly line?: number;
  /** In bytes, from 1 on; absent when unknown. */
  readonly column?: number;
  /** Whether the function was inlined into the next frame's. */
  readonly inlined: boolean;
}

/** Steps per query; the first query of a module reads what the later ones keep. */
const MOST_STEPS = 20_000_000;
/** Deeper chains of inlined calls are cut off. */
const MOST_INLINED = 100;

/** The debug information of a module. */
export class DebugInfo {
  readonly #sections: Sections;
  readonly #info: DwarfInfo;
  /** By offset in `.debug_line`; undefined where the table is malformed. */
  readonly #lineTables = new Map<number, LineTable | undefined>();
  readonly #steps: number;

  /**
   * @param sections the contents of the custom sections by name
   * @param steps how much work one query may do, about one step per entry or row
   */
  constructor(sections: ReadonlyMap<string, Uint8Array>, steps: number = MOST_STEPS) {
    this.#sections = new Sections(sections);
    this.#info = new DwarfInfo(this.#sections);
    this.#steps = steps;
  }

  /**
   * The source at an address, innermost function first; empty when nothing is known. Never throws.
   * @param address offset in the code section's content
   */
  framesAt(address: number): SourceFrame[] {
    const budget = new Budget(this.#steps);
    const unit = attempt(() => this.#unitAt(address, budget));
    const functions = unit && attempt(() => this.#info.functionsAt(unit, address, budget));
    return attempt(() => this.#frames(address, unit, functions ?? [], budget)) ?? [];
  }

  #unitAt(address: number, budget: Budget): Unit | undefined {
    const units = this.#info.units(budget);
    const found = units.find(({ ranges }) => contains(ranges, address));
    if (found !== undefined) return found;
    // A unit may leave it to its functions, or to its line table, to say where its code is.
    return units.find((unit) =>
      unit.ranges.length === 0 &&
      (attempt(() => this.#info.functionsAt(unit, address, budget).length > 0) ||
        (unit.lineTable !== undefined &&
          this.#lineTable(unit.lineTable, budget)?.rowAt(address) !== undefined))
    );
  }

  #frames(
    address: number,
    unit: Unit | undefined,
    functions: readonly FunctionEntry[],
    budget: Budget,
  ): SourceFrame[] {
    const directory = unit?.compilationDirectory;
    const table = unit?.lineTable === undefined
      ? this.#lineTableWith(address, budget)
      : this.#lineTable(unit.lineTable, budget);
    let place = table?.rowAt(address);
    if (functions.length === 0) {
      return place === undefined ? [] : [describe(undefined, place, table, directory, false)];
    }
    const frames: SourceFrame[] = [];
    for (const { name, call } of functions.slice(0, MOST_INLINED)) {
      frames.push(describe(name, place, table, directory, call !== undefined));
      place = call;
    }
    return frames;
  }

  #lineTable(offset: number, budget: Budget): LineTable | undefined {
    if (!this.#lineTables.has(offset)) {
      this.#lineTables.set(
        offset,
        attempt(() => readLineTable(this.#sections, offset, budget)),
      );
    }
    return this.#lineTables.get(offset);
  }

  /** The line table with a row for an address, for modules whose `.debug_info` was removed. */
  #lineTableWith(address: number, budget: Budget): LineTable | undefined {
    const { length } = this.#sections.get(".debug_line");
    for (let offset = 0; offset < length;) {
      budget.spend(1);
      const table = this.#lineTable(offset, budget);
      if (table === undefined) return undefined;
      if (table.rowAt(address) !== undefined) return table;
      offset = table.end;
    }
    return undefined;
  }
}

function describe(
  name: string | undefined,
  place: { readonly file: number; readonly line: number; readonly column: number } | undefined,
  table: LineTable | undefined,
  directory: string | undefined,
  inlined: boolean,
): SourceFrame {
  const file = place && table?.path(place.file, directory);
  return {
    ...(name !== undefined && { functionName: name }),
    ...(file !== undefined && { file }),
    ...(file !== undefined && place!.line > 0 && { line: place!.line }),
    ...(file !== undefined && place!.line > 0 && place!.column > 0 && { column: place!.column }),
    inlined,
  };
}

/** What `query` gives, undefined when the debug information is malformed or too large. */
function attempt<T>(query: () => T): T | undefined {
  try {
    return query();
  } catch (error) {
    if (error instanceof MalformedDwarf) return undefined;
    throw error;
  }
}
