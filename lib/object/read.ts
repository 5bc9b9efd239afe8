/**
 * Loads what `write.ts` wrote, without trusting it: a file is refused unless its hash is right and
 * every table is well formed and agrees with the text and the module. Nothing is executed.
 *
 * The hash finds damage, it is no signature: who can write the file can also write its hash. Hence
 * the checks of the tables, and hence code runs in an emulator.
 *
 * @module
 */
import { CompileError, Unsupported } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import type { RuntimeIsa } from "../codegen/isa.ts";
import { type CompileKey, CompileKind } from "../compile/compile_key.ts";
import {
  CodeObject,
  type CodeSymbol,
  type CompiledFunctionInfo,
  type FunctionLocation,
} from "../link/code_object.ts";
import { type ModuleTranslation, translateModule } from "../translate/module.ts";
import { readAddressMap, readTraps } from "./address_map.ts";
import { FileType } from "./elf.ts";
import { type ElfFile, type FoundSection, malformed, readElf } from "./elf_reader.ts";
import { readFunctions } from "./function_table.ts";
import { checkInfo, featuresOf, readInfo } from "./info.ts";
import { readModuleSection } from "./module_section.ts";
import { HASH_BYTES, HASH_OFFSET, SectionName } from "./section_names.ts";

/** A linked file, loaded. */
export interface LoadedObject {
  readonly code: CodeObject;
  /** Of the module, in which functions do nothing unless `hasBodies` is set. */
  readonly translation: ModuleTranslation;
  /** Whether the module's functions are what the code was compiled from. */
  readonly hasBodies: boolean;
  /** Optimisation level of the code. */
  readonly level: 0 | 1;
}

/**
 * The target triple that a linked file is for.
 * @throws CompileError when it is not a linked file of ours
 */
export function tripleOfObject(bytes: Uint8Array): string {
  const file = readElf(bytes);
  const triple = readInfo(sectionOf(file, SectionName.info).bytes).get("triple");
  if (triple === undefined) throw malformed("it does not say for which target it is");
  return triple;
}

/** How an object is read. */
export interface ReadOptions {
  /** Takes relocatable files as well, to show them: they have no hash and are not run. */
  readonly acceptsRelocatable?: boolean;
  /** The module, for a file without it; it must be the one that the file was made from. */
  readonly module?: { readonly bytes: Uint8Array; readonly hash: string };
  /**
   * Who asks knows that this very compiler wrote the file, as the key of a cache says: that both agree
   * on the ABI is not checked once more.
   */
  readonly isOwn?: boolean;
}

/**
 * Loads a linked file.
 * @throws CompileError for a file that is not whole, or not for this version and target
 */
export async function readObject(
  bytes: Uint8Array,
  isa: RuntimeIsa,
  options: ReadOptions = {},
): Promise<LoadedObject> {
  const file = readElf(bytes);
  const info = readInfo(sectionOf(file, SectionName.info).bytes);
  const isRelocatable = file.type === FileType.relocatable;
  if (isRelocatable && !options.acceptsRelocatable) {
    throw malformed("it is relocatable (made for a linker); compile to another name than .o");
  }
  if (!isRelocatable) {
    if (file.type !== FileType.dynamic) throw malformed(`its ELF type is ${file.type}`, 16);
    await checkHash(bytes, sectionOf(file, SectionName.hash));
  }
  await checkInfo(info, isa, options);
  if (file.machine !== isa.object?.machine) {
    throw malformed(`its ELF machine is ${file.machine}, not that of ${isa.triple}`, 18);
  }
  try {
    const translation = translateModule(
      options.module === undefined
        ? readModuleSection(bytesOf(file, SectionName.module))
        : checkModule(options.module, info.get("module")),
    );
    return {
      translation,
      code: readCode(file, translation, isa.withFeatures(featuresOf(info, isa))),
      hasBodies: info.get("bodies") === "kept",
      level: info.get("optimize") === "0" ? 0 : 1,
    };
  } catch (error) {
    if (error instanceof Unsupported) throw malformed(`its module is refused: ${error.message}`);
    if (!(error instanceof CompileError) || error.message.startsWith(PREFIX)) throw error;
    throw malformed(`a table of it is malformed: ${error.message}`);
  }
}

