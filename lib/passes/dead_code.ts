/**
 * Removes what nobody needs: marks from the instructions with an effect back through operands and
 * edge arguments, and sweeps the rest. Because block parameters are marked like everything else,
 * cycles of parameters that only feed each other go too.
 *
 * What may trap stays: stores, calls, terminators, faulting loads whose result is unused, divisions
 * unless their divisor is a harmless constant. A call keeps all its `result`s.
 *
 * @module
 */
import { NONE } from "../base/handle.ts";
import type { Block, Func, Value } from "../ir/func.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { effectOf, Op } from "../ir/ops.ts";
import { fitInt32, fitUint8 } from "./columns.ts";
import { cannotTrap } from "./effects.ts";
import type { Pass, PassContext } from "./pass.ts";

/** When an instruction stays even if nobody uses its result, per opcode. */
const RootKind = { never: 0, mayFault: 1, mayTrap: 2, always: 3 } as const;
const rootKind = Uint8Array.from(effectOf, (effect) => {
  switch (effect) {
    case "pure":
    case "pin":
      return RootKind.never;
    case "load":
      return RootKind.mayFault;
    case "trap":
      return RootKind.mayTrap;
    default:
      return RootKind.always;
  }
});
rootKind[Op.result] = RootKind.always;

let isLive = new Uint8Array(256);
/** Marked values whose operands are not marked yet. */
let pending = new Int32Array(256);
let pendingCount = 0;
/** Position of a block parameter among those of its block. */
let paramIndex = new Int32Array(256);

function run(context: PassContext): void {
  const { func, flow } = context;
  const count = func.valueCount;
  isLive = fitUint8(isLive, count);
  isLive.fill(0, 0, count);
  pending = fitInt32(pending, count);
  paramIndex = fitInt32(paramIndex, count);
  pendingCount = 0;
  for (let i = 0; i < func.layoutLength; i++) markRoots(func, func.layout(i), i === 0);
  while (pendingCount > 0) markOperands(func, flow, pending[--pendingCount] as Value);
  for (let i = 0; i < func.layoutLength; i++) sweep(func, flow, func.layout(i));
}

function mark(v: Value): void {
  if (isLive[v] === 1) return;
  isLive[v] = 1;
  pending[pendingCount++] = v;
}

/** Whether an instruction stays even if nobody uses its result. */
function isRoot(func: Func, v: Value): boolean {
  switch (rootKind[func.op(v)]) {
    case RootKind.never:
      return false;
    case RootKind.mayFault:
      return func.mayFault(v);
    case RootKind.mayTrap:
      return !cannotTrap(func, v);
    default:
      return true;
  }
}

function markRoots(func: Func, block: Block, isEntry: boolean): void {
  let v = func.first(block);
  for (let k = 0, n = func.paramCount(block); k < n; k++, v = func.next(v)) {
    paramIndex[v] = k;
    if (isEntry) mark(v);
  }
  for (; v !== NONE; v = func.next(v)) if (isRoot(func, v)) mark(v);
}

function markOperands(func: Func, flow: ControlFlow, v: Value): void {
  for (let k = 0, n = func.argCount(v); k < n; k++) mark(func.arg(v, k));
  if (func.op(v) !== Op.param) return;
  const block = func.block(v), index = paramIndex[v] as number;
  for (let j = 0, n = flow.predecessorCount(block); j < n; j++) {
    mark(func.edgeArg(flow.predecessor(block, j), index));
  }
}

function sweep(func: Func, flow: ControlFlow, block: Block): void {
  let v = func.first(block);
  for (let k = 0, n = func.paramCount(block); n > 0; n--) {
    const next = func.next(v);
    if (isLive[v] === 1) {
      k++;
    } else {
      func.removeParam(v);
      for (let j = 0, m = flow.predecessorCount(block); j < m; j++) {
        func.removeEdgeArg(flow.predecessor(block, j), k);
      }
    }
    v = next;
  }
  while (v !== NONE) {
    const next = func.next(v);
    if (isLive[v] === 0) func.remove(v);
    v = next;
  }
}

/** See the module's comment. */
export const deadCode: Pass = { name: "dead_code", after: ["unreachable_blocks"], run };
