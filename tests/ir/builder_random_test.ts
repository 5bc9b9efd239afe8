import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { parse } from "../../lib/ir/parser.ts";
import { print } from "../../lib/ir/printer.ts";
import { type Type, typeBytes } from "../../lib/ir/types.ts";
import { verify } from "../../lib/ir/verifier.ts";
import { edgeValues, random } from "./edge_values.ts";
import { interpret, type Outcome } from "./interpreter.ts";
import { randomFunc, randomSignature } from "./random_func.ts";
import { rebuild } from "./rebuild.ts";

const SEEDS = 400, RUNS = 6;

Deno.test("building folds, simplifies and numbers without changing what a function does", () => {
  const next = random(99);
  let before = 0, after = 0, traps = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const original = randomFunc(seed);
    verify(original);
    const built = rebuild(original);
    verify(built);
    before += original.valueCount;
    after += built.valueCount;
    for (let run = 0; run < RUNS; run++) {
      const args = randomSignature.params.map((type: Type) => {
        const edges = edgeValues[type] as readonly bigint[];
        return run % 2 === 0
          ? edges[next() % edges.length] as bigint
          : BigInt.asUintN(8 * (typeBytes[type] as number), BigInt(next()) << 32n | BigInt(next()));
      });
      const execute = (func: typeof built): [Outcome, Uint8Array] => {
        const memory = new Uint8Array(256).map((_, i) => i * 37 + 11);
        return [interpret(func, args, { memory }), memory];
      };
      const expected = execute(original), actual = execute(built);
      if (expected[0].trap !== undefined) traps++;
      deepStrictEqual(
        actual,
        expected,
        `seed ${seed}, arguments ${args.join()}\n${print(original)}\n${print(built)}`,
      );
    }
  }
  ok(after < before * 0.8, `${after} of ${before} values are left`);
  ok(traps < SEEDS * RUNS / 2, "most runs come to an end");
});

Deno.test("the text form of random functions reads back as the same text", () => {
  for (let seed = 0; seed < 100; seed++) {
    for (const func of [randomFunc(seed), rebuild(randomFunc(seed))]) {
      const text = print(func), again = parse(text);
      verify(again);
      strictEqual(print(again), text);
    }
  }
});
