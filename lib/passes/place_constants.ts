/**
 * Gives every constant that needs a register a place near its uses.
 *
 * Until here a function has one canonical instruction per constant, in the entry block; left there,
 * each would occupy a register throughout. A use that the target folds into the instruction keeps the
 * canonical one, which is never materialised then. Any other use gets a clone: before the user, once
 * per block; or, inside a loop, before the loop, at most {@linkcode LOOP_LIMIT} per loop and register
 * class. Calls, returns and edges want the constant in a register of their own anyway, so theirs
 * never leave a loop unless they are floats.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import { type Block, type Func, NO_BLOCK, type Value } from "../ir/func.ts";
import { effectOf, isConstant, isStore, Op, opNames } from "../ir/ops.ts";
import { Type } from "../ir/types.ts";
import type { ControlFlow } from "../ir/cfg.ts";
import { fitInt32, fitUint8 } from "./columns.ts";
import { isRareLoop, preheader } from "./loops.ts";
import type { FoldsConstant, Pass, PassContext } from "./pass.ts";

/** How many constants of each register class are kept in registers around one loop. */
export const LOOP_LIMIT = 6;

const foldsSecond = Uint8Array.from(
  opNames,
  (name) => /^i(32|64)_(add|sub|mul|and|or|xor|sh[lr]|rot|eq|ne|lt|gt|le|ge)/.test(name) ? 1 : 0,
);

/** Opcodes that want a constant operand in a register of its own: calls and terminators. */
const staysNear = Uint8Array.from(effectOf, (e) => e === "call" || e === "end" ? 1 : 0);

/** What to assume of a target: 32-bit integers fold as second operand of arithmetic and stores. */
function foldsByDefault(func: Func, user: Value, index: number): boolean {
  const op = func.op(user);
  if (index !== 1 || (foldsSecond[op] === 0 && isStore[op] === 0)) return false;
  const constant = func.b(user), low = func.low(constant);
  if (func.op(constant) === Op.i32_const) return true;
  return func.op(constant) === Op.i64_const && func.high(constant) === low >> 31;
}

/** Latest clone per constant: the start of a list through `nextClone`. */
let firstClone = new Int32Array(256);
let nextClone = new Int32Array(64);
let clones = new Int32Array(64);
let cloneBlock = new Int32Array(64);
let cloneCount = 0;
let integersOf = new Uint8Array(64);
let floatsOf = new Uint8Array(64);

function run(context: PassContext): void {
  const { func, flow } = context;
  const folds: FoldsConstant = context.foldsConstant ?? foldsByDefault;
  firstClone = fitInt32(firstClone, func.valueCount);
  firstClone.fill(NONE, 0, func.valueCount);
  integersOf = fitUint8(integersOf, func.blockCount);
  floatsOf = fitUint8(floatsOf, func.blockCount);
  integersOf.fill(0, 0, func.blockCount);
  floatsOf.fill(0, 0, func.blockCount);
  cloneCount = 0;
  for (let i = 0; i < flow.length; i++) {
    const block = flow.order(i);
    const end = func.last(block);
    for (let v = func.first(block); v !== NONE; v = func.next(v)) {
      for (let k = 0, n = func.argCount(v); k < n; k++) {
        const c = func.arg(v, k);
        if (isConstant[func.op(c)] === 0 || folds(func, v, k)) continue;
        func.setArg(v, k, cloneFor(func, flow, c, v, staysNear[func.op(v)] === 0));
      }
    }
    for (let k = 0, n = func.edgeCount(end); k < n; k++) {
      const e = func.edge(end, k);
      for (let j = 0, m = func.edgeArgCount(e); j < m; j++) {
        const c = func.edgeArg(e, j);
        if (isConstant[func.op(c)] === 1) {
          func.setEdgeArg(e, j, cloneFor(func, flow, c, end, false));
        }
      }
    }
  }
}

/** The clone of constant `c` that `user` is to use. */
function cloneFor(
  func: Func,
  flow: ControlFlow,
  c: Value,
  user: Value,
  mayHoist: boolean,
): Value {
  const block = func.block(user);
  const isFloat = func.type(c) !== Type.i32 && func.type(c) !== Type.i64;
  const place = mayHoist || isFloat ? outside(func, flow, block, c, isFloat) : block;
  // A clone in the same block precedes the user: blocks are filled from their start.
  for (let at = firstClone[c] as number; at !== NONE; at = nextClone[at] as number) {
    if (cloneBlock[at] === place) return clones[at] as Value;
  }
  const clone = func.create(func.op(c), func.type(c), func.location(user));
  func.setImmediate(clone, func.low(c), func.high(c));
  func.insertBefore(clone, place === block ? user : func.last(place));
  if (cloneCount === clones.length) {
    clones = growInt32(clones, cloneCount + 1);
    cloneBlock = growInt32(cloneBlock, cloneCount + 1);
    nextClone = growInt32(nextClone, cloneCount + 1);
  }
  clones[cloneCount] = clone;
  cloneBlock[cloneCount] = place;
  nextClone[cloneCount] = firstClone[c] as number;
  firstClone[c] = cloneCount++;
  return clone;
}

/** The outermost preheader of `block`'s loops that has room, or already has the constant. */
function outside(
  func: Func,
  flow: ControlFlow,
  block: Block,
  c: Value,
  isFloat: boolean,
): Block {
  const used = isFloat ? floatsOf : integersOf;
  let best: Block = NO_BLOCK, bestHeader: Block = NO_BLOCK;
  for (let h = flow.loopHeader(block); h !== NO_BLOCK; h = flow.loopParent(h)) {
    const place = preheader(flow, h);
    for (let at = firstClone[c] as number; at !== NONE; at = nextClone[at] as number) {
      if (cloneBlock[at] === place) return place;
    }
    if ((used[h] as number) < LOOP_LIMIT && !isRareLoop(func, flow, h)) {
      best = place;
      bestHeader = h;
    }
  }
  if (best === NO_BLOCK || (func.isCold(block) && !func.isCold(best))) return block;
  used[bestHeader] = (used[bestHeader] as number) + 1;
  return best;
}

/** See the module's comment. */
export const placeConstants: Pass = { name: "place_constants", after: ["unreachable_blocks"], run };