const PREFIX = malformed("").message;

function checkModule(
  module: { readonly bytes: Uint8Array; readonly hash: string },
  stated: string | undefined,
): Uint8Array {
  if (stated !== `sha256 ${module.hash}`) throw malformed("it was made from another module");
  return module.bytes;
}

async function checkHash(
  bytes: Uint8Array,
  { offset, bytes: note }: FoundSection,
): Promise<void> {
  if (note.length !== HASH_OFFSET + HASH_BYTES) throw malformed("it has no hash", offset);
  const at = offset + HASH_OFFSET;
  // The hash is that of the file in which it is zero.
  const hashed = bytes.slice();
  hashed.fill(0, at, at + HASH_BYTES);
  const actual = await sha256(hashed);
  if (actual.some((byte, n) => byte !== bytes[at + n])) {
    throw malformed("it is damaged: its content does not have the hash that it states");
  }
}

function readCode(file: ElfFile, translation: ModuleTranslation, isa: RuntimeIsa): CodeObject {
  const text = bytesOf(file, SectionName.text).slice();
  const symbols = readFunctions(bytesOf(file, SectionName.functions), {
    translation,
    text: text.length,
    relocationKinds: isa.relocations.length,
  });
  const traps = readTraps(bytesOf(file, SectionName.traps), text.length);
  const addresses = readAddressMap(
    bytesOf(file, SectionName.addressMap),
    isa.object?.codeUnit ?? 1,
    { text: text.length, module: translation.module.bytes.length },
  );
  return new CodeObject({
    target: isa.name,
    triple: isa.triple,
    featureBits: isa.featureBits,
    text,
    symbols,
    ...indexSymbols(symbols, translation),
    trapOffsets: traps.offsets,
    traps: traps.kinds,
    addressOffsets: addresses.offsets,
    addressLocations: addresses.values,
  });
}

/** Where functions and trampolines stand; `readFunctions` has checked that none is missing. */
function indexSymbols(
  symbols: readonly CodeSymbol[],
  { functionBodies }: ModuleTranslation,
): {
  functions: CompiledFunctionInfo[];
  wasmToArrayTrampolines: Map<number, FunctionLocation>;
} {
  const locations = new Map(symbols.map(({ key, location }) => [nameOf(key), location]));
  const functions = functionBodies.map(({ index, start }): CompiledFunctionInfo => {
    const entry = locations.get(nameOf({ kind: CompileKind.arrayToWasmTrampoline, index }));
    return {
      wasmFuncLoc: locations.get(
        nameOf({ kind: CompileKind.wasmFunction, index }),
      ) as FunctionLocation,
      ...(entry && { arrayToWasmTrampoline: entry }),
      startWasmOffset: start,
    };
  });
  const wasmToArrayTrampolines = new Map<number, FunctionLocation>();
  for (const { key, location } of symbols) {
    if (key.kind === CompileKind.wasmToArrayTrampoline) {
      wasmToArrayTrampolines.set(key.index, location);
    }
  }
  return { functions, wasmToArrayTrampolines };
}

function nameOf({ kind, index }: CompileKey): string {
  return `${kind}:${index}`;
}

function sectionOf(file: ElfFile, name: string): FoundSection {
  const section = file.sections.get(name);
  if (section === undefined) {
    throw malformed(
      name === SectionName.info
        ? "it is an ELF file that Trapline did not make"
        : `${name} is missing`,
    );
  }
  return section;
}

function bytesOf(file: ElfFile, name: string): Uint8Array {
  return sectionOf(file, name).bytes;
}
