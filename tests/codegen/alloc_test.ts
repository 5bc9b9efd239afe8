import assert from "node:assert";
import { Type } from "../../lib/ir/types.ts";
import { InternalError } from "../../lib/base/errors.ts";
import { generate } from "./alloc_generator.ts";
import { Builder, Harness, machine } from "./alloc_machine.ts";

Deno.test("a constant is computed where it is used, and never stored", () => {
  const b = new Builder(), [x] = b.params(Type.i32) as [number];
  const c = b.constant(5);
  b.call(1, [x], []);
  b.call(2, [c], []);
  b.return(b.define("add", c, c));
  const harness = new Harness(machine(6, 2, 3)), allocation = harness.compare(b, [1]);
  assert.deepStrictEqual([allocation.spills, allocation.reloads], [0, 0]);
  assert.ok(allocation.isDead(1));
});

Deno.test("a value that only a cold call would destroy is spilled there and nowhere else", () => {
  const b = new Builder(), [x, y] = b.params(Type.i32, Type.i32) as [number, number];
  b.isCold = true;
  const cold = b.block();
  b.isCold = false;
  const hot = b.block(), join = b.block();
  b.branch(x, hot, cold);
  b.current = cold;
  b.call(1, [x], []);
  b.jump(join);
  b.current = hot;
  b.jump(join);
  b.current = join;
  b.return(b.define("add", x, y));
  const harness = new Harness(machine(6, 2, 3)), allocation = harness.compare(b, [1, 2]);
  assert.strictEqual(allocation.usedPreservedInt, 0);
  const coldStart = harness.code.blockStart(3);
  for (let e = 0; e < allocation.count; e++) {
    if (allocation.destination(e) >= 64) assert.ok(allocation.before(e) >= coldStart);
  }
  assert.strictEqual(allocation.spills, 2);
});

Deno.test("the checker rejects sabotaged allocations", () => {
  let rejected = 0, sabotaged = 0;
  for (let seed = 0; seed < 40; seed++) {
    const harness = new Harness(machine(6, 2, 3)), { code, allocation, checker } = harness;
    harness.allocate(generate(seed, 60, 8));
    for (let i = 0; i < code.count; i += 7) {
      for (let k = 0; k < code.operandCount(i); k++) {
        // Opcodes 1 (add) and 7 (store) read plain registers.
        if (code.opcode(i) !== 1 && code.opcode(i) !== 7) continue;
        if (code.opcode(i) === 1 && k === 0) continue;
        const register = code.operand(i, k);
        code.setOperand(i, k, (register + 1) % 6);
        sabotaged++;
        try {
          checker.check(code, allocation);
        } catch (error) {
          assert.ok(error instanceof InternalError);
          rejected++;
        }
        code.setOperand(i, k, register);
      }
    }
  }
  // A neighbour may hold the same value, for instance an argument that became a parameter.
  assert.ok(sabotaged > 50 && rejected > 0.95 * sabotaged, `${rejected} of ${sabotaged}`);
});
