/**
 * Translates a module, all but the bodies of its functions: one pass over the sections that turns
 * them into a {@linkcode TranslatedModule}, and finds which functions escape.
 *
 * The bytes were validated before, so the section readers check nothing but what is not supported;
 * every valid module ends in a translation or in {@linkcode Unsupported}.
 *
 * @module
 */
import { Unsupported } from "../base/errors.ts";
import type { Feature } from "../wasm/opcode_group.ts";
import { Reader } from "../wasm/reader.ts";
import {
  type FunctionType,
  HeapType,
  heapTypeOf,
  isReference,
  type MemoryType,
  readExternalKind,
  readExternalType,
  readGlobalType,
  readMemoryType,
  readRecursionGroup,
  readTableType,
  readValueType,
  type SubType,
  type TableType,
  ValueType,
  valueTypeFeature,
  valueTypeName,
} from "../wasm/types.ts";
import { type ConstExpr, functionsOf, readConstExpr } from "./const_expr.ts";
import { ModuleTypes, type TypeId } from "./module_types.ts";
import { Names } from "./names.ts";
import type {
  ByteRange,
  CustomSection,
  DataSegment,
  ElementItems,
  ElementSegment,
  Export,
  FunctionBodyData,
  FunctionDeclaration,
  GlobalDeclaration,
  Import,
  MemoryDeclaration,
  ModuleTranslation,
  SegmentMode,
  TableDeclaration,
  TranslatedModule,
} from "./translated_module.ts";
import { validate } from "./validate.ts";
import { VMContextLayout } from "./vmctx.ts";

export type * from "./translated_module.ts";

/** How a module is translated. */
export interface TranslateOptions {
  /** Where function types are interned, by default a table of the module's own. */
  readonly types?: ModuleTypes;
  /** Somebody has validated it already. */
  readonly isValid?: boolean;
}

/**
 * Validates and translates a module.
 *
 * @param bytes the module; it is kept, and must not change afterwards
 *
 * Throws {@linkcode CompileError} for what is no valid module, {@linkcode Unsupported} for a valid
 * module that declares something that is not supported; both carry the byte offset.
 */
export function translateModule(
  bytes: Uint8Array,
  options: TranslateOptions = {},
): ModuleTranslation {
  if (!options.isValid) validate(bytes);
  return new ModuleTranslator(bytes, options.types ?? new ModuleTypes()).translate();
}

/** The state of one translation: the index spaces, which the sections fill one after the other. */
class ModuleTranslator {
  readonly #reader: Reader;
  readonly #moduleTypes: ModuleTypes;
  readonly #types: FunctionType[] = [];
  readonly #typeIds: TypeId[] = [];
  readonly #imports: Import[] = [];
  /** The type index of each function; the declarations follow when the escaping ones are known. */
  readonly #functionTypes: number[] = [];
  readonly #tables: TableDeclaration[] = [];
  readonly #memories: MemoryDeclaration[] = [];
  readonly #globals: GlobalDeclaration[] = [];
  readonly #exports: Export[] = [];
  readonly #elements: ElementSegment[] = [];
  readonly #data: DataSegment[] = [];
  readonly #customSections: CustomSection[] = [];
  readonly #bodies: FunctionBodyData[] = [];
  readonly #escaping = new Set<number>();
  #importedFunctions = 0;
  #importedTables = 0;
  #importedMemories = 0;
  #importedGlobals = 0;
  #start: number | undefined;
  #codeSection: ByteRange = { start: 0, end: 0 };

  constructor(bytes: Uint8Array, types: ModuleTypes) {
    this.#reader = new Reader(bytes);
    this.#moduleTypes = types;
  }

  translate(): ModuleTranslation {
    const reader = this.#reader;
    const { length } = reader.bytes;
    reader.skip(8); // magic and version
    while (!reader.atEnd) {
      const offset = reader.position;
      const id = reader.readByte();
      const size = reader.readU32();
      const end = reader.position + size;
      reader.reset(reader.position, end);
      this.#readSection(id, offset);
      reader.reset(end, length);
    }
    return this.#finish();
  }

