/**
 * Register allocation by hand-made cases, one per kind of constraint: what each says about moves,
 * registers and slots, beside the behaviour that the harness compares.
 */
import assert from "node:assert";
import { EditKind, FIRST_SLOT } from "../../lib/codegen/allocation.ts";
import { Type } from "../../lib/ir/types.ts";
import { type Block, Builder, Harness, machine, Op } from "./alloc_machine.ts";

const withoutPreserved = machine(5, 0, 3);

/** The first instruction of an opcode. */
function find({ code }: Harness, op: number): number {
  for (let i = 0; i < code.count; i++) if (code.opcode(i) === op) return i;
  throw new Error(`no instruction has opcode ${op}`);
}

function edits({ allocation }: Harness, kind: EditKind): number {
  let count = 0;
  for (let e = 0; e < allocation.count; e++) if (allocation.kind(e) === kind) count++;
  return count;
}

Deno.test("a tied definition takes the register of a source that ends there, without a move", () => {
  const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
  b.return(b.define("subtract", x, y));
  const allocation = new Harness(withoutPreserved).compare(b, [9, 4]);
  assert.strictEqual(allocation.count, 0);
});

Deno.test("a tied definition costs one move where its source is needed later", () => {
  const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
  b.emit("store", b.define("subtract", x, y), x);
  b.return();
  const allocation = new Harness(withoutPreserved).compare(b, [9, 4]);
  assert.deepStrictEqual([allocation.moves, allocation.spills, allocation.reloads], [1, 0, 0]);
});

Deno.test("a source may be tied and used plainly by the same instruction", () => {
  for (const livesOn of [false, true]) {
    const b = new Builder(), [x] = b.params(Type.i32) as [number];
    const d = b.define("subtract", x, x);
    b.return(livesOn ? b.define("add", d, x) : d);
    const allocation = new Harness(withoutPreserved).compare(b, [9]);
    assert.strictEqual(allocation.moves, livesOn ? 1 : 0);
  }
});

Deno.test("values live across a division keep clear of its fixed registers", () => {
  const b = new Builder(), [x, y, z] = b.params(Type.i32, Type.i32, Type.i32) as number[];
  const [q, r] = b.divide(z as number, x as number);
  b.emit("store", x as number, y as number);
  b.return(q, r);
  const harness = new Harness(withoutPreserved), { code } = harness;
  harness.compare(b, [3, 5, 7]);
  const i = find(harness, Op.store);
  for (let k = 0; k < 2; k++) assert.ok(code.operand(i, k) > 1, harness.print());
});

Deno.test("a plain use stands beside a fixed use of the same value", () => {
  for (const livesOn of [false, true]) {
    const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
    const [q, r] = b.divide(y, y);
    b.emit("store", q, r);
    b.call(1, [y, x], [], y);
    b.call(2, [x], [], livesOn ? y : x);
    b.return(x);
    for (const registers of [withoutPreserved, machine(6, 2, 3)]) {
      new Harness(registers).compare(b, [3, 5]);
    }
  }
});

Deno.test("a shift count that is also shifted is in both places", () => {
  const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
  const d = b.define("shift", x, x);
  const e = b.define("shift", y, d);
  b.return(e, x);
  new Harness(withoutPreserved).compare(b, [3, 5]);
});

Deno.test("an early definition shares its register with no use, a late use with no definition", () => {
  const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
  const early = b.early(x, y), late = b.define("late", early, early);
  b.return(late);
  const harness = new Harness(withoutPreserved), { code } = harness;
  harness.compare(b, [1, 2]);
  let i = find(harness, Op.early);
  assert.notStrictEqual(code.operand(i, 1), code.operand(i, 2));
  assert.notStrictEqual(code.operand(i, 1), code.operand(i, 3));
  i = find(harness, Op.late);
  assert.notStrictEqual(code.operand(i, 0), code.operand(i, 1));
});

/** A loop that hands `n` values on, each to the next parameter, some times. */
function rotation(n: number, type: Type): Builder {
  const b = new Builder(), [turns] = b.params(Type.i32) as [number];
  const isFloat = type === Type.f64;
  const start = Array.from(
    { length: n },
    (_, k) => b.define(isFloat ? "floatConstant" : "constant", k + 10),
  );
  b.depth = 1;
  const head = b.block(), back = b.block();
  b.depth = 0;
  const exit = b.block();
  b.jump(head, turns, ...start);
  const params = start.map(() => b.register(type)), count = b.register();
  head.params.push(count, ...params);
  b.current = head;
  b.branch(count, back, exit);
  b.current = back;
  const less = b.define("add", count, b.constant(-1));
  b.jump(head, less, ...params.slice(1), params[0] as number);
  b.current = exit;
  for (const p of params) {
    const value = isFloat ? b.register() : p;
    if (isFloat) b.emit("toInt", value, p);
    b.emit("store", value, value);
  }
  b.return();
  return b;
}

