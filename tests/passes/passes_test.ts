/** What single passes make of small functions, built by hand. */
import assert from "node:assert/strict";
import { NONE } from "../../lib/base/handle.ts";
import { type Block, Func, type Value } from "../../lib/ir/func.ts";
import { MemoryFlags, Op, type OpName, opNames, Region } from "../../lib/ir/ops.ts";
import { SignatureTable, Type } from "../../lib/ir/types.ts";
import { deadCode } from "../../lib/passes/dead_code.ts";
import { hoistInvariants } from "../../lib/passes/hoist_invariants.ts";
import { ifConversion } from "../../lib/passes/if_conversion.ts";
import { layout } from "../../lib/passes/layout.ts";
import { loopInversion } from "../../lib/passes/loop_inversion.ts";
import { checkOrder, type Pass, PassContext } from "../../lib/passes/pass.ts";
import { placeConstants } from "../../lib/passes/place_constants.ts";
import { readonlyLoads } from "../../lib/passes/readonly_loads.ts";
import { redundantLoads } from "../../lib/passes/redundant_loads.ts";
import { redundantParams } from "../../lib/passes/redundant_params.ts";
import { splitCriticalEdges } from "../../lib/passes/split_critical_edges.ts";
import { checkInvariants } from "./invariants.ts";

const { i32, i64, f64 } = Type;
const heap = MemoryFlags.of(Region.heap, 1);
const readonly = MemoryFlags.of(Region.vmctx, -1, true);
const global = MemoryFlags.of(Region.vmctx, -1);

/** A function `(vmctx: i64, i32) -> ...` and short ways to fill it. */
class Sketch {
  readonly func = new Func();
  readonly entry: Block;
  readonly vmctx: Value;
  readonly x: Value;

  constructor() {
    this.func.reset({ params: [i64, i32], results: [] }, new SignatureTable());
    this.entry = this.block();
    this.vmctx = this.func.appendParam(this.entry, Op.param, i64, 0);
    this.x = this.func.appendParam(this.entry, Op.param, i32, 0);
  }
  block(): Block {
    const block = this.func.createBlock();
    this.func.appendToLayout(block);
    return block;
  }
  param(block: Block, type: Type = i32): Value {
    return this.func.appendParam(block, Op.param, type, 0);
  }
  emit(block: Block, name: OpName, type: Type, args: Value[] = [], low = 0, high = 0): Value {
    const v = this.func.create(Op[name], type, 0);
    if (name === "return" || name === "call_builtin") this.func.setArgList(v, args, 0, args.length);
    else if (args.length > 0) this.func.setArgs(v, args[0] as Value, args[1], args[2]);
    this.func.setImmediate(v, low, high);
    this.func.append(block, v);
    return v;
  }
  jump(from: Block, to: Block, ...args: Value[]): void {
    const e = this.func.createEdge(from, to);
    this.func.setEdgeArgs(e, args, 0, args.length);
    this.func.setEdges(this.emit(from, "jump", Type.void), e);
  }
  branch(from: Block, condition: Value, yes: Block, no: Block, ...args: Value[]): void {
    const first = this.func.createEdge(from, yes), second = this.func.createEdge(from, no);
    this.func.setEdgeArgs(second, args, 0, args.length);
    this.func.setEdges(this.emit(from, "br_if", Type.void, [condition]), first, second);
  }
  run(...passes: Pass[]): void {
    const context = new PassContext(this.func);
    for (const pass of passes) pass.run(context);
    checkInvariants(this.func);
  }
  /** The opcodes of a block. */
  ops(block: Block): OpName[] {
    const names: OpName[] = [];
    for (let v = this.func.first(block); v !== NONE; v = this.func.next(v)) {
      names.push(opNames[this.func.op(v)] as OpName);
    }
    return names;
  }
}

/** `entry -> head -> (body -> head | exit)`, branching on `x`. */
function loopSketch(): Sketch & { head: Block; body: Block; exit: Block } {
  const s = new Sketch();
  const head = s.block(), body = s.block(), exit = s.block();
  return Object.assign(s, { head, body, exit });
}

