/**
 * Writes compiled code as an ELF file: relocatable, for linkers, or linked, for `run`. The format is
 * described in `docs/object-format.md`. The same code and options give the same bytes.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import { sha256, sha256Hex } from "../base/sha256.ts";
import type { FixupKind, RuntimeIsa } from "../codegen/isa.ts";
import type { ElfRelocation, ObjectTarget } from "../codegen/object_target.ts";
import { CompileKind, symbolOf } from "../compile/compile_key.ts";
import { isBuiltinTarget, type Relocation, targetIndex } from "../compile/compiled_function.ts";
import type { CodeObject } from "../link/code_object.ts";
import { builtinNames } from "../translate/builtins.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { writeAddressMap, writeTraps } from "./address_map.ts";
import { ByteWriter } from "./byte_writer.ts";
import {
  type DebugSection,
  referenceBytes,
  unresolvedBytes,
  writeDebugLines,
} from "./debug_lines.ts";
import { type EhFrame, writeEhFrame } from "./eh_frame.ts";
import {
  type ElfKind,
  ElfSize,
  FileType,
  type Placed,
  placeSections,
  type Section,
  SectionFlag,
  SectionType,
  writeElf,
} from "./elf.ts";
import { writeFunctions } from "./function_table.ts";
import { writeInfo } from "./info.ts";
import { writeModuleSection } from "./module_section.ts";
import { HASH_BYTES, HASH_OFFSET, SectionName } from "./section_names.ts";
import { writeSymbols } from "./symbols.ts";

/** What is written. */
export interface ObjectInput {
  readonly code: CodeObject;
  readonly translation: ModuleTranslation;
  readonly isa: RuntimeIsa;
}

/** How it is written. */
export interface ObjectOptions {
  /** A linker's input, with relocations, instead of a file that is ready to run. */
  readonly relocatable?: boolean;
  /** Optimisation level of the code, as a remark. */
  readonly level: 0 | 1;
  /**
   * Leaves out the bodies of the wasm functions. They are not needed to run, but without them trap
   * reports do not know the tables and signatures of calls, and listings show no wasm instructions.
   */
  readonly dropsBodies?: boolean;
  /**
   * Leaves out everything but what `readObject` needs when its caller has the module: the file is
   * small and quickly made. For caches.
   */
  readonly codeOnly?: boolean;
}

/**
 * The bytes of an ELF file.
 * @throws InternalError when the instruction set does not describe its object files
 */
export async function writeObject(
  input: ObjectInput,
  options: ObjectOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const target = input.isa.object;
  assert(target !== undefined, () => `${input.isa.name} has no object files`);
  const relocatable = options.relocatable === true;
  const type = relocatable ? FileType.relocatable : FileType.dynamic;
  const kind = { type, machine: target.machine, flags: target.flags };
  if (options.codeOnly) {
    const sections = [
      textSection(input),
      hashSection(),
      ...await tableSections(input, target, options),
    ];
    return await writeHashed(kind, sections, placeSections(kind, sections));
  }
  const frames = writeEhFrame(input.code, target, !relocatable);
  const sections = await sectionsOf(input, target, frames, options);
  const placed = placeSections(kind, sections);
  if (relocatable) return writeElf(kind, sections, placed);

  const frameAddress = placed[sections.findIndex((s) => s.name === ".eh_frame")]?.address as number;
  const view = new DataView(frames.bytes.buffer, frames.bytes.byteOffset);
  for (const { at, symbol } of frames.references) {
    view.setInt32(at, symbol.location.start - frameAddress - at, true);
  }
  return await writeHashed(kind, sections, placed);
}

/** Writes a file and its hash into it. */
async function writeHashed(
  kind: ElfKind,
  sections: readonly Section[],
  placed: readonly Placed[],
): Promise<Uint8Array<ArrayBuffer>> {
  const file = writeElf(kind, sections, placed);
  const note = placed[sections.findIndex((s) => s.name === SectionName.hash)]?.offset as number;
  file.set(await sha256(file), note + HASH_OFFSET);
  return file;
}

async function sectionsOf(
  input: ObjectInput,
  target: ObjectTarget,
  frames: EhFrame,
  options: ObjectOptions,
): Promise<Section[]> {
  const { code, translation } = input;
  const { relocatable = false } = options;
  const { alloc, infoLink } = SectionFlag;
  const debug = writeDebugLines(code, translation, target.codeUnit);
  const symbolSections = [SectionName.text, ...debug.map(({ name }) => name)];
  const symbols = writeSymbols(code, translation, {
    sections: symbolSections.map((_, n) => n + 1),
    hasMappingSymbols: target.hasMappingSymbols,
  });
  const relocations = (of: string, bytes: Uint8Array): Section => ({
    name: `.rela${of}`,
    type: SectionType.relocations,
    flags: infoLink,
    alignment: 8,
    entrySize: ElfSize.relocation,
    link: ".symtab",
    info: of,
    bytes,
  });
  return [
    textSection(input),
    ...debug.map((section) =>
      data(section.name, relocatable ? unresolvedBytes(section) : section.bytes)
    ),
    { ...data(".eh_frame", frames.bytes), flags: alloc, alignment: 8 },
    ...(relocatable
      ? [
        relocations(SectionName.text, textRelocations(input, target, symbols.indices)),
        relocations(".eh_frame", frameRelocations(frames, target)),
        ...debug.filter(({ references }) => references.length > 0).map((section) =>
          relocations(section.name, debugRelocations(section, target, symbolSections))
        ),
        data(".note.GNU-stack", new Uint8Array(0)),
      ]
      : [hashSection()]),
    ...await tableSections(input, target, options),
    data(SectionName.module, writeModuleSection(translation, options.dropsBodies ?? false)),
    {
      name: ".symtab",
      type: SectionType.symbolTable,
      alignment: 8,
      entrySize: ElfSize.symbol,
      link: ".strtab",
      info: symbols.locals,
      bytes: symbols.bytes,
    },
    { name: ".strtab", type: SectionType.stringTable, bytes: symbols.names },
  ];
}

