/**
 * The types of the binary format, by the spec's names, and how they are read. Everything of
 * WebAssembly 3.0 is read as data; what is supported is decided by `lib/translate`.
 *
 * A value type or heap type is one small integer, equal exactly when the types are equal (within one
 * module). A heap type below 0x80 is the code byte of an abstract heap type; above, it is 0x80 plus a
 * type index. A value type below 0x80 is its code byte, where a nullable reference to an abstract
 * heap type is that heap type; the other references are `heapType << 8` with 0x63 (nullable) or 0x64.
 *
 * @module
 */
import type { Handle } from "../base/handle.ts";
import type { Feature } from "./opcode_group.ts";
import type { Reader } from "./reader.ts";

/** What a reference refers to; see the module's comment for the encoding. */
export type HeapType = Handle<"heap type">;
/** The type of a value; see the module's comment for the encoding. */
export type ValueType = Handle<"value type">;

const abstractHeapTypes: Readonly<Record<HeapTypeName, number>> = {
  noexn: 0x74,
  nofunc: 0x73,
  noextern: 0x72,
  none: 0x71,
  func: 0x70,
  extern: 0x6f,
  any: 0x6e,
  eq: 0x6d,
  i31: 0x6c,
  struct: 0x6b,
  array: 0x6a,
  exn: 0x69,
};
/** The name of an abstract heap type. */
export type HeapTypeName =
  | "noexn"
  | "nofunc"
  | "noextern"
  | "none"
  | "func"
  | "extern"
  | "any"
  | "eq"
  | "i31"
  | "struct"
  | "array"
  | "exn";
/** The abstract heap types, by name. */
export const HeapType: Readonly<Record<HeapTypeName, HeapType>> =
  abstractHeapTypes as unknown as Record<HeapTypeName, HeapType>;

const valueTypes: Readonly<Record<ValueTypeName, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
};
/** The name of a number type, the vector type, or a reference type of WebAssembly 2.0. */
export type ValueTypeName = "i32" | "i64" | "f32" | "f64" | "v128" | "funcref" | "externref";
/** Number, vector and common reference types, by name: `ValueType.i32`. */
export const ValueType: Readonly<Record<ValueTypeName, ValueType>> =
  valueTypes as unknown as Record<ValueTypeName, ValueType>;

const REF_NULL = 0x63;
const REF = 0x64;

/** The reference type of a heap type. */
export function referenceType(heap: HeapType, nullable: boolean): ValueType {
  if (nullable && heap < 0x80) return heap as number as ValueType;
  return (heap << 8 | (nullable ? REF_NULL : REF)) as ValueType;
}

/** Whether values of this type are references. */
export function isReference(type: ValueType): boolean {
  return type < valueTypes.v128 || type > 0x7f;
}

/** Whether references of this type may be null. */
export function isNullable(type: ValueType): boolean {
  return (type & 0xff) !== REF;
}

/** What references of this type refer to. */
export function heapTypeOf(type: ValueType): HeapType {
  return (type < 0x80 ? type : type >> 8) as HeapType;
}

/** The type index a heap type names, -1 for an abstract one. */
export function heapTypeIndex(heap: HeapType): number {
  return heap < 0x80 ? -1 : heap - 0x80;
}

/** The heap type that a type index stands for. */
export function concreteHeapType(index: number): HeapType {
  return (index + 0x80) as HeapType;
}

function heapTypeName(heap: HeapType): string {
  if (heap >= 0x80) return `${heap - 0x80}`;
  for (const [name, code] of Object.entries(abstractHeapTypes)) {
    if (code === (heap as number)) return name;
  }
  return `0x${heap.toString(16)}`;
}

/** The text of a value type, as the text format writes it. */
export function valueTypeName(type: ValueType): string {
  for (const [name, code] of Object.entries(valueTypes)) {
    if (code === (type as number)) return name;
  }
  return `(ref ${isNullable(type) ? "null " : ""}${heapTypeName(heapTypeOf(type))})`;
}

/** The feature that a value type needs beyond WebAssembly 2.0, if any. */
export function valueTypeFeature(type: ValueType): Feature | undefined {
  if (!isReference(type)) return undefined;
  switch (heapTypeOf(type)) {
    case HeapType.func:
    case HeapType.extern:
      return isNullable(type) ? undefined : "typed-function-references";
    case HeapType.exn:
    case HeapType.noexn:
      return "exceptions";
    default:
      return heapTypeOf(type) >= 0x80 ? "typed-function-references" : "gc";
  }
}

