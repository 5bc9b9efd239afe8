/**
 * What a stack walk and a listing must know of an emitted function's frame.
 *
 * @module
 */

/** How a function's frame is laid out. */
export interface FrameDescription {
  /**
   * Whether the function keeps a frame pointer. A function without one (no calls, no spills, no
   * preserved register) leaves the stack pointer and the caller's frame pointer alone: its return
   * address is where the call put it.
   */
  readonly hasFramePointer: boolean;
  /** Bytes below the frame pointer, saved registers included; 0 without a frame. */
  readonly bytes: number;
}
