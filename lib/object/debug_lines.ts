/**
 * Source lines for debuggers: DWARF 4 of one compilation unit, whose line table says for each place
 * of the text which line of the source it comes from. It is made from the module's own DWARF, which
 * speaks of wasm, and the address map. There are no types and no variables.
 *
 * Every function is a sequence of its own, so trampolines have no lines.
 *
 * @module
 */
import { DebugInfo } from "../debug/source_frames.ts";
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeObject, CodeSymbol } from "../link/code_object.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { ByteWriter } from "./byte_writer.ts";

/** What a field of a debug section refers to. */
export interface DebugReference {
  /** Offset of the field in its section. */
  readonly at: number;
  /** The section whose address, plus `addend`, the field holds; of 8 bytes for `.text`, else 4. */
  readonly to: ".text" | ".debug_abbrev" | ".debug_line";
  readonly addend: number;
}

/** A debug section, with its references resolved for a text at address 0. */
export interface DebugSection {
  readonly name: ".debug_abbrev" | ".debug_info" | ".debug_line";
  readonly bytes: Uint8Array;
  readonly references: readonly DebugReference[];
}

/** Bytes of the field of a reference. */
export function referenceBytes({ to }: DebugReference): 4 | 8 {
  return to === ".text" ? 8 : 4;
}

/**
 * The bytes of a section whose references a linker fills in: zeros, as assemblers write them. The
 * addends stand in the relocations, and gdb adds what it finds in the fields of some machines.
 */
export function unresolvedBytes({ bytes, references }: DebugSection): Uint8Array {
  const unresolved = bytes.slice();
  for (const reference of references) {
    unresolved.fill(0, reference.at, reference.at + referenceBytes(reference));
  }
  return unresolved;
}

const DWARF_VERSION = 4;
const TAG_COMPILE_UNIT = 0x11;
const LANGUAGE_ASSEMBLER = 0x8001;
/** Attribute and form of the unit's entry, in order. */
const unitAttributes = [
  [0x03, 0x08], // name: string
  [0x13, 0x05], // language: data2
  [0x10, 0x17], // stmt_list: sec_offset
  [0x11, 0x01], // low_pc: addr
  [0x12, 0x07], // high_pc: data8, a length
] as const;
/** Opcodes of line programs. */
const Line = { copy: 1, advancePc: 2, advanceLine: 3, setFile: 4, setColumn: 5 } as const;
const LineExtended = { endSequence: 1, setAddress: 2 } as const;
/** How many operands the standard opcodes from 1 on have. */
const operandCounts = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

/** The debug sections, none for a module without source lines. */
export function writeDebugLines(
  code: CodeObject,
  translation: ModuleTranslation,
  codeUnit: number,
): readonly DebugSection[] {
  const { debugSections, module } = translation;
  if (!debugSections.has(".debug_line")) return [];
  const contents = new Map<string, Uint8Array>();
  for (const [name, { start, end }] of debugSections) {
    contents.set(name, module.bytes.subarray(start, end));
  }
  const lines = new LineProgram(code, new DebugInfo(contents), translation.codeSection.start);
  return [
    { name: ".debug_abbrev", bytes: abbreviations(), references: [] },
    unit(module.names.module ?? "wasm", code.text.length),
    lines.write(codeUnit),
  ];
}

function abbreviations(): Uint8Array {
  const out = new ByteWriter();
  out.uleb(1);
  out.uleb(TAG_COMPILE_UNIT);
  out.u8(0); // no children
  for (const [attribute, form] of unitAttributes) {
    out.uleb(attribute);
    out.uleb(form);
  }
  for (let k = 0; k < 3; k++) out.u8(0); // the ends of the attributes and of the table
  return out.finish();
}

function unit(name: string, textLength: number): DebugSection {
  const out = new ByteWriter();
  const references: DebugReference[] = [];
  const refer = (to: DebugReference["to"]): void => {
    references.push({ at: out.length, to, addend: 0 });
  };
  out.u32(0);
  out.u16(DWARF_VERSION);
  refer(".debug_abbrev");
  out.u32(0);
  out.u8(8); // bytes of an address
  out.uleb(1);
  out.zeroTerminated(name.replaceAll("\0", ""));
  out.u16(LANGUAGE_ASSEMBLER);
  refer(".debug_line");
  out.u32(0);
  refer(".text");
  out.u64(0);
  out.u64(textLength);
  out.patchU32(0, out.length - 4);
  return { name: ".debug_info", bytes: out.finish(), references };
}

