/**
 * Stack walks. A function with a frame keeps `{ caller's frame pointer, return address }` where its
 * frame pointer points; one without leaves both where the call put them, and so does the code before
 * a prologue that is not at the start.
 *
 * Where the host has called wasm, the return address is none of our code and the chain of frame
 * pointers goes on at the wasm code that had called the host: the frame pointer there was that of
 * its trampoline. So the host functions under way fall into place one after the other, the innermost
 * first.
 *
 * @module
 */
import { CompileKind } from "../compile/compile_key.ts";
import type { Executor } from "../executor/executor.ts";
import type { LoadedCode } from "./code_registry.ts";
import type { Module } from "./module.ts";
import { abbreviate } from "./repeated_frames.ts";
import type { Frame, HostFrame, WasmFrame } from "./stack_frame.ts";
import type { Store } from "./store.ts";

/** No stack has more frames: each takes 16 bytes at least. */
const MOST_STEPS = 1_000_000;

/** Where a walk starts: the machine's registers (`lr` is 0 where there is no such register). */
export interface WalkStart {
  readonly pc: number;
  readonly fp: number;
  readonly sp: number;
  readonly lr: number;
  /** Whether `pc` is the instruction itself (a fault), not a place after a call. */
  readonly isExact: boolean;
  /** Names of the host functions under way, innermost last; empty texts for those without one. */
  readonly hostFunctions: readonly string[];
  /** Whether `pc` is where wasm called the innermost of them. */
  readonly isHostCall: boolean;
}

/**
 * The functions on the stack, innermost first. Long runs of the same frames are abbreviated, and of
 * very many frames the middle is left out.
 */
export function backtrace(store: Store, start: WalkStart): Frame[] {
  const walk = new Walk(store, start);
  return abbreviate(walk.places, (place) => frameOf(walk, place));
}

/** A walk from the innermost frame outwards. A place is a program counter, or a host function. */
class Walk {
  /**
   * Program counters of wasm functions: of the instruction in the innermost one when the walk began
   * at a fault, else return addresses. A host function is the complement of its position.
   */
  readonly places: number[] = [];
  /** Whether the first place is the instruction itself. */
  startsExact = false;
  readonly #code: Store["code"];

  constructor(readonly store: Store, readonly start: WalkStart) {
    this.#code = store.code;
    this.#collect(store.executor);
  }

  #collect(executor: Executor): void {
    const { start } = this;
    let hosts = start.hostFunctions.length;
    let { pc, fp } = start, { isExact } = start;
    this.startsExact = isExact && this.#add(pc, true);
    if (!isExact) {
      // The gate: of a host function, or of a builtin, which is none.
      if (start.isHostCall && hosts > 0) this.places.push(~--hosts);
    } else {
      const caller = this.#callerWithoutFrame(executor);
      if (caller !== undefined) this.#add(pc = caller, false);
    }
    isExact = false;
    for (let step = 0; step < MOST_STEPS; step++) {
      const next = readAddress(executor, fp);
      const returnAddress = readAddress(executor, fp + 8);
      // Frames lie at ascending addresses; anything else is the end of the chain.
      if (next === undefined || returnAddress === undefined) break;
      pc = returnAddress;
      const isOurs = this.#add(pc, false) || this.#code.at(pc - 1) !== undefined;
      if (next <= fp) break;
      if (!isOurs && hosts > 0) this.places.push(~--hosts);
      fp = next;
    }
  }

  /**
   * The return address of the function that the walk begins in, where its frame is not linked: it
   * keeps none, has not built it yet, or is in its prologue still.
   */
  #callerWithoutFrame(executor: Executor): number | undefined {
    const { pc, sp, lr } = this.start;
    const found = this.#code.symbolAt(pc);
    if (found === undefined) return undefined;
    const { code: { base, module }, symbol } = found;
    const { object } = module.engine.isa;
    const start = symbol.location.start + symbol.frame.start, at = pc - base - start;
    let frameAddress = object === undefined ? 0 : object.pushedByCall, below = frameAddress;
    let isLinked = false;
    if (symbol.frame.hasFramePointer) {
      if (object === undefined) return undefined;
      const end = symbol.location.start + symbol.instructionBytes;
      object.describePrologue(module.code.text, start, end, {
        frameAddress: (from, register, offset) => {
          if (from > at) return;
          if (register === object.stackPointer) frameAddress = offset;
          else isLinked = true;
        },
        saved: (from, register, distance) => {
          if (from <= at && register === object.returnAddress) below = distance;
        },
      });
    }
    if (isLinked) return undefined;
    // Where a call leaves the return address in a register, it is there until it is saved.
    return below === 0 ? lr : readAddress(executor, sp + frameAddress - below);
  }

  /** Adds a wasm function; false for anything else. */
  #add(pc: number, isExact: boolean): boolean {
    const found = this.#code.symbolAt(isExact ? pc : pc - 1);
    if (found?.symbol.key.kind !== CompileKind.wasmFunction) return false;
    this.places.push(pc);
    return true;
  }
}

