/**
 * The section `.trapline.module`: the wasm module, whole or without the bodies of its functions,
 * whose code is in `.text` anyway. It begins with the module's length and the place of the code
 * section's content (zeros: the module is whole); the module follows, less the bodies, whose sizes
 * stand in the code section as ever.
 *
 * Reading fills the bodies with instructions that do nothing, so that the module is valid, has its
 * old length, and every offset in it (of data segments, of DWARF, in the address map) still holds.
 *
 * @module
 */
import { CompileError } from "../base/errors.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { Reader } from "../wasm/reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { malformed } from "./elf_reader.ts";

/**
 * How much longer than the section a module may become. Real code takes about as many bytes as its
 * wasm, so without this a small file could ask for a gigabyte of memory.
 */
const MOST_GROWTH = 64, ALWAYS_ALLOWED = 2 ** 22;
const UNREACHABLE = 0x00, NOP = 0x01, END = 0x0b;

/** The section's bytes, with the bodies or without. @throws CompileError for a module all of bodies */
export function writeModuleSection(
  { module: { bytes }, codeSection, functionBodies }: ModuleTranslation,
  dropsBodies: boolean,
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  const omits = dropsBodies && functionBodies.length > 0;
  out.u32(bytes.length);
  out.u32(omits ? codeSection.start : 0);
  out.u32(omits ? codeSection.end : 0);
  let from = 0;
  if (omits) {
    for (const { start, end } of functionBodies) {
      out.bytes(bytes.subarray(from, start));
      from = end;
    }
  }
  out.bytes(bytes.subarray(from));
  if (bytes.length > mostBytes(out.length)) {
    throw new CompileError(
      `Cannot leave out function bodies: without them too little is left of the module's ` +
        `${bytes.length} bytes`,
    );
  }
  return out.finish();
}

function mostBytes(sectionBytes: number): number {
  return Math.max(ALWAYS_ALLOWED, MOST_GROWTH * sectionBytes);
}

/** The module, in which functions that were omitted do nothing. @throws CompileError */
export function readModuleSection(section: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new Reader(section);
  const length = reader.readFixed32() >>> 0;
  const codeStart = reader.readFixed32() >>> 0, codeEnd = reader.readFixed32() >>> 0;
  const rest = section.length - reader.position;
  if (length > mostBytes(section.length)) throw malformed(`its module has ${length} bytes`);
  if (codeEnd === 0) {
    if (rest !== length) throw malformed("its module is incomplete");
    return section.slice(reader.position);
  }
  const prefix = codeStart, suffix = length - codeEnd;
  if (codeStart > codeEnd || codeEnd > length || prefix + suffix > rest) {
    throw malformed("its module is incomplete");
  }
  const bytes = new Uint8Array(length);
  bytes.set(section.subarray(reader.position, reader.position + prefix));
  const suffixStart = section.length - suffix;
  bytes.set(section.subarray(suffixStart), codeEnd);
  reader.reset(reader.position + prefix, suffixStart);

  let to = codeStart;
  const copy = (from: number): void => {
    const field = section.subarray(from, reader.position);
    if (to + field.length > codeEnd) throw malformed("its code section is too long");
    bytes.set(field, to);
    to += field.length;
  };
  let from = reader.position;
  let count = reader.readU32();
  copy(from);
  for (; count > 0; count--) {
    from = reader.position;
    const size = reader.readU32();
    copy(from);
    if (size < 2 || size > codeEnd - to) throw malformed("a function's size is wrong");
    fillBody(bytes, to, size);
    to += size;
  }
  if (!reader.atEnd || to !== codeEnd) throw malformed("its code section has another length");
  return bytes;
}

/** A body without locals that fits every type; one of two bytes can only be empty. */
function fillBody(bytes: Uint8Array, at: number, size: number): void {
  bytes[at] = 0;
  if (size > 2) bytes[at + 1] = UNREACHABLE;
  bytes.fill(NOP, at + 2, at + size - 1);
  bytes[at + size - 1] = END;
}