/** What a function takes and returns. */
export interface FunctionType {
  /** What kind of type it is. */
  readonly kind: "function";
  /** The types of its parameters. */
  readonly params: readonly ValueType[];
  /** The types of its results. */
  readonly results: readonly ValueType[];
}

/** A field of a struct, or the elements of an array. */
export interface FieldType {
  /** The type of the value, where it is packed that of its unpacked form (i32). */
  readonly type: ValueType;
  /** Bits of a packed field, 0 where it is not packed. */
  readonly packed: 0 | 8 | 16;
  /** Whether it can be written. */
  readonly mutable: boolean;
}

/** A struct of the gc proposal. */
export interface StructType {
  /** What kind of type it is. */
  readonly kind: "struct";
  /** Its fields. */
  readonly fields: readonly FieldType[];
}

/** An array of the gc proposal. */
export interface ArrayType {
  /** What kind of type it is. */
  readonly kind: "array";
  /** Its elements. */
  readonly element: FieldType;
}

/** A function, struct or array type. */
export type CompositeType = FunctionType | StructType | ArrayType;

/** A type of the type section. */
export interface SubType {
  /** Whether no type can be a subtype of it. */
  readonly final: boolean;
  /** Type indices. */
  readonly supertypes: readonly number[];
  /** The type itself. */
  readonly composite: CompositeType;
  /** Byte offset in the module. */
  readonly offset: number;
}

/** The size of a table or memory: elements or pages. */
export interface Limits {
  /** The initial size. */
  readonly minimum: number;
  /** Undefined where growth is not limited. Above 2^53 it is rounded. */
  readonly maximum: number | undefined;
}

/** The type of a table. */
export interface TableType {
  /** The type of its elements, a reference. */
  readonly element: ValueType;
  /** Its size in elements. */
  readonly limits: Limits;
  /** Whether indices are i64. */
  readonly index64: boolean;
  /** Whether threads can share it. */
  readonly shared: boolean;
}

/** The type of a memory. */
export interface MemoryType {
  /** In pages of `2 ** pageSizeLog2` bytes. */
  readonly limits: Limits;
  /** Whether addresses are i64. */
  readonly index64: boolean;
  /** Whether threads can share it. */
  readonly shared: boolean;
  /** 16 unless the module uses custom page sizes. */
  readonly pageSizeLog2: number;
}

/** The type of a global. */
export interface GlobalType {
  /** The type of its value. */
  readonly type: ValueType;
  /** Whether it can be written. */
  readonly mutable: boolean;
}

/** The type of an exception tag. */
export interface TagType {
  /** The function type whose parameters the tag carries. */
  readonly typeIndex: number;
}

/** The kinds of import and export, by their code. */
export const externalKinds = ["function", "table", "memory", "global", "tag"] as const;
/** A kind of import or export. */
export type ExternalKind = typeof externalKinds[number];

/** The type of an import. */
export type ExternalType =
  | { readonly kind: "function"; readonly typeIndex: number }
  | { readonly kind: "table"; readonly type: TableType }
  | { readonly kind: "memory"; readonly type: MemoryType }
  | { readonly kind: "global"; readonly type: GlobalType }
  | { readonly kind: "tag"; readonly type: TagType };

/** Reads a heap type. */
export function readHeapType(reader: Reader): HeapType {
  const start = reader.position;
  const code = reader.readS33();
  if (code >= 0) return concreteHeapType(code);
  const heap = (code & 0x7f) as HeapType;
  if (code < -0x40 || heap < HeapType.exn || heap > HeapType.noexn) {
    reader.fail("malformed heap type", start);
  }
  return heap;
}

/** Reads a value type. */
export function readValueType(reader: Reader): ValueType {
  const start = reader.position;
  const code = reader.readByte();
  if (code >= valueTypes.v128 && code <= 0x7f) return code as ValueType;
  if (code >= HeapType.exn && code <= HeapType.noexn) return code as ValueType;
  if (code !== REF && code !== REF_NULL) reader.fail("malformed value type", start);
  return referenceType(readHeapType(reader), code === REF_NULL);
}

function readValueTypes(reader: Reader): ValueType[] {
  const types: ValueType[] = [];
  for (let count = reader.readU32(); count > 0; count--) types.push(readValueType(reader));
  return types;
}

