/**
 * Reads the sections of an ELF64 file that nobody vouches for: every offset and length is checked
 * against the file before it is used.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import { ElfSize, SectionType } from "./elf.ts";

/** A section of a file. */
export interface FoundSection {
  /** Offset in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A file whose headers were read. */
export interface ElfFile {
  readonly type: number;
  readonly machine: number;
  /** By name; of several with one name, none. */
  readonly sections: ReadonlyMap<string, FoundSection>;
}

/** Why every malformed file is refused: one sentence, with the offset where there is one. */
export function malformed(reason: string, offset = -1): CompileError {
  const place = offset < 0 ? "" : ` (at offset 0x${offset.toString(16)})`;
  return new CompileError(`Cannot load compiled object: ${reason}${place}`, offset);
}

/** Whether bytes begin as an ELF file does. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** @throws CompileError when the bytes are no ELF64 file, little-endian, with all its sections */
export function readElf(bytes: Uint8Array): ElfFile {
  if (!isElf(bytes)) throw malformed("it is not an ELF file");
  if (bytes.length < ElfSize.header) throw malformed("it ends within the ELF header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[4] !== 2 || bytes[5] !== 1) throw malformed("it is not 64-bit, little-endian ELF", 4);
  const tableOffset = readOffset(view, 40);
  const count = view.getUint16(60, true), namesIndex = view.getUint16(62, true);
  if (view.getUint16(58, true) !== ElfSize.sectionHeader || namesIndex >= count) {
    throw malformed("its section headers are malformed", 58);
  }
  if (tableOffset + count * ElfSize.sectionHeader > bytes.length) {
    throw malformed("it is truncated: its section headers are beyond its end", 40);
  }
  const sectionAt = (index: number): FoundSection => {
    const header = tableOffset + index * ElfSize.sectionHeader;
    const hasBytes = view.getUint32(header + 4, true) !== SectionType.noBits;
    const offset = readOffset(view, header + 24);
    const size = hasBytes ? readOffset(view, header + 32) : 0;
    if (offset + size > bytes.length) {
      throw malformed(`section ${index} is beyond its end`, header);
    }
    return { offset, bytes: bytes.subarray(offset, offset + size) };
  };
  const names = sectionAt(namesIndex).bytes;
  const sections = new Map<string, FoundSection>();
  const repeated = new Set<string>();
  for (let index = 1; index < count; index++) {
    const at = view.getUint32(tableOffset + index * ElfSize.sectionHeader, true);
    const name = nameAt(names, at);
    if (sections.has(name)) repeated.add(name);
    sections.set(name, sectionAt(index));
  }
  for (const name of repeated) sections.delete(name);
  return { type: view.getUint16(16, true), machine: view.getUint16(18, true), sections };
}

/** A 64-bit offset or size; what no file can hold becomes infinite, and so out of every range. */
function readOffset(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) > 0xffff
    ? Infinity
    : view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

/** Longer names are none of ours, and are not looked for: there may be many sections. */
const LONGEST_NAME = 255;

function nameAt(names: Uint8Array, at: number): string {
  if (at >= names.length) throw malformed("a section's name is beyond the name table");
  const field = names.subarray(at, at + LONGEST_NAME + 1), end = field.indexOf(0);
  if (end < 0) throw malformed("a section's name does not end");
  return new TextDecoder().decode(field.subarray(0, end));
}
