/**
 * WebAssembly values as text: as people write them on a command line, and as results are shown.
 *
 * @module
 */
import { ValueType, valueTypeName } from "../wasm/types.ts";
import type { WasmValue } from "./values.ts";

/**
 * The value that a text stands for: integers in decimal or hexadecimal, signed or not; floats as
 * JavaScript reads them, `inf` and `nan`; vectors as up to 32 hexadecimal digits; `null`.
 * @throws RangeError when it is not a value of the type
 */
export function parseValue(type: ValueType, text: string): WasmValue {
  const wrong = (): never => {
    throw new RangeError(`"${text}" is not a value of type ${valueTypeName(type)}`);
  };
  switch (type) {
    case ValueType.i32:
    case ValueType.i64: {
      if (!/^[+-]?(0x[0-9a-f]+|[0-9]+)$/i.test(text)) return wrong();
      const magnitude = BigInt(text.replace(/^[+-]/, ""));
      const value = text.startsWith("-") ? -magnitude : magnitude;
      const bits = type === ValueType.i32 ? 32 : 64;
      if (value >= 1n << BigInt(bits) || value < -(1n << BigInt(bits - 1))) return wrong();
      return bits === 32 ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
    }
    case ValueType.f32:
    case ValueType.f64: {
      const value = /^[+-]?inf(inity)?$/i.test(text)
        ? (text.startsWith("-") ? -Infinity : Infinity)
        : Number(text);
      if (text.trim() === "" || (Number.isNaN(value) && !/^[+-]?nan$/i.test(text))) return wrong();
      return value;
    }
    case ValueType.v128: {
      if (!/^0x[0-9a-f]{1,32}$/i.test(text)) return wrong();
      const digits = text.slice(2).padStart(32, "0");
      return Uint8Array.from(
        { length: 16 },
        (_, k) => parseInt(digits.slice(30 - 2 * k, 32 - 2 * k), 16),
      );
    }
    default:
      return text === "null" ? null : wrong();
  }
}

/** A value as text: what {@linkcode parseValue} reads, but for references that are not null. */
export function formatValue(type: ValueType, value: WasmValue): string {
  if (type === ValueType.f32 || type === ValueType.f64) {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (value === null) return "null";
  if (type === ValueType.v128) {
    const bytes = [...value as Uint8Array].reverse();
    return `0x${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  }
  return type === ValueType.i32 || type === ValueType.i64 ? `${value}` : "reference";
}
