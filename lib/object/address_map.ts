/**
 * The sections `.trapline.addrmap` and `.trapline.traps`: sorted tables by text offset, as steps
 * from one entry to the next.
 *
 * An entry of the address map is most often one byte: `(code step - 1) * 13 + wasm step`, where the
 * code step counts instruction units (1 byte on x86-64, 2 on RISC-V, 4 on AArch64) from 1 to 18 and
 * the wasm step goes from 0 to 12. Any other entry is the byte 255, the code step in units as ULEB128
 * and the wasm step as SLEB128.
 *
 * A trap is ULEB128 of `step * 2`, plus 1 where its kind is that of the trap before; else the kind
 * follows as a byte.
 *
 * @module
 */
import { assert } from "../base/errors.ts";
import { trapKindNames } from "../base/trap_kind.ts";
import { Reader } from "../wasm/reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { malformed } from "./elf_reader.ts";

const WASM_STEPS = 13, CODE_STEPS = 18, ESCAPE = 255;

/** Two columns: strictly ascending text offsets, and a value each. */
export interface OffsetTable {
  readonly offsets: Uint32Array;
  readonly values: Uint32Array;
}

/** Writes the address map; `unit` divides every offset. */
export function writeAddressMap({ offsets, values }: OffsetTable, unit: number): Uint8Array {
  const out = new ByteWriter();
  out.uleb(offsets.length);
  let offset = 0, value = 0;
  for (let i = 0; i < offsets.length; i++) {
    const step = ((offsets[i] as number) - offset) / unit;
    assert(Number.isInteger(step), () => `address map entry at ${offsets[i]} is not aligned`);
    const wasmStep = (values[i] as number) - value;
    if (step >= 1 && step <= CODE_STEPS && wasmStep >= 0 && wasmStep < WASM_STEPS) {
      out.u8((step - 1) * WASM_STEPS + wasmStep);
    } else {
      out.u8(ESCAPE);
      out.uleb(step);
      out.sleb(wasmStep);
    }
    offset = offsets[i] as number;
    value = values[i] as number;
  }
  return out.finish();
}

/** @throws CompileError when entries are malformed, or not ascending within `limits.text` */
export function readAddressMap(
  bytes: Uint8Array,
  unit: number,
  limits: { readonly text: number; readonly module: number },
): OffsetTable {
  const reader = new Reader(bytes);
  const count = readCount(reader);
  const offsets = new Uint32Array(count), values = new Uint32Array(count);
  let offset = 0, value = 0;
  for (let i = 0; i < count; i++) {
    const byte = reader.readByte();
    const isEscape = byte === ESCAPE;
    const step = isEscape ? reader.readU32() : Math.floor(byte / WASM_STEPS) + 1;
    offset += step * unit;
    value += isEscape ? reader.readS32() : byte % WASM_STEPS;
    if (offset >= limits.text || (step === 0 && i > 0)) {
      throw malformed("an entry of its address map is out of place");
    }
    if (value < 0 || value > limits.module) {
      throw malformed("an entry of its address map is outside the module");
    }
    offsets[i] = offset;
    values[i] = value;
  }
  if (!reader.atEnd) throw malformed("its address map is too long");
  return { offsets, values };
}

/** Writes the trap table. */
export function writeTraps(offsets: Uint32Array, kinds: Uint8Array): Uint8Array {
  const out = new ByteWriter();
  out.uleb(offsets.length);
  let offset = 0, last = -1;
  for (let i = 0; i < offsets.length; i++) {
    const kind = kinds[i] as number;
    out.uleb(((offsets[i] as number) - offset) * 2 + (kind === last ? 1 : 0));
    if (kind !== last) out.u8(kind);
    offset = offsets[i] as number;
    last = kind;
  }
  return out.finish();
}

/** @throws CompileError when entries are malformed, or not ascending within the text */
export function readTraps(
  bytes: Uint8Array,
  textLength: number,
): { readonly offsets: Uint32Array; readonly kinds: Uint8Array } {
  const reader = new Reader(bytes);
  const count = readCount(reader);
  const offsets = new Uint32Array(count), kinds = new Uint8Array(count);
  let offset = 0, kind = trapKindNames.length;
  for (let i = 0; i < count; i++) {
    const entry = reader.readU32();
    offset += entry >>> 1;
    if ((entry & 1) === 0) kind = reader.readByte();
    if (offset >= textLength || (entry >>> 1 === 0 && i > 0) || kind >= trapKindNames.length) {
      throw malformed("an entry of its trap table is out of place");
    }
    offsets[i] = offset;
    kinds[i] = kind;
  }
  if (!reader.atEnd) throw malformed("its trap table is too long");
  return { offsets, kinds };
}

/** How many entries follow: each takes a byte at least. */
export function readCount(reader: Reader): number {
  const count = reader.readU32();
  if (count > reader.end - reader.position) throw malformed("a table is longer than its section");
  return count;
}
