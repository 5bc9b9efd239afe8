/**
 * Functions that build their frame late: results of paths with and without it, and backtraces from
 * traps on either side.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import type { Instance } from "../../lib/runtime/instance.ts";
import { call, onEveryBackend, trapOf, wasmFrames } from "./support.ts";

/** How many of a module's functions build their frame late. */
function lateFrames(instance: Instance): number {
  const { symbols } = instance.module.code;
  return symbols.filter(({ frame }) => frame.hasFramePointer && frame.start > 0).length;
}

/** The functions of the backtrace of a trap, innermost first. */
function traceOf(run: () => unknown): { message: string; names: unknown[] } {
  const trap = trapOf(run);
  return {
    message: trap.message,
    names: wasmFrames(trap.frames).map(({ functionName }) => functionName),
  };
}

onEveryBackend("traps before the prologue know their callers", async (world) => {
  const instance = await world.instantiate(`(module
    (memory 1)
    (func $other (param i32) (result i32) (local.get 0))
    ;; Loads, divides, and traps outright in code without a frame; the rest has one.
    (func $late (param $what i32) (param $n i32) (result i32)
      (block $call
        (block $unreachable (block $divide (block $load (block $none
          (br_table $none $load $divide $unreachable $call (local.get $what)))
          (return (local.get $n)))
          (return (i32.load offset=65534 (local.get $n))))
          (return (i32.div_s (i32.const 7) (local.get $n))))
        (unreachable))
      (i32.add (call $other (local.get $n)) (i32.div_s (i32.const 7) (local.get $n))))
    (func $middle (param i32 i32) (result i32)
      (i32.add (i32.const 1) (call $late (local.get 0) (local.get 1))))
    (func $outer (export "outer") (param i32 i32) (result i32)
      (i32.mul (i32.const 2) (call $middle (local.get 0) (local.get 1)))))`);
  ok(lateFrames(instance) >= 1);
  deepStrictEqual(call(instance, "outer", 0, 5), [12]);
  deepStrictEqual(call(instance, "outer", 2, 7), [4]);
  deepStrictEqual(call(instance, "outer", 4, 7), [18]);
  const names = ["late", "middle", "outer"];
  const cases = [
    [1, 2, "out of bounds memory access"],
    [2, 0, "integer divide by zero"],
    [3, 0, "unreachable"],
    [4, 0, "integer divide by zero"],
  ] as const;
  for (const [what, n, message] of cases) {
    deepStrictEqual(traceOf(() => call(instance, "outer", what, n)), { message, names });
  }
});

onEveryBackend(
  "loops on either side of the prologue, and none of them builds it again",
  async (world) => {
    const instance = await world.instantiate(`(module
    (func $step (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)))
    ;; Counts down without a frame, then with calls.
    (func $run (export "run") (param $a i32) (param $b i32) (result i32) (local $sum i32)
      (loop $first
        (local.set $sum (i32.add (local.get $sum) (local.get $a)))
        (br_if $first (local.tee $a (i32.sub (local.get $a) (i32.const 1)))))
      (if (i32.eqz (local.get $b)) (then (return (local.get $sum))))
      (loop $second
        (local.set $sum (i32.add (local.get $sum) (local.get $b)))
        (br_if $second (local.tee $b (call $step (local.get $b)))))
      (local.get $sum)))`);
    strictEqual(lateFrames(instance), 1);
    deepStrictEqual(call(instance, "run", 4, 0), [10]);
    deepStrictEqual(call(instance, "run", 4, 1000), [500510]);
  },
);

onEveryBackend("rare code stands before the prologue, and nothing runs into it", async (world) => {
  // The block that goes on to the prologue is the last without a frame; its division may trap.
  const instance = await world.instantiate(`(module
    (func $step (param i32) (result i32) (i32.add (local.get 0) (i32.const 100)))
    (func $choose (export "choose") (param $n i32) (param $d i32) (result i32)
      (if (local.get $n) (then) (else (return (local.get $d))))
      (if (i32.and (local.get $d) (i32.const 1))
        (then (local.set $n (i32.div_u (local.get $n) (local.get $d))))
        (else (local.set $n (i32.rem_u (local.get $n) (local.get $d)))))
      (i32.add (local.get $d) (call $step (local.get $n)))))`);
  strictEqual(lateFrames(instance), 1);
  deepStrictEqual(call(instance, "choose", 0, 7), [7]);
  deepStrictEqual(call(instance, "choose", 30, 7), [111]);
  deepStrictEqual(call(instance, "choose", 30, 8), [114]);
  const { message, names } = traceOf(() => call(instance, "choose", 9, 0));
  deepStrictEqual([message, names], ["integer divide by zero", ["choose"]]);
});

onEveryBackend("several results, also on the stack, are right on both sides", async (world) => {
  const results = "i32 i64 f64 i32 i32 i32 i32 i32 i32 i32";
  const instance = await world.instantiate(`(module
    (func $inner (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func $many (export "many") (param $p i32) (param i32 i32 i32 i32 i32 i32 i32 i32) (param $last i32)
      (result ${results})
      (if (i32.eqz (local.get $p)) (then
        (return (i32.const 1) (i64.const 2) (f64.const 3) (local.get 1) (local.get 2) (i32.const 6)
          (i32.const 7) (i32.const 8) (i32.const 9) (local.get $last))))
      (call $inner (local.get $p)) (i64.const 22) (f64.const 33) (local.get 2) (local.get 1)
      (i32.const 66) (i32.const 77) (i32.const 88) (i32.const 99)
      (call $inner (local.get $last))))`);
  strictEqual(lateFrames(instance), 1);
  const many = (p: number): unknown[] => call(instance, "many", p, 4, 5, 0, 0, 0, 0, 0, 0, 40);
  deepStrictEqual(many(0), [1, 2n, 3, 4, 5, 6, 7, 8, 9, 40]);
  deepStrictEqual(many(5), [6, 22n, 33, 5, 4, 66, 77, 88, 99, 41]);
});

onEveryBackend("a recursion that ends the stack is traced through late frames", async (world) => {
  const instance = await world.instantiate(`(module
    (func $deep (export "deep") (param i32) (result i32)
      (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
      (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1))))))`);
  strictEqual(lateFrames(instance), 1);
  deepStrictEqual(call(instance, "deep", 1000), [1000]);
  const { message, frames = [] } = trapOf(() => call(instance, "deep", -1));
  strictEqual(message, "call stack exhausted");
  ok(wasmFrames(frames).every(({ functionName }) => functionName === "deep"));
  const omitted = frames.flatMap((frame) => frame.kind === "omitted" ? [frame.count] : []);
  ok(omitted.length === 1 && (omitted[0] as number) > 1000, omitted.join(" "));
});
