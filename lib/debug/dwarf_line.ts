/**
 * Line tables: `.debug_line` of DWARF 2 to 5, decoded into rows.
 *
 * @module
 */
import {
  type Budget,
  type Cursor,
  isTombstone,
  MalformedDwarf,
  type Sections,
} from "./dwarf_cursor.ts";
import { type Encoding, Form, readForm } from "./dwarf_entry.ts";
import { joinPath } from "./source_path.ts";

/** A place in the source; `line` is 0 for code that no line accounts for. */
export interface LineRow {
  /** Index in the table's files. */
  readonly file: number;
  readonly line: number;
  /** From 1 on, 0 when unknown. */
  readonly column: number;
}

/** A run of rows with ascending addresses. */
interface Sequence {
  readonly low: number;
  /** After the last byte. */
  readonly high: number;
  /** Rows `first` to `end - 1`. */
  readonly first: number;
  readonly end: number;
}

interface FileEntry {
  readonly name: string;
  readonly directory: number;
}

/** Numbers per row: address, file, line, column. */
const COLUMNS = 4;
/** What a row, or an entry that takes no bytes, costs: they are kept. */
const ROW_STEPS = 4;

/** The rows that one line number program makes. */
export class LineTable {
  readonly #directories: readonly string[];
  readonly #files: readonly FileEntry[];
  readonly #rows: readonly number[];
  readonly #sequences: readonly Sequence[];

  constructor(
    /** Offset after the table in `.debug_line`. */
    readonly end: number,
    readonly version: number,
    parts: {
      readonly directories: readonly string[];
      readonly files: readonly FileEntry[];
      readonly rows: readonly number[];
      readonly sequences: readonly Sequence[];
    },
  ) {
    this.#directories = parts.directories;
    this.#files = parts.files;
    this.#rows = parts.rows;
    this.#sequences = parts.sequences;
  }

