/**
 * The symbol table of an object file.
 *
 * Every output has a local symbol by its own name, which relocations refer to: local, so that two
 * modules can be linked into one program. Functions that have a name in the module's name section,
 * shared with no other, have it as a second local symbol: `malloc` must not take the place of a
 * program's own. What a program is to call is global: `wasm_export_NAME`, the function itself with
 * the internal calling convention, and `wasm_array_NAME`, its entry with the array convention.
 *
 * Constants at the end of a function are a symbol of their own, so that disassemblers take them for
 * data. A function's size is that of its instructions.
 *
 * @module
 */
import { CompileKind } from "../compile/compile_key.ts";
import type { CodeObject, CodeSymbol } from "../link/code_object.ts";
import type { ModuleTranslation } from "../translate/module.ts";
import { ByteWriter } from "./byte_writer.ts";
import { Binding, StringTable, SymbolType } from "./elf.ts";

/** Prefixes of the global symbols. */
export const EXPORT_PREFIX = "wasm_export_", ARRAY_PREFIX = "wasm_array_";

interface ElfSymbol {
  readonly name: string;
  readonly type: number;
  /** Offset in the text. */
  readonly value: number;
  readonly size: number;
}

/** What is written of it. */
export interface SymbolTable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly names: Uint8Array<ArrayBuffer>;
  /** How many symbols are local; they come first. */
  readonly locals: number;
  /** The table's index of an output, by its name. */
  readonly indices: ReadonlyMap<string, number>;
}

/**
 * Makes the table.
 */
export function writeSymbols(
  code: CodeObject,
  translation: ModuleTranslation,
  options: {
    /** Numbers of the sections that get a symbol, in the order of their symbols; `.text` first. */
    readonly sections: readonly number[];
    readonly hasMappingSymbols: boolean;
  },
): SymbolTable {
  const [textSection = 1] = options.sections;
  const firstLocal = 1 + options.sections.length;
  const locals: ElfSymbol[] = [];
  const indices = new Map<string, number>();
  const out = new ByteWriter();
  const names = new StringTable();
  const write = (
    binding: number,
    { name, type, value, size }: ElfSymbol,
    section = textSection,
  ): void => {
    out.u32(names.add(name));
    out.u8(binding << 4 | type);
    out.u8(0); // default visibility
    out.u16(section);
    out.u64(value);
    out.u64(size);
  };

  out.u64(0);
  out.u64(0);
  out.u64(0); // the first symbol is none
  for (const section of options.sections) {
    write(Binding.local, { name: "", type: SymbolType.section, value: 0, size: 0 }, section);
  }
  for (const symbol of code.symbols) {
    indices.set(symbol.name, locals.length + firstLocal);
    locals.push(functionSymbol(symbol.name, symbol));
  }
  locals.push(...constantSymbols(code.symbols));
  if (options.hasMappingSymbols) locals.push(...mappingSymbols(code.symbols));
  locals.push(...nameSymbols(code, translation, new Set(locals.map(({ name }) => name))));
  for (const symbol of locals) write(Binding.local, symbol);
  for (const symbol of exportSymbols(code, translation)) write(Binding.global, symbol);
  return { bytes: out.finish(), names: names.bytes, locals: locals.length + firstLocal, indices };
}

function functionSymbol(name: string, { location, instructionBytes }: CodeSymbol): ElfSymbol {
  return { name, type: SymbolType.function, value: location.start, size: instructionBytes };
}

function constantSymbols(symbols: readonly CodeSymbol[]): ElfSymbol[] {
  return symbols.filter(hasConstants).map(({ name, location, instructionBytes }) => ({
    name: `${name}::constants`,
    type: SymbolType.object,
    value: location.start + instructionBytes,
    size: location.length - instructionBytes,
  }));
}

function mappingSymbols(symbols: readonly CodeSymbol[]): ElfSymbol[] {
  const mapping = (name: string, value: number): ElfSymbol => ({
    name,
    type: SymbolType.none,
    value,
    size: 0,
  });
  const marks: ElfSymbol[] = [];
  let isCode = false;
  for (const symbol of symbols) {
    const { start } = symbol.location;
    if (!isCode) marks.push(mapping("$x", start));
    isCode = !hasConstants(symbol);
    if (!isCode) marks.push(mapping("$d", start + symbol.instructionBytes));
  }
  return marks;
}

function hasConstants({ location, instructionBytes }: CodeSymbol): boolean {
  return instructionBytes < location.length;
}

/** Names of the name section that one function has, and nothing else. */
function nameSymbols(
  code: CodeObject,
  { module }: ModuleTranslation,
  taken: ReadonlySet<string>,
): ElfSymbol[] {
  const uses = new Map<string, number>();
  const names = module.names.map("function");
  for (const name of names.values()) uses.set(name, (uses.get(name) ?? 0) + 1);
  const symbols: ElfSymbol[] = [];
  for (const symbol of code.symbols) {
    if (symbol.key.kind !== CompileKind.wasmFunction) continue;
    const name = names.get(symbol.key.index);
    if (name === undefined || uses.get(name) !== 1 || taken.has(name) || !isSymbol(name)) continue;
    symbols.push(functionSymbol(name, symbol));
  }
  return symbols;
}

function exportSymbols(code: CodeObject, { module }: ModuleTranslation): ElfSymbol[] {
  const symbols: ElfSymbol[] = [];
  const outputs = new Map(code.symbols.map((s) => [`${s.key.kind}:${s.key.index}`, s]));
  for (const { name, kind, index } of module.exports) {
    const body = outputs.get(`${CompileKind.wasmFunction}:${index}`);
    const entry = outputs.get(`${CompileKind.arrayToWasmTrampoline}:${index}`);
    if (kind !== "function" || !isSymbol(name) || body === undefined || !entry) continue;
    symbols.push(functionSymbol(EXPORT_PREFIX + name, body));
    symbols.push(functionSymbol(ARRAY_PREFIX + name, entry));
  }
  return symbols;
}

/** Whether a string table can hold a name. */
function isSymbol(name: string): boolean {
  return name !== "" && !name.includes("\0");
}
