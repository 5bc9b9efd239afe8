/**
 * No pass changes what a function does: random functions are interpreted before and after every pass
 * of every level, and results, traps, calls and memory must be the same.
 */
import assert from "node:assert/strict";
import { pipelines } from "../../lib/passes/levels.ts";
import { PassContext } from "../../lib/passes/pass.ts";
import { interpret, type Outcome } from "./interpreter.ts";
import { checkInvariants } from "./invariants.ts";
import { RandomFunction } from "./random_function.ts";

const inputs: readonly (readonly bigint[])[] = [[0n, 0n, 1n], [0n, 5n, 2n], [
  0n,
  0xffff_ffffn,
  77n,
]];

for (const level of [0, 1] as const) {
  Deno.test(`passes of level ${level} keep the meaning of random functions`, () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { func } = new RandomFunction(seed);
      const expected = inputs.map((input) => interpret(func, input));
      const context = new PassContext(func);
      for (const pass of pipelines[level]) {
        pass.run(context);
        try {
          checkInvariants(func);
        } catch (cause) {
          throw new Error(`seed ${seed}, pass ${pass.name}`, { cause });
        }
        inputs.forEach((input, i) => {
          const wanted = expected[i] as Outcome;
          if (wanted.trap === "no fuel") return;
          let found: Outcome;
          try {
            found = interpret(func, input);
          } catch (cause) {
            throw new Error(`seed ${seed}, pass ${pass.name}`, { cause });
          }
          assert.deepEqual(found, wanted, `seed ${seed}, pass ${pass.name}`);
        });
      }
    }
  });
}