function data(name: string, bytes: Uint8Array): Section {
  return { name, type: SectionType.programBits, bytes };
}

function textSection({ code }: ObjectInput): Section {
  const { alloc, execute } = SectionFlag;
  return { ...data(SectionName.text, code.text), flags: alloc | execute, alignment: 16 };
}

/** A hash of zeros. */
function hashSection(): Section {
  return { ...data(SectionName.hash, emptyHash()), type: SectionType.note, alignment: 4 };
}

/** What explains the text to the runtime. */
async function tableSections(
  { code, translation, isa }: ObjectInput,
  { codeUnit }: ObjectTarget,
  options: ObjectOptions,
): Promise<Section[]> {
  const info = await writeInfo(isa, {
    level: options.level,
    hasBodies: options.dropsBodies !== true,
    moduleHash: await sha256Hex(translation.module.bytes),
  });
  const addresses = { offsets: code.addressOffsets, values: code.addressLocations };
  return [
    {
      ...data(SectionName.info, info),
      flags: SectionFlag.merge | SectionFlag.strings,
      entrySize: 1,
    },
    data(SectionName.functions, writeFunctions(code.symbols)),
    data(SectionName.traps, writeTraps(code.trapOffsets, code.traps)),
    data(SectionName.addressMap, writeAddressMap(addresses, codeUnit)),
  ];
}

/**
 * The calls. They are resolved in the text already; a linker that moves the functions together finds
 * the same distances. A call through a veneer stays as it is: its target is in the same text.
 */
function textRelocations(
  { code, isa }: ObjectInput,
  target: ObjectTarget,
  indices: ReadonlyMap<string, number>,
): Uint8Array {
  const out = new ByteWriter();
  const starts = new Map(code.symbols.map(({ name, location }) => [name, location.start]));
  for (const symbol of code.symbols) {
    for (const relocation of symbol.relocations) {
      const name = targetName(relocation);
      const kind = isa.relocations[relocation.kind] as FixupKind;
      const place = symbol.location.start + relocation.offset;
      const distance = (starts.get(name) as number) + relocation.addend - place;
      if (!isDirect(code.text, place, kind, distance)) continue;
      const { type, offset, addend } = target.relocations[relocation.kind] as ElfRelocation;
      writeRelocation(out, place + offset, {
        symbol: indices.get(name) as number,
        type,
        addend: relocation.addend + addend,
      });
    }
  }
  return out.finish();
}

/** Whether the instruction at `place` holds this distance, and not that to a veneer. */
function isDirect(text: Uint8Array, place: number, kind: FixupKind, distance: number): boolean {
  if (distance < kind.min || distance > kind.max) return false;
  const patched = text.slice(place, place + kind.size);
  kind.patch(patched, 0, distance);
  return patched.every((byte, n) => byte === text[place + n]);
}

function targetName({ target }: Relocation): string {
  const index = targetIndex(target);
  return isBuiltinTarget(target)
    ? symbolOf({ kind: CompileKind.wasmToBuiltinTrampoline, index }, builtinNames[index])
    : symbolOf({ kind: CompileKind.wasmFunction, index });
}

/** Relative to the section's symbol, the first of the table: linkers edit `.eh_frame` by that. */
function frameRelocations(frames: EhFrame, target: ObjectTarget): Uint8Array {
  const out = new ByteWriter();
  const textSymbol = 1;
  for (const { at, symbol } of frames.references) {
    const addend = symbol.location.start;
    writeRelocation(out, at, { symbol: textSymbol, type: target.distance32, addend });
  }
  return out.finish();
}

/** The symbol of the section in place `n` of `sections` has number `n + 1`. */
function debugRelocations(
  { references }: DebugSection,
  target: ObjectTarget,
  sections: readonly string[],
): Uint8Array {
  const out = new ByteWriter();
  for (const reference of references) {
    const { at, to, addend } = reference;
    const type = referenceBytes(reference) === 8 ? target.absolute64 : target.absolute32;
    writeRelocation(out, at, { symbol: sections.indexOf(to) + 1, type, addend });
  }
  return out.finish();
}

function writeRelocation(
  out: ByteWriter,
  at: number,
  { symbol, type, addend }: { symbol: number; type: number; addend: number },
): void {
  out.u64(at);
  out.u32(type);
  out.u32(symbol);
  out.u64(addend);
}

/** A note of type `NT_GNU_BUILD_ID` whose hash is zeros. */
function emptyHash(): Uint8Array {
  const out = new ByteWriter();
  for (const value of [4, HASH_BYTES, 3, 0x00554e47]) out.u32(value); // "GNU\0"
  for (let k = 0; k < HASH_BYTES; k++) out.u8(0);
  return out.finish();
}
