/**
 * Allocation of functions that build their frame late: nothing before it uses a slot or a register
 * that calls preserve, and the checker notices where something does.
 */
import assert from "node:assert";
import { InternalError } from "../../lib/base/errors.ts";
import { Allocation, EditKind, FIRST_SLOT } from "../../lib/codegen/allocation.ts";
import { Type } from "../../lib/ir/types.ts";
import { generate } from "./alloc_generator.ts";
import { type Block, Builder, Harness, machine, Op } from "./alloc_machine.ts";

/**
 * Lets a function return early: its entry computes something of its parameters, and either returns it
 * or builds the frame and goes on, where it is used again.
 */
function withEarlyReturn(b: Builder): Builder {
  const rest = b.blocks[0] as Block, params = rest.instructions.shift();
  assert.ok(params !== undefined && params.op === Op.params);
  const [x, y] = params.operands.filter((_, k) => k % 2 === 1) as [number, number];
  const entry = b.block(), early = b.block(), frame = b.block();
  b.blocks.unshift(...b.blocks.splice(b.blocks.length - 3));
  entry.instructions.push(params);
  b.current = entry;
  const sum = b.define("add", x, y), difference = b.define("subtract", x, y);
  b.branch(sum, frame, early);
  b.current = early;
  b.return(difference);
  b.current = frame;
  b.jump(rest);
  rest.instructions.unshift({ op: Op.store, operands: [sum, difference] });
  b.frame = frame;
  return b;
}

/** `if (x + y == 0) return x - y;`, then a call, with the parameters alive across it or not. */
function sample(isKept: boolean): Builder {
  const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
  const last = b.block();
  b.call(1, [y, x], []);
  if (isKept) b.emit("store", x, y);
  b.jump(last);
  b.current = last;
  b.return(b.constant(1));
  return withEarlyReturn(b);
}

Deno.test("random functions with an early return keep their meaning, and their late frame", () => {
  // Where registers are few, the frame may have to be built at the entry.
  const late = [0, 0];
  for (let seed = 0; seed < 120; seed++) {
    [machine(9, 3, 4), machine(5, 2, 3)].forEach((registers, n) => {
      const harness = new Harness(registers);
      for (const args of [[7, 20, 3], [0, 0, 1]]) {
        harness.compare(withEarlyReturn(generate(seed, 60, 8)), args);
      }
      if (harness.code.frameBlock > 0) late[n] = (late[n] as number) + 1;
    });
  }
  assert.ok((late[0] as number) === 120 && (late[1] as number) < 120, late.join(" "));
});

Deno.test("what lives across a call gets its preserved register behind the prologue", () => {
  const harness = new Harness(machine(9, 4, 3)), { code } = harness;
  const allocation = harness.compare(sample(true), [3, 4]);
  assert.strictEqual(code.frameBlock, 2);
  assert.notStrictEqual(allocation.usedPreservedInt, 0);
  const moved: number[] = [];
  for (let e = 0; e < allocation.count; e++) {
    if ((harness.registers.preservedInt >>> allocation.destination(e) & 1) === 1) {
      moved.push(allocation.before(e));
    }
  }
  assert.ok(moved.length > 0 && moved.every((before) => before >= code.blockStart(2)));
});

Deno.test("a value that is spilled is stored once, where the frame is built", () => {
  // One register survives calls, so all values but one wait in memory.
  const harness = new Harness(machine(7, 1, 3)), { code } = harness;
  const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
  for (let n = 0; n < 3; n++) {
    b.call(n, [], []);
    b.emit("store", x, y);
  }
  b.return(x);
  const allocation = harness.compare(withEarlyReturn(b), [3, 4]);
  assert.strictEqual(code.frameBlock, 2);
  const stores: number[] = [];
  for (let e = 0; e < allocation.count; e++) {
    if (allocation.destination(e) >= FIRST_SLOT) stores.push(allocation.before(e));
  }
  assert.deepStrictEqual(stores, [code.blockEnd(2) - 1]);
});

Deno.test("the checker rejects what needs the frame before it is built", () => {
  const spoil: Readonly<Record<string, (harness: Harness) => Allocation | void>> = {
    "is used before the frame is built": ({ code, allocation }) => {
      const changed = new Allocation();
      changed.reset(code.count);
      changed.append(1, EditKind.move, Type.i32, FIRST_SLOT, 0);
      for (let e = 0; e < allocation.count; e++) {
        changed.append(
          allocation.before(e),
          allocation.kind(e),
          allocation.type(e),
          allocation.destination(e),
          allocation.source(e),
        );
      }
      changed.spillBytes = 8;
      changed.usedPreservedInt = allocation.usedPreservedInt;
      return changed;
    },
    "it calls before the frame is built": ({ code }) => {
      // Only its end is said to have one. Nothing lives across the call.
      code.frameBlock = code.blockCount - 1;
    },
    "differ in the frame": ({ code }) => {
      code.frameBlock = 1;
    },
  };
  for (const [reason, change] of Object.entries(spoil)) {
    const harness = new Harness(machine(9, 4, 3));
    harness.allocate(sample(reason.includes("differ")));
    const changed = change(harness) ?? harness.allocation;
    assert.throws(() => harness.checker.check(harness.code, changed), (error: unknown) => {
      assert.ok(error instanceof InternalError);
      assert.ok(error.message.includes(reason), error.message);
      return true;
    });
  }
});