function frameOf(walk: Walk, position: number): Frame {
  const { store, start, places } = walk;
  const place = places[position] as number;
  return place < 0
    ? hostFrame(start.hostFunctions[~place] as string)
    : wasmFrame(store, place, walk.startsExact && position === 0);
}

function hostFrame(name: string): HostFrame {
  return { kind: "host", ...(name !== "" && { functionName: name }) };
}

function wasmFrame(store: Store, pc: number, isExact: boolean): WasmFrame {
  const { code, symbol } = store.code.symbolAt(isExact ? pc : pc - 1) as NonNullable<
    ReturnType<Store["code"]["symbolAt"]>
  >;
  const { names } = code.module.translation.module;
  const offset = pc - code.base;
  const functionIndex = symbol.key.index;
  const functionName = names.functionName(functionIndex);
  const wasmOffset = code.module.code.lookupLocation(isExact ? offset : offset - 1);
  const frame: WasmFrame = {
    kind: "wasm",
    functionIndex,
    codeOffset: offset,
    ...(functionName !== undefined && { functionName }),
    ...(names.module !== undefined && { moduleName: names.module }),
    ...(wasmOffset !== undefined && { wasmOffset }),
  };
  origins.set(frame, { code, isExact });
  return frame;
}

/** Where a frame's code is. */
interface Origin {
  readonly code: LoadedCode;
  /** Whether its `codeOffset` is the instruction itself. */
  readonly isExact: boolean;
}

/** Beside the frames, which are plain data that can be printed and compared. */
const origins = new WeakMap<WasmFrame, Origin>();

/** The module of a frame that {@linkcode backtrace} made. */
export function moduleOf(frame: WasmFrame): Module | undefined {
  return origins.get(frame)?.code.module;
}

/**
 * The instruction that a frame is at: the one that trapped, or the call.
 * @returns its offset in the text and its guest address
 */
export function instructionOf(
  frame: WasmFrame,
): { readonly offset: number; readonly address: number } | undefined {
  const origin = origins.get(frame);
  if (origin === undefined) return undefined;
  const { code: { base, module }, isExact } = origin;
  if (isExact) return { offset: frame.codeOffset, address: base + frame.codeOffset };
  const symbol = module.code.symbolAt(frame.codeOffset - 1);
  if (symbol === undefined) return undefined;
  const reader = module.engine.explainer?.reader;
  for (let at = symbol.location.start; at < frame.codeOffset;) {
    const length = reader?.disassemble(module.code.text, at)?.length;
    if (length === undefined) return undefined;
    if (at + length === frame.codeOffset) return { offset: at, address: base + at };
    at += length;
  }
  return undefined;
}

function readAddress(executor: Executor, address: number): number | undefined {
  const place = address > 0 ? executor.resolve(address) : undefined;
  if (place === undefined || place.offset + 8 > place.bytes.length) return undefined;
  const { buffer, byteOffset } = place.bytes;
  return Number(new DataView(buffer).getBigUint64(byteOffset + place.offset, true));
}