Deno.test("redundant_params removes a cycle of parameters that hand on one value", () => {
  const s = loopSketch(), outer = s.param(s.head), inner = s.param(s.body);
  s.jump(s.entry, s.head, s.x);
  const one = s.func.createEdge(s.head, s.body), two = s.func.createEdge(s.head, s.exit);
  s.func.setEdgeArgs(one, [outer], 0, 1);
  s.func.setEdges(s.emit(s.head, "br_if", Type.void, [outer]), one, two);
  s.jump(s.body, s.head, inner);
  const end = s.emit(s.exit, "return", Type.void, [outer]);
  s.run(redundantParams);
  assert.equal(s.func.paramCount(s.head) + s.func.paramCount(s.body), 0);
  assert.equal(s.func.arg(end, 0), s.x);
});

Deno.test("dead_code keeps a faulting load and removes a safe one and a dead cycle", () => {
  const s = loopSketch(), p = s.param(s.head);
  s.jump(s.entry, s.head, s.x);
  s.emit(s.head, "i32_load", i32, [s.vmctx], 8, heap);
  s.emit(s.head, "i32_load", i32, [s.vmctx], 8, global);
  s.branch(s.head, s.x, s.body, s.exit);
  s.jump(s.body, s.head, s.emit(s.body, "i32_add", i32, [p, p]));
  s.emit(s.exit, "i32_div_u", i32, [s.x, s.x]);
  s.emit(s.exit, "i32_div_u", i32, [s.x, s.emit(s.exit, "i32_const", i32, [], 3)]);
  s.emit(s.exit, "return", Type.void);
  s.run(deadCode);
  assert.deepEqual(s.ops(s.head), ["i32_load", "br_if"]);
  assert.deepEqual(s.ops(s.body), ["jump"]);
  assert.deepEqual(s.ops(s.exit), ["i32_div_u", "return"]);
});

Deno.test("if_conversion makes a select of a small triangle, and not of a float", () => {
  for (const type of [i32, f64]) {
    const s = new Sketch(), arm = s.block(), join = s.block();
    const a = type === i32 ? s.x : s.emit(s.entry, "f64_const", f64);
    const p = s.param(join, type);
    s.branch(s.entry, s.x, arm, join, a);
    s.jump(arm, join, s.emit(arm, type === i32 ? "i32_add" : "f64_add", type, [a, a]));
    s.emit(join, "return", Type.void, [p]);
    s.run(ifConversion);
    assert.equal(s.ops(s.entry).includes("select"), type === i32);
  }
});

Deno.test("loop_inversion tests at the end of the body", () => {
  const s = loopSketch(), p = s.param(s.head);
  s.jump(s.entry, s.head, s.x);
  s.branch(s.head, s.emit(s.head, "i32_eqz", i32, [p]), s.exit, s.body);
  s.jump(s.body, s.head, s.emit(s.body, "i32_sub", i32, [p, s.x]));
  s.emit(s.exit, "return", Type.void, [p]);
  s.run(loopInversion);
  assert.deepEqual(s.ops(s.body), ["i32_sub", "i32_eqz", "br_if"]);
});

Deno.test("readonly_loads leaves one load before the loop, hoist_invariants moves a product", () => {
  const s = loopSketch();
  s.jump(s.entry, s.head);
  const product = s.emit(s.head, "i32_mul", i32, [s.x, s.x]);
  s.branch(s.head, product, s.body, s.exit);
  s.emit(
    s.body,
    "i64_store",
    Type.void,
    [
      s.emit(s.body, "i64_load", i64, [s.vmctx], 16, readonly),
      s.emit(s.body, "i64_load", i64, [s.vmctx], 24, global),
    ],
    0,
    heap,
  );
  s.jump(s.body, s.head);
  const last = s.emit(s.exit, "i64_load", i64, [s.vmctx], 16, readonly);
  s.emit(s.exit, "return", Type.void, [last]);
  s.run(readonlyLoads, hoistInvariants);
  assert.deepEqual(s.ops(s.entry), ["param", "param", "i64_load", "i32_mul", "jump"]);
  assert.deepEqual(s.ops(s.exit), ["return"]);
  assert.deepEqual(s.ops(s.body), ["i64_load", "i64_store", "jump"]);
});