  #readSection(id: number, offset: number): void {
    switch (id) {
      case 0:
        return this.#readCustom();
      case 1:
        return this.#readEach(() => this.#readTypes());
      case 2:
        return this.#readEach(() => this.#readImport());
      case 3:
        return this.#readEach(() => this.#functionTypes.push(this.#reader.readU32()));
      case 4:
        return this.#readEach(() => this.#readTable());
      case 5:
        return this.#readEach(() => this.#readMemory());
      case 6:
        return this.#readEach(() => this.#readGlobal());
      case 7:
        return this.#readEach(() => this.#readExport());
      case 8:
        this.#start = this.#reader.readU32();
        this.#escaping.add(this.#start);
        return;
      case 9:
        return this.#readEach(() => this.#readElements());
      case 10:
        this.#codeSection = { start: this.#reader.position, end: this.#reader.end };
        return this.#readEach(() => this.#readBody());
      case 11:
        return this.#readEach(() => this.#readData());
      case 12: // The data count serves one-pass validators.
        return;
      case 13:
        return this.#readEach(() => unsupported("exceptions", this.#reader.position));
      default:
        throw new Unsupported("unknown-section", offset, `section ${id}`);
    }
  }

  /** Reads a vector of as many entries as the section says. */
  #readEach(readEntry: () => void): void {
    for (let count = this.#reader.readU32(); count > 0; count--) readEntry();
  }

  #readCustom(): void {
    const name = this.#reader.readName();
    this.#customSections.push({ name, start: this.#reader.position, end: this.#reader.end });
  }

  #readTypes(): void {
    const offset = this.#reader.position;
    const group = readRecursionGroup(this.#reader);
    const type = group[0] as SubType;
    if (group.length !== 1) throw new Unsupported("gc", offset, "recursion group");
    if (!type.final || type.supertypes.length > 0) {
      throw new Unsupported("gc", type.offset, "subtyping");
    }
    const { composite } = type;
    if (composite.kind !== "function") throw new Unsupported("gc", type.offset, composite.kind);
    for (const param of composite.params) checkValueType(param, type.offset);
    for (const result of composite.results) checkValueType(result, type.offset);
    this.#types.push(composite);
    this.#typeIds.push(this.#moduleTypes.intern(composite));
  }

  #readImport(): void {
    const reader = this.#reader;
    const module = reader.readName();
    const name = reader.readName();
    const offset = reader.position;
    const type = readExternalType(reader);
    let index: number;
    switch (type.kind) {
      case "function":
        index = this.#functionTypes.push(type.typeIndex) - 1;
        this.#importedFunctions++;
        break;
      case "table":
        checkTableType(type.type, offset);
        index = this.#tables.push({ type: type.type, imported: true, init: undefined }) - 1;
        this.#importedTables++;
        break;
      case "memory":
        index = this.#addMemory(type.type, { imported: true, offset });
        this.#importedMemories++;
        break;
      case "global":
        checkValueType(type.type.type, offset);
        index = this.#globals.push({ ...type.type, imported: true, init: undefined }) - 1;
        this.#importedGlobals++;
        break;
      case "tag":
        unsupported("exceptions", offset);
    }
    this.#imports.push({ module, name, type, index });
  }

  #readTable(): void {
    const reader = this.#reader;
    const offset = reader.position;
    const hasInit = reader.peekByte() === 0x40;
    if (hasInit) reader.skip(2);
    const type = readTableType(reader);
    checkTableType(type, offset);
    const init = hasInit ? this.#readConstExpr() : undefined;
    this.#tables.push({ type, imported: false, init });
  }

  #readMemory(): void {
    const offset = this.#reader.position;
    this.#addMemory(readMemoryType(this.#reader), { imported: false, offset });
  }

  #addMemory(type: MemoryType, at: { imported: boolean; offset: number }): number {
    if (type.index64) unsupported("memory64", at.offset);
    if (type.shared) unsupported("threads", at.offset);
    if (type.pageSizeLog2 !== 16) unsupported("custom-page-sizes", at.offset);
    return this.#memories.push({ type, imported: at.imported }) - 1;
  }

  #readGlobal(): void {
    const offset = this.#reader.position;
    const type = readGlobalType(this.#reader);
    checkValueType(type.type, offset);
    this.#globals.push({ ...type, imported: false, init: this.#readConstExpr() });
  }

  #readExport(): void {
    const name = this.#reader.readName();
    const kind = readExternalKind(this.#reader);
    const index = this.#reader.readU32();
    if (kind === "function") this.#escaping.add(index);
    this.#exports.push({ name, kind, index });
  }

  /** An element segment. Its flags: 1 not active; 2 declarative or a table; 4 expressions. */
  #readElements(): void {
    const reader = this.#reader;
    const flags = reader.readU32();
    const mode: SegmentMode = (flags & 1) === 0
      ? "active"
      : (flags & 2) === 0
      ? "passive"
      : "declarative";
    const active = mode === "active";
    const table = active && (flags & 2) !== 0 ? reader.readU32() : 0;
    const offset = active ? this.#readConstExpr() : undefined;
    const hasType = (flags & 3) !== 0;
    if ((flags & 4) === 0) {
      if (hasType) reader.skip(1); // the element kind, always functions
      const items = this.#readFunctionIndices();
      this.#elements.push({ mode, table, offset, type: ValueType.funcref, items });
    } else {
      const type = hasType ? this.#readElementType() : ValueType.funcref;
      this.#elements.push({ mode, table, offset, type, items: this.#readExpressions() });
    }
  }

  /** The type of elements; that they cannot be null makes no difference to a segment. */
  #readElementType(): ValueType {
    const offset = this.#reader.position;
    const type = readValueType(this.#reader);
    const heap = heapTypeOf(type);
    if (isReference(type) && heap === HeapType.func) return ValueType.funcref;
    if (isReference(type) && heap === HeapType.extern) return ValueType.externref;
    checkValueType(type, offset);
    return type;
  }

  #readFunctionIndices(): ElementItems {
    const indices = new Uint32Array(this.#reader.readU32());
    for (let n = 0; n < indices.length; n++) {
      const index = this.#reader.readU32();
      indices[n] = index;
      this.#escaping.add(index);
    }
    return { kind: "functions", indices };
  }

  #readExpressions(): ElementItems {
    const expressions: ConstExpr[] = [];
    this.#readEach(() => expressions.push(this.#readConstExpr()));
    return { kind: "expressions", expressions };
  }

  #readConstExpr(): ConstExpr {
    const expr = readConstExpr(this.#reader);
    for (const index of functionsOf(expr)) this.#escaping.add(index);
    return expr;
  }

  #readBody(): void {
    const size = this.#reader.readU32();
    const start = this.#reader.position;
    this.#reader.skip(size);
    const index = this.#importedFunctions + this.#bodies.length;
    this.#bodies.push({ index, start, end: start + size });
  }

  #readData(): void {
    const reader = this.#reader;
    const flags = reader.readU32();
    const memory = flags === 2 ? reader.readU32() : 0;
    const active = flags !== 1;
    const offset = active ? this.#readConstExpr() : undefined;
    const size = reader.readU32();
    const start = reader.position;
    reader.skip(size);
    const mode = active ? "active" : "passive";
    this.#data.push({ mode, memory, offset, start, end: start + size });
  }

  #finish(): ModuleTranslation {
    const { bytes } = this.#reader;
    const escapingFunctions: number[] = [];
    const functions = this.#functionTypes.map((typeIndex, index) =>
      this.#declareFunction(typeIndex, index, escapingFunctions)
    );
    const nameSection = this.#customSections.find(({ name }) => name === "name");
    const module: TranslatedModule = {
      bytes,
      types: this.#types,
      typeIds: this.#typeIds,
      imports: this.#imports,
      functions,
      tables: this.#tables,
      memories: this.#memories,
      globals: this.#globals,
      tags: [],
      importedFunctions: this.#importedFunctions,
      importedTables: this.#importedTables,
      importedMemories: this.#importedMemories,
      importedGlobals: this.#importedGlobals,
      escapingFunctions,
      exports: this.#exports,
      elements: this.#elements,
      data: this.#data,
      start: this.#start,
      customSections: this.#customSections,
      names: new Names(bytes, nameSection?.start ?? 0, nameSection?.end ?? 0),
      layout: new VMContextLayout({
        types: this.#types.length,
        importedFunctions: this.#importedFunctions,
        importedGlobals: this.#importedGlobals,
        memories: this.#memories.length,
        tables: this.#tables.length,
        definedGlobals: this.#globals.length - this.#importedGlobals,
        escapingFunctions: escapingFunctions.length,
      }),
    };
    return {
      module,
      types: this.#moduleTypes,
      functionBodies: this.#bodies,
      codeSection: this.#codeSection,
      debugSections: this.#debugSections(),
    };
  }

  #declareFunction(
    typeIndex: number,
    index: number,
    escapingFunctions: number[],
  ): FunctionDeclaration {
    const typeId = this.#typeIds[typeIndex] as TypeId;
    const imported = index < this.#importedFunctions;
    const escapes = this.#escaping.has(index);
    const escapingIndex = escapes && !imported ? escapingFunctions.push(index) - 1 : -1;
    const signature = this.#moduleTypes.signature(typeId);
    return { typeIndex, typeId, signature, imported, escapes, escapingIndex };
  }

  #debugSections(): ReadonlyMap<string, ByteRange> {
    const sections = new Map<string, ByteRange>();
    for (const { name, start, end } of this.#customSections) {
      if (name.startsWith(".debug_")) sections.set(name, { start, end });
    }
    return sections;
  }
}

function checkValueType(type: ValueType, offset: number): void {
  const feature = valueTypeFeature(type);
  if (feature !== undefined) throw new Unsupported(feature, offset, valueTypeName(type));
}

function checkTableType(type: TableType, offset: number): void {
  checkValueType(type.element, offset);
  if (type.index64) unsupported("memory64", offset);
  if (type.shared) unsupported("threads", offset);
}

function unsupported(feature: Feature, offset: number): never {
  throw new Unsupported(feature, offset);
}
