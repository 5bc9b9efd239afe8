/** Machine code keeps what it is told, however much that is. */
import { deepStrictEqual } from "node:assert";
import { MachineCode } from "../../lib/codegen/machine_code.ts";
import { Type } from "../../lib/ir/types.ts";

Deno.test("blocks keep their depth, their temperature and their lists at every size", () => {
  const code = new MachineCode();
  for (const count of [1, 63, 64, 65, 127, 130, 257, 260, 517, 2000]) {
    const fresh = new MachineCode();
    for (const target of [code, fresh]) {
      target.reset();
      const register = target.createRegister(Type.i32);
      for (let b = 0; b < count; b++) {
        target.beginBlock(1 + b % 7, b % 3 === 0);
        target.append(b % 11, b, b % 5);
        target.pushOperand(register);
        target.pushList(register);
        target.pushList((b + 1) % count);
        target.endBlock(1, 1);
      }
      const seen = [], expected = [];
      for (let b = 0; b < count; b++) {
        seen.push([
          target.loopDepth(b),
          target.isCold(b),
          target.blockStart(b),
          target.successorCount(b),
          target.successor(b, 0),
          target.paramCount(b),
          target.location(b),
          target.trap(b),
        ]);
        expected.push([1 + b % 7, b % 3 === 0, b, 1, (b + 1) % count, 1, b, b % 5]);
      }
      deepStrictEqual(seen, expected);
    }
  }
});
