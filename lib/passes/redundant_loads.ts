/**
 * Replaces a load by the value that the same location is known to have: the result of an earlier
 * load of it, or what an earlier store put there.
 *
 * What is known at the end of a block is known at the start of each block that it is the only
 * predecessor of. A store makes forget what it may touch: the same region, unless the base address is
 * the same value and the bytes are disjoint. A call makes forget everything. A load that may fault
 * may go, because the access that stands for it touched the same bytes without a fault.
 *
 * @module
 */
import { growInt32, NONE } from "../base/handle.ts";
import type { Block, Func, Value } from "../ir/func.ts";
import { isCall, isLoad, isStore, MemoryFlags, Op, opNames, Region } from "../ir/ops.ts";
import { fitInt32 } from "./columns.ts";
import type { Pass, PassContext } from "./pass.ts";
import { Replacements } from "./replacements.ts";

/** How many locations are remembered at a time. */
const LIMIT = 16;

/** Bytes accessed, by opcode. */
const widthOf = Uint8Array.from(opNames, (name, op) => {
  if (isLoad[op] === 0 && isStore[op] === 0) return 0;
  const bits = /(?:load|store)(8|16|32|64)?/.exec(name)?.[1] ?? /^[ifv](\d+)/.exec(name)?.[1];
  return Number(bits) / 8;
});
/** The load that gives back unchanged what a store of full width wrote, by opcode of the store. */
const loadOfStore = new Int16Array(opNames.length).fill(NONE);
loadOfStore[Op.i32_store] = Op.i32_load;
loadOfStore[Op.i64_store] = Op.i64_load;
loadOfStore[Op.f32_store] = Op.f32_load;
loadOfStore[Op.f64_store] = Op.f64_load;
loadOfStore[Op.v128_store] = Op.v128_load;

/** What is known now, per entry: the load, its base, offset, region, and the value it would give. */
const knownOp = new Int32Array(LIMIT);
const knownBase = new Int32Array(LIMIT);
const knownOffset = new Int32Array(LIMIT);
const knownRegion = new Int32Array(LIMIT);
const knownValue = new Int32Array(LIMIT);
let knownCount = 0;
let nextVictim = 0;

/** What was known at the end of blocks: five numbers an entry. */
let saved = new Int32Array(1024);
let savedLength = 0;
let savedStart = new Int32Array(64);
let savedCount = new Int32Array(64);

const replacements = new Replacements();

function run(context: PassContext): void {
  const { func, flow } = context;
  savedStart = fitInt32(savedStart, func.blockCount);
  savedCount = fitInt32(savedCount, func.blockCount);
  savedLength = 0;
  replacements.reset(func);
  for (let i = 0; i < flow.length; i++) {
    const block = flow.order(i);
    knownCount = nextVictim = 0;
    if (flow.predecessorCount(block) === 1) restore(func.edgeSource(flow.predecessor(block, 0)));
    for (let v = func.first(block); v !== NONE;) {
      const next = func.next(v);
      visit(func, v);
      v = next;
    }
    save(block);
  }
  replacements.apply(func);
}

function visit(func: Func, v: Value): void {
  const op = func.op(v);
  if (isLoad[op] === 1) visitLoad(func, v);
  else if (isStore[op] === 1) visitStore(func, v);
  else if (isCall[op] === 1) knownCount = 0;
}

function visitLoad(func: Func, v: Value): void {
  if (func.isPure(v)) return;
  const op = func.op(v), base = replacements.resolve(func.a(v));
  const offset = func.low(v) >>> 0, region = MemoryFlags.region(func.high(v));
  for (let i = 0; i < knownCount; i++) {
    if (
      knownBase[i] === base && knownOp[i] === op && (knownOffset[i] as number) >>> 0 === offset &&
      knownRegion[i] === region
    ) {
      replacements.set(v, knownValue[i] as Value);
      func.remove(v);
      return;
    }
  }
  remember(op, base, offset, region, v);
}

function visitStore(func: Func, v: Value): void {
  const op = func.op(v), base = replacements.resolve(func.a(v));
  const offset = func.low(v) >>> 0, region = MemoryFlags.region(func.high(v));
  const end = offset + (widthOf[op] as number);
  let kept = 0;
  for (let i = 0; i < knownCount; i++) {
    const from = (knownOffset[i] as number) >>> 0;
    const other = knownRegion[i] as number;
    const isApart = other !== region
      ? other !== Region.any && region !== Region.any
      : knownBase[i] === base &&
        (from >= end || from + (widthOf[knownOp[i] as number] as number) <= offset);
    if (isApart) copyKnown(i, kept++);
  }
  knownCount = kept;
  const load = loadOfStore[op] as number;
  if (load !== NONE) remember(load, base, offset, region, replacements.resolve(func.b(v)));
}

function copyKnown(from: number, to: number): void {
  knownOp[to] = knownOp[from] as number;
  knownBase[to] = knownBase[from] as number;
  knownOffset[to] = knownOffset[from] as number;
  knownRegion[to] = knownRegion[from] as number;
  knownValue[to] = knownValue[from] as number;
}

function remember(op: number, base: Value, offset: number, region: number, value: Value): void {
  const i = knownCount < LIMIT ? knownCount++ : nextVictim++ % LIMIT;
  knownOp[i] = op;
  knownBase[i] = base;
  knownOffset[i] = offset;
  knownRegion[i] = region;
  knownValue[i] = value;
}

function save(block: Block): void {
  const needed = savedLength + 5 * knownCount;
  if (needed > saved.length) saved = growInt32(saved, needed);
  savedStart[block] = savedLength;
  savedCount[block] = knownCount;
  for (let i = 0; i < knownCount; i++) {
    saved[savedLength++] = knownOp[i] as number;
    saved[savedLength++] = knownBase[i] as number;
    saved[savedLength++] = knownOffset[i] as number;
    saved[savedLength++] = knownRegion[i] as number;
    saved[savedLength++] = knownValue[i] as number;
  }
}

function restore(block: Block): void {
  let at = savedStart[block] as number;
  knownCount = savedCount[block] as number;
  for (let i = 0; i < knownCount; i++) {
    knownOp[i] = saved[at++] as number;
    knownBase[i] = saved[at++] as number;
    knownOffset[i] = saved[at++] as number;
    knownRegion[i] = saved[at++] as number;
    knownValue[i] = saved[at++] as number;
  }
}

/** See the module's comment. */
export const redundantLoads: Pass = {
  name: "redundant_loads",
  after: ["unreachable_blocks"],
  run,
};