Deno.test("cycles of integers are exchanges, or go through the scratch register", () => {
  for (const n of [2, 3]) {
    const exchanging = new Harness(machine(6, 0, 3)), moving = new Harness(machine(6, 0, 3, 15));
    exchanging.compare(rotation(n, Type.i32), [5]);
    assert.strictEqual(edits(exchanging, EditKind.swap), n - 1);
    const allocation = moving.compare(rotation(n, Type.i32), [5]);
    assert.strictEqual(edits(moving, EditKind.swap), 0);
    let throughScratch = 0;
    for (let e = 0; e < allocation.count; e++) {
      if (allocation.destination(e) === 15) throughScratch++;
    }
    assert.strictEqual(throughScratch, 1);
  }
});

Deno.test("cycles of floats and of slots are resolved", () => {
  const floats = new Harness(machine(4, 0, 3));
  floats.compare(rotation(3, Type.f64), [4]);
  assert.strictEqual(edits(floats, EditKind.swap), 0);
  const slots = new Harness(machine(4, 0, 3)),
    allocation = slots.compare(
      rotation(9, Type.i32),
      [7],
    );
  assert.ok(allocation.spills > 0);
  new Harness(machine(4, 0, 2)).compare(rotation(7, Type.f64), [7]);
});

Deno.test("a spilled value gets a register again before the loop that uses it", () => {
  const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
  b.call(1, [y], []);
  const start = b.constant(4);
  b.depth = 1;
  const head = b.block();
  b.depth = 0;
  const exit = b.block();
  b.jump(head, start);
  const count = b.register();
  head.params.push(count);
  b.current = head;
  b.emit("store", count, x);
  const less = b.define("add", count, b.constant(-1));
  // The back edge needs a block of its own: the branch has two successors.
  b.depth = 1;
  const back = b.block();
  b.depth = 0;
  b.branch(less, back, exit);
  b.current = back;
  b.jump(head, less);
  b.current = exit;
  b.return();
  const harness = new Harness(withoutPreserved), allocation = harness.compare(b, [1, 2]);
  assert.deepStrictEqual([allocation.spills, allocation.reloads], [1, 1], harness.print());
  const loop = harness.code.blockStart(1);
  for (let e = 0; e < allocation.count; e++) {
    if (allocation.source(e) >= FIRST_SLOT && allocation.kind(e) === EditKind.move) {
      assert.ok(allocation.before(e) < loop, harness.print());
    }
  }
});

Deno.test("values that are not in memory at the same time share a slot", () => {
  const b = new Builder(), [x] = b.params(Type.i32) as [number];
  let value = x;
  for (let k = 0; k < 5; k++) {
    b.call(k, [], []);
    value = b.define("add", value, value);
  }
  b.return(value);
  const allocation = new Harness(withoutPreserved).compare(b, [3]);
  // The slot of an operand is not free yet when its user's result begins: they take turns.
  assert.strictEqual(allocation.spills, 5);
  assert.strictEqual(allocation.spillBytes, 16);
});

Deno.test("a value that goes from block to block keeps its slot", () => {
  const b = new Builder(), [x] = b.params(Type.i32) as [number];
  b.call(1, [], []);
  const next = b.block(), param = b.register();
  next.params.push(param);
  b.jump(next, x);
  b.current = next;
  b.call(2, [], []);
  b.return(param);
  const allocation = new Harness(withoutPreserved).compare(b, [3]);
  assert.strictEqual(allocation.spillBytes, 8);
});

Deno.test("a function of thousands of blocks is allocated", () => {
  const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
  let value = x;
  for (let k = 0; k < 1000; k++) {
    const then: Block = b.block(), otherwise = b.block(), join = b.block();
    b.branch(value, then, otherwise);
    const param = b.register();
    join.params.push(param);
    b.current = then;
    const sum = b.define("add", value, y);
    b.jump(join, sum);
    b.current = otherwise;
    if (k % 10 === 0) b.call(k, [y], []);
    b.jump(join, value);
    b.current = join;
    value = param;
  }
  b.return(value, y);
  const allocation = new Harness(machine(6, 2, 3)).compare(b, [7, 3]);
  // Both values stay in preserved registers all the way.
  assert.deepStrictEqual([allocation.spills, allocation.reloads], [0, 0]);
});
