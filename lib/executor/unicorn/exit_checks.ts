/**
 * Turns off Unicorn's checks for a request to stop after every load and store.
 *
 * Behind each memory access Unicorn 2.1 translates a call of a helper that looks whether somebody
 * asked it to stop. A call makes the translated code save and reload all guest registers around it,
 * so code that accesses memory runs at about half its speed. The checks serve memory hooks, of which
 * there are none here: a page that the virtual TLB refuses leaves the emulator at once, and nobody
 * requests to stop (see `block_checks.ts`).
 *
 * Unicorn has a switch for them, `no_exit_request`, which it uses itself while it translates 32-bit ARM,
 * but no function that sets it. So it is set where it stands in the engine's structure. Where that is
 * is not taken for granted: the library's own code that tests the switch must name the same offset,
 * else everything stays as it is.
 *
 * @module
 */
import type { Engine, UnicornLibrary } from "./binding.ts";

/** Offset of `no_exit_request` in `struct uc_struct` of Unicorn 2.1.4 for 64-bit systems but Windows. */
const OFFSET = 2034;
/** How far into the function the test may stand. */
const SEARCHED_BYTES = 128;

/** Turns the checks off for an engine; false where the library is not as expected. */
export function disableExitChecks(library: UnicornLibrary, engine: Engine): boolean {
  const code = library.exitCheck;
  if (code === null || !testsSwitch(code)) return false;
  const address = Deno.UnsafePointer.value(engine) + BigInt(OFFSET);
  const pointer = Deno.UnsafePointer.create(address) as NonNullable<Deno.PointerValue>;
  new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, 1))[0] = 1;
  return true;
}

let known: { readonly code: Deno.PointerValue; readonly result: boolean } | undefined;

/** Whether the code that translates a check begins by testing the byte at {@linkcode OFFSET}. */
function testsSwitch(code: NonNullable<Deno.PointerValue>): boolean {
  if (known === undefined || !Deno.UnsafePointer.equals(known.code, code)) {
    const bytes = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(code, SEARCHED_BYTES));
    const result = Deno.build.arch === "x86_64" ? testsOnX64(bytes) : testsOnAarch64(bytes);
    known = { code, result };
  }
  return known.result;
}

/** `cmp byte ptr [rsi+OFFSET], 0`. */
export function testsOnX64(bytes: Uint8Array): boolean {
  const instruction = [0x80, 0xbe, OFFSET & 0xff, OFFSET >> 8, 0, 0, 0];
  for (let at = 0; at + instruction.length <= bytes.length; at++) {
    if (instruction.every((byte, k) => bytes[at + k] === byte)) return true;
  }
  return false;
}

/** `ldrb w?, [x1, #OFFSET]`. */
export function testsOnAarch64(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wanted = (0x39400000 | OFFSET << 10 | 1 << 5) >>> 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    if ((view.getUint32(at, true) & ~31) >>> 0 === wanted) return true;
  }
  return false;
}
