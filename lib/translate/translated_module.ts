/**
 * What translation knows of a module: plain data, read-only, and independent of any instruction set.
 * Byte ranges are offsets in `TranslatedModule.bytes`, which everything refers to and nothing copies.
 *
 * Every index space lists its imported entities first, then the defined ones.
 *
 * @module
 */
import type { SignatureId } from "../ir/types.ts";
import type {
  ExternalKind,
  ExternalType,
  FunctionType,
  GlobalType,
  MemoryType,
  TableType,
  ValueType,
} from "../wasm/types.ts";
import type { ConstExpr } from "./const_expr.ts";
import type { ModuleTypes, TypeId } from "./module_types.ts";
import type { Names } from "./names.ts";
import type { VMContextLayout } from "./vmctx.ts";

/** A range of the module's bytes. */
export interface ByteRange {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset after the last byte. */
  readonly end: number;
}

/** An import. */
export interface Import {
  /** The first part of its name. */
  readonly module: string;
  /** The second part of its name. */
  readonly name: string;
  /** What the entity must be. */
  readonly type: ExternalType;
  /** The index of the entity, in the index space of its kind. */
  readonly index: number;
}

/** An export. */
export interface Export {
  /** What it is exported as; no two exports share it. */
  readonly name: string;
  /** What is exported. */
  readonly kind: ExternalKind;
  /** The index of the entity, in the index space of its kind. */
  readonly index: number;
}

/** A function, imported or defined. */
export interface FunctionDeclaration {
  /** Index of its type in `TranslatedModule.types`. */
  readonly typeIndex: number;
  /** The type, interned. */
  readonly typeId: TypeId;
  /** Its IR signature: the vmctx, parameters, results. */
  readonly signature: SignatureId;
  /** Whether it is imported. */
  readonly imported: boolean;
  /**
   * Whether a reference to the function can be made or the host can call it: it is exported, the
   * start function, or named by `ref.func` in the module's declarations or by an element segment.
   */
  readonly escapes: boolean;
  /**
   * Position among the *defined* functions that escape: its `VMFuncRef` in the vmctx. -1 for others;
   * the reference of an imported function stands in its `VMFunctionImport`.
   */
  readonly escapingIndex: number;
}

/** A table, imported or defined. */
export interface TableDeclaration {
  /** Elements and size. */
  readonly type: TableType;
  /** Whether it is imported. */
  readonly imported: boolean;
  /** The initial value of all elements, null references where undefined. */
  readonly init: ConstExpr | undefined;
}

/** A memory, imported or defined. */
export interface MemoryDeclaration {
  /** Size and kind of addresses. */
  readonly type: MemoryType;
  /** Whether it is imported. */
  readonly imported: boolean;
}

/** A global, imported or defined. */
export interface GlobalDeclaration extends GlobalType {
  /** Whether it is imported. */
  readonly imported: boolean;
  /** The initial value, undefined where imported. */
  readonly init: ConstExpr | undefined;
}

/** A tag, imported or defined. */
export interface TagDeclaration {
  /** Index of its type in `TranslatedModule.types`. */
  readonly typeIndex: number;
  /** Whether it is imported. */
  readonly imported: boolean;
}

/** When a segment is used: at instantiation, by instructions, or only to declare references. */
export type SegmentMode = "active" | "passive" | "declarative";

/** What an element segment holds: indices of functions, or expressions. */
export type ElementItems =
  | { readonly kind: "functions"; readonly indices: Uint32Array }
  | { readonly kind: "expressions"; readonly expressions: readonly ConstExpr[] };

/** An element segment. */
export interface ElementSegment {
  /** When it is used. */
  readonly mode: SegmentMode;
  /** The table of an active segment, else 0. */
  readonly table: number;
  /** Where an active segment goes. */
  readonly offset: ConstExpr | undefined;
  /** The type of its references, as if all could be null. */
  readonly type: ValueType;
  /** The references. */
  readonly items: ElementItems;
}

/** A data segment. */
export interface DataSegment extends ByteRange {
  /** When it is used. */
  readonly mode: "active" | "passive";
  /** The memory of an active segment, else 0. */
  readonly memory: number;
  /** Where an active segment goes. */
  readonly offset: ConstExpr | undefined;
}

/** A custom section; the range is its content, without its name. */
export interface CustomSection extends ByteRange {
  /** Its name; several can share one. */
  readonly name: string;
}

/** Where the body of a defined function is: its locals and code, without the size before them. */
export interface FunctionBodyData extends ByteRange {
  /** Index of the function in the module. */
  readonly index: number;
}

/** Everything about a module but the bodies of its functions. */
export interface TranslatedModule {
  /** The whole module. */
  readonly bytes: Uint8Array;
  /** The type section. */
  readonly types: readonly FunctionType[];
  /** The interned types, in step with `types`. */
  readonly typeIds: readonly TypeId[];
  /** The imports, in order. */
  readonly imports: readonly Import[];
  /** All functions. */
  readonly functions: readonly FunctionDeclaration[];
  /** All tables. */
  readonly tables: readonly TableDeclaration[];
  /** All memories. */
  readonly memories: readonly MemoryDeclaration[];
  /** All globals. */
  readonly globals: readonly GlobalDeclaration[];
  /** All tags; empty while exceptions are not supported. */
  readonly tags: readonly TagDeclaration[];
  /** How many functions are imported: the index of the first defined one. */
  readonly importedFunctions: number;
  /** How many tables are imported. */
  readonly importedTables: number;
  /** How many memories are imported. */
  readonly importedMemories: number;
  /** How many globals are imported. */
  readonly importedGlobals: number;
  /** Indices of the defined functions that escape, by `escapingIndex`. */
  readonly escapingFunctions: readonly number[];
  /** The exports, in order. */
  readonly exports: readonly Export[];
  /** The element segments. */
  readonly elements: readonly ElementSegment[];
  /** The data segments. */
  readonly data: readonly DataSegment[];
  /** Index of the function that instantiation calls. */
  readonly start: number | undefined;
  /** All custom sections, in order. */
  readonly customSections: readonly CustomSection[];
  /** Names for people. */
  /** @internal */
  readonly names: Names;
  /**
   * Where everything stands in the vmctx of an instance.
   * @internal
   */
  readonly layout: VMContextLayout;
}

/** What `translateModule` gives. */
export interface ModuleTranslation {
  /** The module. */
  readonly module: TranslatedModule;
  /** The interned function types and their IR signatures. */
  readonly types: ModuleTypes;
  /** The bodies of the defined functions, in order. */
  readonly functionBodies: readonly FunctionBodyData[];
  /** The content of the code section, which DWARF's code offsets are relative to; empty if none. */
  readonly codeSection: ByteRange;
  /** The custom sections that hold DWARF, by name (`.debug_info`). */
  readonly debugSections: ReadonlyMap<string, ByteRange>;
}
