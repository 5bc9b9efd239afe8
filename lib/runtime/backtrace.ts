/**
 * Stack walks. A function with a frame keeps `{ caller's frame pointer, return address }` where its
 * frame pointer points; one without leaves both where the call put them. A host call in between is
 * passed over: the frame pointer of the wasm below it is the frame pointer of the wasm above it.
 *
 * @module
 */
import { CompileKind } from "../compile/compile_key.ts";
import type { Executor } from "../executor/executor.ts";
import type { Module } from "./module.ts";
import type { Store } from "./store.ts";
import type { Frame } from "./trap.ts";

/** Frames beyond this many are cut off: a report of a stack overflow needs no more. */
const MOST_FRAMES = 100;
const MOST_STEPS = 1_000_000;

/** Where a walk starts: the machine's registers (`lr` is 0 where there is no such register). */
export interface WalkStart {
  readonly pc: number;
  readonly fp: number;
  readonly sp: number;
  readonly lr: number;
}

/**
 * The wasm functions on the stack, innermost first.
 * @param exact whether `pc` is the instruction itself (a fault), not a place after a call
 */
export function backtrace(store: Store, start: WalkStart, exact: boolean): Frame[] {
  const frames: Frame[] = [];
  let { pc, fp } = start;
  let isReturnAddress = !exact;
  const innermost = store.code.symbolAt(pc);
  if (innermost !== undefined && !innermost.symbol.frame.hasFramePointer) {
    addFrame(store, frames, pc, isReturnAddress);
    pc = start.lr !== 0 ? start.lr : readAddress(store.executor, start.sp) ?? 0;
    isReturnAddress = true;
  }
  for (let step = 0; step < MOST_STEPS && frames.length < MOST_FRAMES; step++) {
    addFrame(store, frames, pc, isReturnAddress);
    const next = readAddress(store.executor, fp);
    const returnAddress = readAddress(store.executor, fp + 8);
    // Frames lie at ascending addresses; anything else is the end of the chain.
    if (next === undefined || returnAddress === undefined) break;
    pc = returnAddress;
    isReturnAddress = true;
    if (next <= fp) {
      addFrame(store, frames, pc, isReturnAddress);
      break;
    }
    fp = next;
  }
  return frames;
}

function addFrame(store: Store, frames: Frame[], pc: number, isReturnAddress: boolean): void {
  const found = store.code.symbolAt(isReturnAddress ? pc - 1 : pc);
  if (found === undefined || found.symbol.key.kind !== CompileKind.wasmFunction) return;
  const { code, symbol } = found;
  const { names } = code.module.translation.module;
  const offset = pc - code.base;
  const functionIndex = symbol.key.index;
  const functionName = names.functionName(functionIndex);
  const wasmOffset = code.module.code.lookupLocation(isReturnAddress ? offset - 1 : offset);
  const frame: Frame = {
    functionIndex,
    codeOffset: offset,
    ...(functionName !== undefined && { functionName }),
    ...(names.module !== undefined && { moduleName: names.module }),
    ...(wasmOffset !== undefined && { wasmOffset }),
  };
  modules.set(frame, code.module);
  frames.push(frame);
}

/** Beside the frames, which are plain data that can be printed and compared. */
const modules = new WeakMap<Frame, Module>();

/** The module of a frame that {@linkcode backtrace} made. */
export function moduleOf(frame: Frame): Module | undefined {
  return modules.get(frame);
}

function readAddress(executor: Executor, address: number): number | undefined {
  const place = address > 0 ? executor.resolve(address) : undefined;
  if (place === undefined || place.offset + 8 > place.bytes.length) return undefined;
  const { buffer, byteOffset } = place.bytes;
  return Number(new DataView(buffer).getBigUint64(byteOffset + place.offset, true));
}
