/**
 * WebAssembly values as JavaScript sees them, and how they stand in the 16-byte slots of the array
 * calling convention and of globals (little-endian, low bytes first, the rest unspecified).
 *
 * | wasm | JavaScript |
 * |---|---|
 * | i32 | number, signed |
 * | i64 | bigint, signed |
 * | f32, f64 | number |
 * | v128 | `Uint8Array` of 16 bytes |
 * | funcref | `Func` or null |
 * | externref | anything; null is the null reference |
 *
 * @module
 */
import { HeapType, heapTypeOf, ValueType, valueTypeName } from "../wasm/types.ts";
import type { GuestRecord } from "./arena.ts";

/** A value that is passed to or comes from wasm. */
// deno-lint-ignore no-explicit-any -- an externref holds whatever the host put there
export type WasmValue = any;

/** How references are turned into the 64-bit numbers that compiled code handles. */
export interface ReferenceTable {
  /** The bits of a reference: 0 for null. */
  toBits(type: ValueType, value: WasmValue): bigint;
  /** The reference with these bits. */
  fromBits(type: ValueType, bits: bigint): WasmValue;
}

/**
 * Writes a value to the slot at `at` of a record.
 * @throws TypeError when the value is not of the type
 */
export function writeValue(
  record: GuestRecord,
  at: number,
  type: ValueType,
  value: WasmValue,
  references: ReferenceTable,
): void {
  const { view } = record, position = record.offset + at;
  switch (type) {
    case ValueType.i32:
      view.setInt32(position, Number(value) | 0, true);
      break;
    case ValueType.i64:
      view.setBigInt64(position, BigInt.asIntN(64, BigInt(value)), true);
      break;
    case ValueType.f32:
      view.setFloat32(position, Number(value), true);
      break;
    case ValueType.f64:
      view.setFloat64(position, Number(value), true);
      break;
    case ValueType.v128:
      writeVector(record, at, value);
      break;
    default:
      record.setU64(at, references.toBits(type, value));
  }
}

function writeVector(record: GuestRecord, at: number, value: WasmValue): void {
  if (!(value instanceof Uint8Array) || value.length !== 16) {
    throw new TypeError("Cannot pass v128: a Uint8Array of 16 bytes is needed");
  }
  const { view } = record;
  new Uint8Array(view.buffer, view.byteOffset + record.offset + at, 16).set(value);
}

/** Reads a value from the slot at `at` of a record. */
export function readValue(
  record: GuestRecord,
  at: number,
  type: ValueType,
  references: ReferenceTable,
): WasmValue {
  const { view } = record, position = record.offset + at;
  switch (type) {
    case ValueType.i32:
      return view.getInt32(position, true);
    case ValueType.i64:
      return view.getBigInt64(position, true);
    case ValueType.f32:
      return view.getFloat32(position, true);
    case ValueType.f64:
      return view.getFloat64(position, true);
    case ValueType.v128:
      return new Uint8Array(view.buffer, view.byteOffset + position, 16).slice();
    default:
      return references.fromBits(type, record.getU64(at));
  }
}

/** The zero or null of a type. */
export function defaultValue(type: ValueType): WasmValue {
  switch (type) {
    case ValueType.i32:
    case ValueType.f32:
    case ValueType.f64:
      return 0;
    case ValueType.i64:
      return 0n;
    case ValueType.v128:
      return new Uint8Array(16);
    default:
      return null;
  }
}

/** Whether references of this type are functions. */
export function isFunctionReference(type: ValueType): boolean {
  const heap = heapTypeOf(type);
  return heap === HeapType.func || heap === HeapType.nofunc || heap >= 0x80;
}

/** `(i32, i64) -> (f32)`. */
export function describeFunctionType(
  type: { readonly params: readonly ValueType[]; readonly results: readonly ValueType[] },
): string {
  const list = (types: readonly ValueType[]): string => `(${types.map(valueTypeName).join(", ")})`;
  return `${list(type.params)} -> ${list(type.results)}`;
}