  /** The row of the code at an address. */
  rowAt(address: number): LineRow | undefined {
    for (const { low, high, first, end } of this.#sequences) {
      if (address < low || address >= high) continue;
      let from = first, to = end;
      while (from < to) {
        const middle = (from + to) >> 1;
        if ((this.#rows[middle * COLUMNS] as number) <= address) from = middle + 1;
        else to = middle;
      }
      if (from === first) continue;
      const at = (from - 1) * COLUMNS;
      return {
        file: this.#rows[at + 1] as number,
        line: this.#rows[at + 2] as number,
        column: this.#rows[at + 3] as number,
      };
    }
    return undefined;
  }

  /**
   * The path of a file by its index (from 1 on before DWARF 5), absolute where the producer said so.
   * @param compilationDirectory what relative paths are relative to, where the table does not say
   */
  path(file: number, compilationDirectory = ""): string | undefined {
    const isNew = this.version >= 5;
    const entry = this.#files[isNew ? file : file - 1];
    if (entry === undefined) return undefined;
    // Directory 0 is the compilation directory; the table lists it from DWARF 5 on.
    const index = isNew ? entry.directory : entry.directory - 1;
    const directory = this.#directories[index] ?? "";
    return joinPath(compilationDirectory, joinPath(directory, entry.name));
  }
}

/** Reads the line number program at an offset of `.debug_line` and executes it. */
export function readLineTable(sections: Sections, offset: number, budget: Budget): LineTable {
  const cursor = sections.at(".debug_line", offset);
  const { is64, end } = cursor.unitLength();
  cursor.end = end;
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new MalformedDwarf(`line table version ${version}`);
  const addressSize = version >= 5 ? cursor.u8() : 4;
  if (version >= 5) cursor.u8(); // segment selector size
  const headerLength = cursor.offset(is64);
  const program = cursor.position + headerLength;
  const minimumInstructionLength = cursor.u8();
  if (version >= 4) cursor.u8(); // operations per instruction: 1 but on VLIW machines
  cursor.u8(); // default_is_stmt
  const lineBase = cursor.s8(), lineRange = cursor.u8(), opcodeBase = cursor.u8();
  if (lineRange === 0 || opcodeBase === 0) throw new MalformedDwarf("line table without range");
  const operandCounts: number[] = [0];
  for (let n = 1; n < opcodeBase; n++) operandCounts.push(cursor.u8());
  const directories: string[] = [], files: FileEntry[] = [];
  if (version >= 5) {
    const encoding = { version, is64, addressSize };
    readEntries(cursor, sections, encoding, budget).forEach(({ name }) => directories.push(name));
    files.push(...readEntries(cursor, sections, encoding, budget));
  } else {
    readOldEntries(cursor, directories, files, budget);
  }
  cursor.seek(program);

  const rows: number[] = [], sequences: Sequence[] = [];
  const header = { minimumInstructionLength, lineBase, lineRange, opcodeBase, operandCounts };
  execute(cursor, header, { rows, sequences, files }, budget);
  return new LineTable(end, version, { directories, files, rows, sequences });
}

function readOldEntries(
  cursor: Cursor,
  directories: string[],
  files: FileEntry[],
  budget: Budget,
): void {
  for (let name = cursor.string(); name !== ""; name = cursor.string()) {
    budget.spend(1);
    directories.push(name);
  }
  for (let name = cursor.string(); name !== ""; name = cursor.string()) {
    budget.spend(1);
    const directory = cursor.uleb();
    cursor.uleb(); // time
    cursor.uleb(); // length
    files.push({ name, directory });
  }
}

const Content = { path: 1, directoryIndex: 2 } as const;

/** A list of directories or files of DWARF 5, which says itself how it is encoded. */
function readEntries(
  cursor: Cursor,
  sections: Sections,
  encoding: Encoding,
  budget: Budget,
): FileEntry[] {
  const formats: number[] = [];
  for (let count = cursor.u8(); count > 0; count--) formats.push(cursor.uleb(), cursor.uleb());
  const entries: FileEntry[] = [];
  for (let count = cursor.uleb(); count > 0; count--) {
    budget.spend(ROW_STEPS);
    let name = "", directory = 0;
    for (let i = 0; i < formats.length; i += 2) {
      const content = formats[i], form = formats[i + 1] as number;
      const value = readForm(cursor, form, encoding);
      if (content === Content.directoryIndex) directory = value;
      else if (content === Content.path) name = textOf(sections, form, value);
    }
    entries.push({ name, directory });
  }
  return entries;
}

function textOf(sections: Sections, form: number, value: number): string {
  if (form === Form.string) return sections.string(".debug_line", value);
  if (form === Form.lineStrp) return sections.string(".debug_line_str", value);
  if (form === Form.strp) return sections.string(".debug_str", value);
  return "";
}

interface ProgramHeader {
  readonly minimumInstructionLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operandCounts: readonly number[];
}

const Standard = {
  extended: 0,
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const;
const Extended = { endSequence: 1, setAddress: 2, defineFile: 3 } as const;

/** Runs a line number program; what it leaves open at its end belongs to no sequence. */
function execute(
  cursor: Cursor,
  header: ProgramHeader,
  out: { rows: number[]; sequences: Sequence[]; files: FileEntry[] },
  budget: Budget,
): void {
  const { minimumInstructionLength, lineBase, lineRange, opcodeBase, operandCounts } = header;
  const { rows, sequences, files } = out;
  let address = 0, file = 1, line = 1, column = 0;
  let first = 0, low = -1, isSorted = true;
  const addRow = (): void => {
    budget.spend(ROW_STEPS);
    if (low < 0) low = address;
    else if (address < (rows[rows.length - COLUMNS] as number)) isSorted = false;
    rows.push(address, file, line, column);
  };
  while (!cursor.atEnd) {
    budget.spend(1);
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      address += Math.floor(adjusted / lineRange) * minimumInstructionLength;
      line += lineBase + adjusted % lineRange;
      addRow();
      continue;
    }
    switch (opcode) {
      case Standard.extended: {
        const length = cursor.uleb();
        const next = cursor.position + length;
        if (length === 0) break;
        const extended = cursor.u8();
        if (extended === Extended.endSequence) {
          if (low >= 0 && isSorted && address > low && !isTombstone(low)) {
            sequences.push({ low, high: address, first, end: rows.length / COLUMNS });
          }
          address = 0, file = 1, line = 1, column = 0;
          first = rows.length / COLUMNS, low = -1, isSorted = true;
        } else if (extended === Extended.setAddress) {
          address = cursor.unsigned(length - 1);
        } else if (extended === Extended.defineFile) {
          files.push({ name: cursor.string(), directory: cursor.uleb() });
        }
        cursor.seek(next);
        break;
      }
      case Standard.copy:
        addRow();
        break;
      case Standard.advancePc:
        address += cursor.uleb() * minimumInstructionLength;
        break;
      case Standard.advanceLine:
        line += cursor.sleb();
        break;
      case Standard.setFile:
        file = cursor.uleb();
        break;
      case Standard.setColumn:
        column = cursor.uleb();
        break;
      case Standard.constAddPc:
        address += Math.floor((255 - opcodeBase) / lineRange) * minimumInstructionLength;
        break;
      case Standard.fixedAdvancePc:
        address += cursor.u16();
        break;
      default:
        // The others, and those that this version does not know, do not change a row.
        for (let n = operandCounts[opcode] as number; n > 0; n--) cursor.uleb();
    }
  }
}