function readFieldType(reader: Reader): FieldType {
  const code = reader.peekByte();
  const packed = code === 0x78 ? 8 : code === 0x77 ? 16 : 0;
  if (packed !== 0) reader.skip(1);
  const type = packed !== 0 ? ValueType.i32 : readValueType(reader);
  return { type, packed, mutable: readFlag(reader) };
}

function readFlag(reader: Reader): boolean {
  const byte = reader.readByte();
  if (byte > 1) reader.fail("malformed mutability", reader.position - 1);
  return byte === 1;
}

function readCompositeType(reader: Reader): CompositeType {
  const start = reader.position;
  switch (reader.readByte()) {
    case 0x60:
      return {
        kind: "function",
        params: readValueTypes(reader),
        results: readValueTypes(reader),
      };
    case 0x5f: {
      const fields: FieldType[] = [];
      for (let count = reader.readU32(); count > 0; count--) fields.push(readFieldType(reader));
      return { kind: "struct", fields };
    }
    case 0x5e:
      return { kind: "array", element: readFieldType(reader) };
    default:
      return reader.fail("malformed composite type", start);
  }
}

function readSubType(reader: Reader): SubType {
  const offset = reader.position;
  const code = reader.peekByte();
  if (code !== 0x50 && code !== 0x4f) {
    return { final: true, supertypes: [], composite: readCompositeType(reader), offset };
  }
  reader.skip(1);
  const supertypes: number[] = [];
  for (let count = reader.readU32(); count > 0; count--) supertypes.push(reader.readU32());
  return { final: code === 0x4f, supertypes, composite: readCompositeType(reader), offset };
}

/** Reads an entry of the type section: a recursion group, most often of one type. */
export function readRecursionGroup(reader: Reader): SubType[] {
  if (reader.peekByte() !== 0x4e) return [readSubType(reader)];
  reader.skip(1);
  const types: SubType[] = [];
  for (let count = reader.readU32(); count > 0; count--) types.push(readSubType(reader));
  return types;
}

function readLimit(reader: Reader): number {
  reader.readU64();
  return (reader.high >>> 0) * 0x1_0000_0000 + (reader.low >>> 0);
}

function readLimits(reader: Reader, hasMaximum: boolean): Limits {
  const minimum = readLimit(reader);
  return { minimum, maximum: hasMaximum ? readLimit(reader) : undefined };
}

/** Reads the type of a table. */
export function readTableType(reader: Reader): TableType {
  const element = readValueType(reader);
  const flags = reader.readByte();
  if (flags > 7) reader.fail("malformed limits flags", reader.position - 1);
  return {
    element,
    limits: readLimits(reader, (flags & 1) !== 0),
    shared: (flags & 2) !== 0,
    index64: (flags & 4) !== 0,
  };
}

/** Reads the type of a memory. */
export function readMemoryType(reader: Reader): MemoryType {
  const flags = reader.readByte();
  if (flags > 15) reader.fail("malformed limits flags", reader.position - 1);
  return {
    limits: readLimits(reader, (flags & 1) !== 0),
    shared: (flags & 2) !== 0,
    index64: (flags & 4) !== 0,
    pageSizeLog2: (flags & 8) !== 0 ? reader.readU32() : 16,
  };
}

/** Reads the type of a global. */
export function readGlobalType(reader: Reader): GlobalType {
  return { type: readValueType(reader), mutable: readFlag(reader) };
}

/** Reads the type of a tag. */
export function readTagType(reader: Reader): TagType {
  if (reader.readByte() !== 0) reader.fail("malformed tag attribute", reader.position - 1);
  return { typeIndex: reader.readU32() };
}

/** Reads the code of an import's or export's kind. */
export function readExternalKind(reader: Reader): ExternalKind {
  const kind = externalKinds[reader.readByte()];
  return kind ?? reader.fail("malformed import or export kind", reader.position - 1);
}

/** Reads an import's kind and type. */
export function readExternalType(reader: Reader): ExternalType {
  const kind = readExternalKind(reader);
  switch (kind) {
    case "function":
      return { kind, typeIndex: reader.readU32() };
    case "table":
      return { kind, type: readTableType(reader) };
    case "memory":
      return { kind, type: readMemoryType(reader) };
    case "global":
      return { kind, type: readGlobalType(reader) };
    case "tag":
      return { kind, type: readTagType(reader) };
  }
}
