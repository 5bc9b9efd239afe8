/**
 * Lowerings that need nothing of a target but the rows to emit: calls, returns, jumps, traps,
 * and the values that belong to their place.
 *
 * @module
 */
import { unreachable } from "../base/errors.ts";
import { type AbiRows, finishCall, lowerReturn, prepareCall } from "./abi.ts";
import { align16 } from "./frame.ts";
import type { Lower } from "./isa.ts";

/** The rows of {@linkcode commonLowerings}. */
export interface CommonRows {
  readonly abi: AbiRows;
  /** A direct call. Its operand is a relocation target. */
  readonly call: number;
  /** A call of the address in a register. */
  readonly callRegister: number;
  /** The address of a place among the locals of the frame: a register and an offset in bytes. */
  readonly frameAddress: number;
  /** A jump to the only successor. */
  readonly jump: number;
  /** What always traps. */
  readonly trap: number;
}

/** The lowerings that only differ in their rows. */
export function commonLowerings(
  rows: CommonRows,
): Record<
  | "param"
  | "result"
  | "stack_address"
  | "call"
  | "call_builtin"
  | "call_ptr"
  | "jump"
  | "return"
  | "trap",
  Lower
> {
  const { abi } = rows;
  // A relocation target is twice the index; builtins are the odd ones (see `RelocationTarget`).
  const lowerCall = (isBuiltin: 0 | 1): Lower => (s, v) => {
    const operands = prepareCall(s, v, 0, abi);
    s.emit(rows.call, s.func.low(v) * 2 + isBuiltin);
    finishCall(s, v, operands, abi);
  };
  return {
    param: () => unreachable("a block parameter is not lowered"),
    result: () => unreachable("a projection is lowered with its call"),
    stack_address: (s, v) => {
      const offset = s.code.localBytes;
      s.code.localBytes = offset + align16(s.func.low(v));
      s.emit(rows.frameAddress, s.define(v), offset);
    },
    call: lowerCall(0),
    call_builtin: lowerCall(1),
    call_ptr: (s, v) => {
      const operands = prepareCall(s, v, 1, abi);
      s.emit(rows.callRegister, s.use(s.func.arg(v, 0)));
      finishCall(s, v, operands, abi);
    },
    jump: (s) => s.emit(rows.jump),
    return: (s, v) => lowerReturn(s, v, abi),
    trap: (s, v) => {
      s.setTrap(s.func.low(v));
      s.emit(rows.trap);
    },
  };
}
