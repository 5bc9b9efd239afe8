/**
 * Validation. V8, which runs this program, is the validator: a module that it accepts is valid, and
 * the translator trusts its types from then on. The reason why V8 rejects a module becomes a
 * {@linkcode CompileError} with the byte offset.
 *
 * @module
 */
import { CompileError, Unsupported } from "../base/errors.ts";
import type { Feature } from "../wasm/opcode_group.ts";
import { Reader } from "../wasm/reader.ts";
import { readMemoryType } from "../wasm/types.ts";

/** Features that V8 has, but only behind the flag that its message names. */
const flaggedFeatures: readonly (readonly [RegExp, Feature])[] = [
  [/--experimental-wasm-wide[-_]arithmetic/, "wide-arithmetic"],
  [/--experimental-wasm-shared/, "threads"],
];

/**
 * Checks that `bytes` are a valid module.
 *
 * Throws {@linkcode CompileError} where they are not, and {@linkcode Unsupported} where the module
 * uses a feature that nobody can validate here.
 */
export function validate(bytes: Uint8Array): void {
  checkHeader(bytes);
  // A view of a shared buffer is not accepted; the cast says that this is none.
  const source = bytes as Uint8Array<ArrayBuffer>;
  if (WebAssembly.validate(source)) return;
  const message = rejection(source);
  const found = /\s*@\+(\d+)$/.exec(message);
  const offset = found === null ? -1 : Number(found[1]);
  const reason = message.slice(0, found?.index).replace(/^WebAssembly\.Module\(\): /, "");
  for (const [pattern, feature] of flaggedFeatures) {
    if (pattern.test(reason)) throw new Unsupported(feature, offset);
  }
  if (exceedsOnlyLimitOfValidator(reason)) throw new Unsupported("memory64", offset);
  if (reason.startsWith("invalid memory limits flags") && hasCustomPageSize(bytes, offset)) {
    throw new Unsupported("custom-page-sizes", offset);
  }
  throw invalid(reason, offset);
}

/** The most pages of a 32-bit memory, and of a 64-bit one. */
const MOST_PAGES_32 = 65536n;
const MOST_PAGES_64 = 1n << 48n;

/**
 * Whether V8 rejects a 64-bit memory that is valid, but larger than what V8 implements. For a 32-bit
 * memory its limit is that of the specification.
 */
function exceedsOnlyLimitOfValidator(reason: string): boolean {
  const found = /memory size \((\d+) pages\) is larger than implementation limit \((\d+) pages\)/
    .exec(reason);
  if (found === null) return false;
  const [pages, limit] = [BigInt(found[1] as string), BigInt(found[2] as string)];
  return limit > MOST_PAGES_32 && pages <= MOST_PAGES_64;
}

/**
 * Whether a valid memory type with a custom page size stands at `offset`. V8 does not know them, and
 * takes them for malformed.
 */
function hasCustomPageSize(bytes: Uint8Array, offset: number): boolean {
  try {
    const { limits, pageSizeLog2, index64 } = readMemoryType(new Reader(bytes, offset));
    const addressBits = index64 ? 64 : 32;
    const largest = pageSizeLog2 === 0 ? 2 ** addressBits - 1 : 2 ** (addressBits - pageSizeLog2);
    const { minimum, maximum = largest } = limits;
    return (pageSizeLog2 === 0 || pageSizeLog2 === 16) && (bytes[offset] as number) >= 8 &&
      minimum <= maximum && maximum <= largest;
  } catch (error) {
    if (error instanceof CompileError) return false;
    throw error;
  }
}

/** What V8 says of a module that it rejects. */
function rejection(source: Uint8Array<ArrayBuffer>): string {
  try {
    new WebAssembly.Module(source);
  } catch (error) {
    return (error as Error).message;
  }
  return "the module is not valid";
}

/** Says what it is when the bytes are something else altogether. */
function checkHeader(bytes: Uint8Array): void {
  if (bytes.length === 0) throw invalid("it is empty", 0);
  const magic = [0x00, 0x61, 0x73, 0x6d];
  if (magic.some((byte, n) => n < bytes.length && bytes[n] !== byte)) {
    const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart();
    throw invalid(
      start.startsWith("(") || start.startsWith(";;")
        ? "it is WebAssembly text, not a binary module"
        : 'it does not start with "\\0asm", so it is not a WebAssembly module',
      0,
    );
  }
  if (bytes.length < 8) throw invalid("it ends within the header", bytes.length);
  const version = (bytes[4] as number) | (bytes[5] as number) << 8;
  const layer = (bytes[6] as number) | (bytes[7] as number) << 8;
  if (layer === 1) throw invalid("it is a component, not a core module", 4);
  if (version !== 1 || layer !== 0) throw invalid(`its version is ${version}, not 1`, 4);
}

function invalid(reason: string, offset: number): CompileError {
  const place = offset < 0 ? "" : ` (at offset 0x${offset.toString(16)})`;
  return new CompileError(`Cannot compile module: ${reason}${place}`, offset);
}