/** Writes the line table. */
class LineProgram {
  readonly #out = new ByteWriter();
  readonly #references: DebugReference[] = [];
  /** Numbers from 1 on. */
  readonly #files = new Map<string, number>();
  #unit = 1;

  constructor(
    readonly code: CodeObject,
    readonly info: DebugInfo,
    /** Byte offset in the module that DWARF's addresses count from. */
    readonly origin: number,
  ) {}

  write(codeUnit: number): DebugSection {
    this.#unit = codeUnit;
    let entry = 0;
    for (const symbol of this.code.symbols) {
      if (symbol.key.kind === CompileKind.wasmFunction) entry = this.#writeSequence(symbol, entry);
    }
    return this.#assemble();
  }

  /** Writes the rows of a function, whose address map starts at `entry` or later. */
  #writeSequence({ location: { start, length } }: CodeSymbol, entry: number): number {
    const { addressOffsets, addressLocations } = this.code;
    const out = this.#out, end = start + length;
    while (entry < addressOffsets.length && (addressOffsets[entry] as number) < start) entry++;
    let at = start, file = 1, line = 1, column = 0, isFirst = true;
    for (; entry < addressOffsets.length; entry++) {
      const offset = addressOffsets[entry] as number;
      if (offset >= end) break;
      const place = this.info.framesAt((addressLocations[entry] as number) - this.origin)[0];
      const nextLine = place?.line ?? 0, nextColumn = place?.column ?? 0;
      const nextFile = place?.file === undefined ? file : this.#fileNumber(place.file);
      if (!isFirst && nextFile === file && nextLine === line && nextColumn === column) continue;
      if (isFirst) this.#setAddress(start);
      isFirst = false;
      this.#advance(offset - at);
      at = offset;
      if (nextFile !== file) {
        out.u8(Line.setFile);
        out.uleb(nextFile);
      }
      if (nextColumn !== column) {
        out.u8(Line.setColumn);
        out.uleb(nextColumn);
      }
      if (nextLine !== line) {
        out.u8(Line.advanceLine);
        out.sleb(nextLine - line);
      }
      out.u8(Line.copy);
      [file, line, column] = [nextFile, nextLine, nextColumn];
    }
    if (!isFirst) {
      this.#advance(end - at);
      for (const byte of [0, 1, LineExtended.endSequence]) out.u8(byte);
    }
    return entry;
  }

  #setAddress(address: number): void {
    const out = this.#out;
    for (const byte of [0, 9, LineExtended.setAddress]) out.u8(byte);
    this.#references.push({ at: out.length, to: ".text", addend: address });
    out.u64(address);
  }
  #advance(bytes: number): void {
    if (bytes === 0) return;
    this.#out.u8(Line.advancePc);
    this.#out.uleb(bytes / this.#unit);
  }
  #fileNumber(path: string): number {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const number = this.#files.size + 1;
    this.#files.set(path, number);
    return number;
  }

  /** The header, which lists the files that the rows have named, and the rows. */
  #assemble(): DebugSection {
    const out = new ByteWriter();
    out.u32(0);
    out.u16(DWARF_VERSION);
    out.u32(0);
    const headerStart = out.length;
    out.u8(this.#unit);
    out.u8(1); // operations per instruction
    out.u8(1); // rows are statements
    out.u8(-5); // line base and range of special opcodes, which are not used
    out.u8(14);
    out.u8(operandCounts.length + 1);
    for (const count of operandCounts) out.u8(count);
    out.u8(0); // no directories: files have their full paths
    for (const path of this.#files.keys()) {
      out.zeroTerminated(path.replaceAll("\0", ""));
      for (let k = 0; k < 3; k++) out.u8(0); // directory, time, size
    }
    out.u8(0);
    out.patchU32(headerStart - 4, out.length - headerStart);
    const shift = out.length;
    out.bytes(this.#out.finish());
    out.patchU32(0, out.length - 4);
    const references = this.#references.map((reference) => ({
      ...reference,
      at: reference.at + shift,
    }));
    return { name: ".debug_line", bytes: out.finish(), references };
  }
}
