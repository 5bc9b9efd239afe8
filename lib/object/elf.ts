/**
 * ELF64, little-endian: the numbers of the specification that we use, and a writer of files. A file
 * is the header, the program headers, the sections in the order given, and the section headers.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import { ByteWriter } from "./byte_writer.ts";

/** `e_type`. */
export const FileType = { relocatable: 1, dynamic: 3 } as const;
/** `sh_type`. */
export const SectionType = {
  null: 0,
  programBits: 1,
  symbolTable: 2,
  stringTable: 3,
  relocations: 4,
  note: 7,
  /** Takes no bytes of the file. */
  noBits: 8,
} as const;
/** `sh_flags`. */
export const SectionFlag = { alloc: 2, execute: 4, merge: 0x10, strings: 0x20, infoLink: 0x40 };
/** Symbol bindings, in the upper half of `st_info`. */
export const Binding = { local: 0, global: 1 } as const;
/** Symbol types, in the lower half of `st_info`. */
export const SymbolType = { none: 0, object: 1, function: 2, section: 3 } as const;

/** Bytes of the headers and of the entries of tables. */
export const ElfSize = {
  header: 64,
  programHeader: 56,
  sectionHeader: 64,
  symbol: 24,
  relocation: 24,
} as const;

/** Loadable segments start at multiples of this, in the file and in memory. */
export const PAGE = 4096;

/** A section to write. */
export interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly alignment?: number;
  readonly entrySize?: number;
  /** Name of the section that `sh_link` refers to. */
  readonly link?: string;
  /** `sh_info`: a number, or the name of a section. */
  readonly info?: number | string;
  readonly bytes: Uint8Array;
}

/** Where a section of a file stands. */
export interface Placed {
  /** In the file. */
  readonly offset: number;
  /** In memory, 0 for sections that are not loaded. */
  readonly address: number;
}

/** What kind of file, and for which machine. */
export interface ElfKind {
  readonly type: number;
  readonly machine: number;
  readonly flags: number;
}

/**
 * Places sections. In a file that is to be loaded, each loaded section is a segment of its own, the
 * first at address 0, so that its addresses are offsets in it.
 */
export function placeSections(kind: ElfKind, sections: readonly Section[]): Placed[] {
  const isLoaded = kind.type === FileType.dynamic;
  let offset = ElfSize.header + (isLoaded ? ElfSize.programHeader * segmentCount(sections) : 0);
  let base = 0, isFirst = true;
  return sections.map((section) => {
    const isSegment = isLoaded && hasFlag(section, SectionFlag.alloc);
    offset = roundUp(offset, isSegment && isFirst ? PAGE : section.alignment ?? 1);
    let address = 0;
    if (isSegment) {
      if (isFirst) base = offset;
      // One page further than in the file, so that no two segments share a page of memory.
      else base -= PAGE;
      address = offset - base;
      isFirst = false;
    }
    const placed = { offset, address };
    offset += section.bytes.length;
    return placed;
  });
}

/** Writes a file of sections that {@linkcode placeSections} placed; `.shstrtab` is added. */
export function writeElf(
  kind: ElfKind,
  sections: readonly Section[],
  placed: readonly Placed[],
): Uint8Array<ArrayBuffer> {
  const names = new StringTable();
  const nameOffsets = sections.map(({ name }) => names.add(name));
  const ownName = names.add(".shstrtab");
  const last = placed.at(-1), lastSection = sections.at(-1);
  assert(last !== undefined && lastSection !== undefined, () => "an ELF file without sections");
  const namesOffset = last.offset + lastSection.bytes.length;
  const headersOffset = roundUp(namesOffset + names.bytes.length, 8);

  const out = new ByteWriter();
  writeHeader(out, kind, {
    segments: kind.type === FileType.dynamic ? segmentCount(sections) : 0,
    sections: sections.length + 2,
    headersOffset,
  });
  if (kind.type === FileType.dynamic) writeProgramHeaders(out, sections, placed);
  sections.forEach((section, n) => {
    while (out.length < (placed[n] as Placed).offset) out.u8(0);
    out.bytes(section.bytes);
  });
  out.bytes(names.bytes);
  out.align(8);
  const index = (name: string): number => sections.findIndex((s) => s.name === name) + 1;
  for (let k = 0; k < ElfSize.sectionHeader; k++) out.u8(0);
  sections.forEach((section, n) => {
    const { link, info = 0 } = section;
    writeSectionHeader(out, section, placed[n] as Placed, {
      name: nameOffsets[n] as number,
      link: link === undefined ? 0 : index(link),
      info: typeof info === "string" ? index(info) : info,
    });
  });
  writeSectionHeader(
    out,
    { name: ".shstrtab", type: SectionType.stringTable, bytes: names.bytes },
    { offset: namesOffset, address: 0 },
    { name: ownName, link: 0, info: 0 },
  );
  return out.finish();
}

/** A string table; equal strings share a place. */
export class StringTable {
  readonly #writer = new ByteWriter();
  readonly #offsets = new Map<string, number>();

  constructor() {
    this.#writer.u8(0);
  }
  /** The offset of a string, which is added when it is new. */
  add(text: string): number {
    let offset = text === "" ? 0 : this.#offsets.get(text);
    if (offset === undefined) {
      offset = this.#writer.length;
      this.#writer.zeroTerminated(text);
      this.#offsets.set(text, offset);
    }
    return offset;
  }
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#writer.finish();
  }
}

function writeHeader(
  out: ByteWriter,
  kind: ElfKind,
  counts: { segments: number; sections: number; headersOffset: number },
): void {
  out.u32(0x464c457f); // "\x7fELF"
  out.u32(0x00010102); // 64 bits, little-endian, version 1, System V
  out.u64(0);
  out.u16(kind.type);
  out.u16(kind.machine);
  out.u32(1);
  out.u64(0); // no entry point
  out.u64(counts.segments > 0 ? ElfSize.header : 0);
  out.u64(counts.headersOffset);
  out.u32(kind.flags);
  out.u16(ElfSize.header);
  out.u16(counts.segments > 0 ? ElfSize.programHeader : 0);
  out.u16(counts.segments);
  out.u16(ElfSize.sectionHeader);
  out.u16(counts.sections);
  out.u16(counts.sections - 1);
}

function writeProgramHeaders(
  out: ByteWriter,
  sections: readonly Section[],
  placed: readonly Placed[],
): void {
  sections.forEach((section, n) => {
    if (!hasFlag(section, SectionFlag.alloc)) return;
    const { offset, address } = placed[n] as Placed;
    out.u32(1); // PT_LOAD
    out.u32(hasFlag(section, SectionFlag.execute) ? 5 : 4); // readable, executable
    for (const value of [offset, address, address]) out.u64(value);
    for (let k = 0; k < 2; k++) out.u64(section.bytes.length);
    out.u64(PAGE);
  });
}

function writeSectionHeader(
  out: ByteWriter,
  section: Section,
  { offset, address }: Placed,
  { name, link, info }: { name: number; link: number; info: number },
): void {
  out.u32(name);
  out.u32(section.type);
  for (const value of [section.flags ?? 0, address, offset, section.bytes.length]) out.u64(value);
  out.u32(link);
  out.u32(info);
  out.u64(section.alignment ?? 1);
  out.u64(section.entrySize ?? 0);
}

function segmentCount(sections: readonly Section[]): number {
  return sections.filter((section) => hasFlag(section, SectionFlag.alloc)).length;
}

function hasFlag({ flags = 0 }: Section, flag: number): boolean {
  return (flags & flag) !== 0;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
