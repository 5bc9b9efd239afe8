/**
 * What a stack walk and a listing must know of an emitted function's frame.
 *
 * @module
 */

import { type Type, typeBytes } from "../ir/types.ts";

/** How a function's frame is laid out. */
export interface FrameShape {
  /**
   * Whether the function keeps a frame pointer. A function without one (no calls, no spills, no
   * preserved register) leaves the stack pointer and the caller's frame pointer alone: its return
   * address is where the call put it.
   */
  readonly hasFramePointer: boolean;
  /** Bytes below the frame pointer, saved registers included; 0 without a frame. */
  readonly bytes: number;
}

/** A function's frame: how it is laid out, and which code has it. */
export interface FrameDescription extends FrameShape {
  /**
   * Offset in the function of its prologue. The instructions before run without a frame, as those of
   * a function that keeps none; all from there on build it, have it, or take it down and return.
   */
  readonly start: number;
}

/** What is wrong where code that runs without the frame asks for a place in it; one for all asserts. */
export const frameIsMissing = (): string => "there is no frame yet";

/** Bytes that a spill slot for a type takes: whole registers are moved. */
export function spillBytes(type: Type): number {
  return Math.max(8, typeBytes[type] as number);
}

/** The next multiple of 16, which stack pointers are. */
export function align16(bytes: number): number {
  return (bytes + 15) & -16;
}
