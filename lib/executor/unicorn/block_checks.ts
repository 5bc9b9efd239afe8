/**
 * Turns off Unicorn's check for a request to stop at the start of every translated block.
 *
 * Each block begins with the call of a helper that looks whether somebody asked the engine to stop.
 * Nobody does here: guest code leaves by a stop instruction or by a fault. The call took a sixth of
 * the time of code with small blocks.
 *
 * Unicorn has no switch for it. But it says of each helper, in a structure that its translator looks up
 * by the helper's address, what a call may do, and the translator drops calls that do nothing and
 * return nothing. An engine's table of helpers, which is its own, is made to point to a copy of the
 * structure that says so of this helper. This also drops the calls behind memory accesses
 * (`exit_checks.ts`), where they are translated at all.
 *
 * Where these things stand is not taken for granted: the layout of the structures is that of one build
 * of Unicorn, which is known by an instruction sequence that contains two of the offsets; the way from
 * the engine must lead back to it; and the entry must be the helper's by address and name.
 *
 * @module
 */
import type { Engine, UnicornLibrary } from "./binding.ts";

/** The version whose layout this is. */
const VERSION = [2, 1, 4];
/** `mov rsi, [rdi+0x9970]; cmp byte ptr [rsi+0x7f2], 0`: how `check_exit_request_x86_64` begins. */
const EXPECTED_CODE = [0x48, 0x8b, 0xb7, 0x70, 0x99, 0, 0, 0x80, 0xbe, 0xf2, 7, 0, 0, 0];
/** Where the engine's structure points to the translator's. */
const TRANSLATOR = 0x300n;
/**
 * Where the translator's structure points back to the engine. Before that is an array of as many KiB times
 * four as the architecture has words to describe the start of an instruction: one to three.
 */
const BACK = 0x7970n;
const BACK_STEP = 0x1000n;
const MOST_STEPS = 3n;
/** Where it points to the table of helpers, seen from {@linkcode BACK}. */
const TABLE = -0x90n;

/** The table: its number of nodes (u32 at 0) and where they are (u64). */
const TABLE_BYTES = 32, TABLE_NODES = 24, MOST_NODES = 1 << 16;
/** A node: key and value (u64), and the key's hash (u32). */
const NODE_BYTES = 24, NODE_VALUE = 8;
/** What is said of a helper: its address, its name (u64 each), what a call may do, argument types. */
const INFO_BYTES = 24, INFO_NAME = 8, INFO_FLAGS = 16;
const NAME = "check_exit_request_";
/** A call without side effects. */
const NO_SIDE_EFFECTS = 4;

/** The copies, by helper address. They stay: engines point to them. */
const copies = new Map<bigint, Uint8Array<ArrayBuffer>>();

/**
 * Turns the checks off for an engine that has memory mapped and has translated nothing yet; false where
 * the library is not as expected, which changes nothing.
 */
export function disableBlockChecks(library: UnicornLibrary, engine: Engine): boolean {
  if (VERSION.some((part, n) => part !== library.version[n])) return false;
  if (!hasExpectedLayout(library.exitCheck)) return false;
  const nodes = helperNodes(Deno.UnsafePointer.value(engine));
  if (nodes === undefined) return false;
  for (const helper of library.exitHelpers) {
    if (helper === null) continue;
    const key = Deno.UnsafePointer.value(helper);
    const at = indexOf(nodes, key);
    if (at < 0) continue;
    const copy = copyOf(nodes.getBigUint64(at + NODE_VALUE, true), key);
    if (copy === undefined) return false;
    const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(copy));
    nodes.setBigUint64(at + NODE_VALUE, address, true);
    return true;
  }
  return false;
}

/** Whether the library is the build for x86-64 and 64-bit longs whose layout is known. */
function hasExpectedLayout(code: Deno.PointerValue): boolean {
  if (Deno.build.arch !== "x86_64" || code === null) return false;
  const bytes = Deno.UnsafePointerView.getArrayBuffer(code, EXPECTED_CODE.length);
  return isExpectedCode(new Uint8Array(bytes));
}

/** Whether a function begins as `check_exit_request_x86_64` does in the build whose layout is known. */
export function isExpectedCode(bytes: Uint8Array): boolean {
  return EXPECTED_CODE.every((byte, k) => bytes[k] === byte);
}

/** The nodes of an engine's table of helpers. */
function helperNodes(engine: bigint): DataView | undefined {
  const translator = pointerAt(engine + TRANSLATOR);
  if (translator === 0n) return undefined;
  for (let steps = 1n; steps <= MOST_STEPS; steps++) {
    const back = translator + BACK + steps * BACK_STEP;
    if (pointerAt(back) !== engine) continue;
    const table = viewAt(pointerAt(back + TABLE), TABLE_BYTES);
    const count = table.getUint32(0, true);
    if (count > MOST_NODES) return undefined;
    return viewAt(table.getBigUint64(TABLE_NODES, true), count * NODE_BYTES);
  }
  return undefined;
}

/** Offset of the node with a key, -1 when there is none. */
function indexOf(nodes: DataView, key: bigint): number {
  const low = Number(key & 0xffff_ffffn), high = Number(key >> 32n);
  for (let at = 0; at < nodes.byteLength; at += NODE_BYTES) {
    if (nodes.getUint32(at, true) === low && nodes.getUint32(at + 4, true) === high) return at;
  }
  return -1;
}

/** A copy of what is said of a helper, with the call free of side effects. */
function copyOf(info: bigint, helper: bigint): Uint8Array<ArrayBuffer> | undefined {
  const known = copies.get(helper);
  if (known !== undefined) return known;
  const view = viewAt(info, INFO_BYTES);
  if (view.getBigUint64(0, true) !== helper) return undefined;
  const name = viewAt(view.getBigUint64(INFO_NAME, true), NAME.length);
  for (let k = 0; k < NAME.length; k++) {
    if (name.getUint8(k) !== NAME.charCodeAt(k)) return undefined;
  }
  // A buffer of its own, so that it does not move.
  const copy = new Uint8Array(new ArrayBuffer(INFO_BYTES));
  copy.set(new Uint8Array(view.buffer));
  const flags = view.getUint32(INFO_FLAGS, true) | NO_SIDE_EFFECTS;
  new DataView(copy.buffer).setUint32(INFO_FLAGS, flags, true);
  copies.set(helper, copy);
  return copy;
}

function pointerAt(address: bigint): bigint {
  return viewAt(address, 8).getBigUint64(0, true);
}

function viewAt(address: bigint, byteLength: number): DataView {
  const pointer = Deno.UnsafePointer.create(address) as NonNullable<Deno.PointerValue>;
  return new DataView(Deno.UnsafePointerView.getArrayBuffer(pointer, byteLength));
}