Deno.test("redundant_loads forwards stores, and forgets at calls and overlapping stores", () => {
  const s = new Sketch();
  const store = (at: number): Value =>
    s.emit(s.entry, "i32_store", Type.void, [s.vmctx, s.x], at, global);
  const load = (at: number): Value => s.emit(s.entry, "i32_load", i32, [s.vmctx], at, global);
  store(0);
  const forwarded = load(0);
  store(4);
  const still = load(0);
  store(2);
  const overlapped = load(0);
  s.emit(s.entry, "call_builtin", i32, [s.vmctx]);
  const called = load(0);
  const end = s.emit(s.entry, "return", Type.void, [forwarded, still, overlapped, called]);
  s.run(redundantLoads);
  const results = [0, 1, 2, 3].map((i) => s.func.arg(end, i));
  assert.deepEqual(results, [s.x, s.x, overlapped, called]);
});

Deno.test("place_constants leaves folded uses alone and puts a float before the loop", () => {
  const s = loopSketch();
  const one = s.emit(s.entry, "i32_const", i32, [], 1), pi = s.emit(s.entry, "f64_const", f64);
  s.jump(s.entry, s.head);
  const sum = s.emit(s.head, "i32_add", i32, [s.x, one]);
  s.branch(s.head, sum, s.body, s.exit);
  const user = s.emit(s.body, "f64_store", Type.void, [s.vmctx, pi], 0, heap);
  s.jump(s.body, s.head);
  const end = s.emit(s.exit, "return", Type.void, [one]);
  s.run(placeConstants);
  assert.equal(s.func.arg(sum, 1), one);
  assert.notEqual(s.func.arg(user, 1), pi);
  assert.equal(s.func.block(s.func.arg(user, 1)), s.entry);
  assert.equal(s.func.block(s.func.arg(end, 0)), s.exit);
});

Deno.test("split_critical_edges shares a block between equal edges of a table", () => {
  const s = new Sketch(), other = s.block(), join = s.block();
  const edges = [join, other, join, join].map((to) => s.func.createEdge(s.entry, to));
  s.func.setEdgeList(s.emit(s.entry, "br_table", Type.void, [s.x]), edges, 0, edges.length);
  s.jump(other, join);
  s.emit(join, "return", Type.void);
  s.run(splitCriticalEdges);
  const [a, b, c, d] = edges.map((e) => s.func.edgeTarget(e));
  assert.equal(s.func.layoutLength, 4);
  assert(a === c && c === d && a !== join && b === other);
});

Deno.test("layout keeps a loop together and puts cold blocks last", () => {
  const s = loopSketch(), cold = s.block();
  s.jump(s.entry, s.head);
  s.branch(s.head, s.x, s.exit, s.body);
  s.branch(s.body, s.x, cold, s.head);
  s.emit(cold, "trap", Type.void);
  s.emit(s.exit, "return", Type.void);
  s.run(layout);
  const order = [0, 1, 2, 3, 4].map((i) => s.func.layout(i));
  assert.deepEqual(order, [s.entry, s.head, s.body, s.exit, cold]);
});

Deno.test("checkOrder refuses a pass that stands before one it needs", () => {
  assert.throws(() => checkOrder([layout]), /"layout" must run after "split_critical_edges"/);
});

Deno.test("readonly_loads leaves the load of a cold block to that block", () => {
  const s = new Sketch(), cold = s.block(), hot = s.block();
  s.func.setCold(cold, true);
  s.branch(s.entry, s.x, cold, hot);
  for (const block of [cold, hot]) {
    const v = s.emit(block, "i64_load", i64, [s.vmctx], 16, readonly);
    s.emit(block, "return", Type.void, [v]);
  }
  s.run(readonlyLoads);
  assert.deepEqual(s.ops(cold), ["i64_load", "return"]);
  assert.deepEqual(s.ops(hot), ["i64_load", "return"]);
});
