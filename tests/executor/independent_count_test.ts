/**
 * The counter that `bench` and `profile` rely on, against a count that is made in another way: every
 * instruction on its own. On all targets, per instruction and in sum: blocks that are entered in the
 * middle, calls of the host and back, builtins, indirect calls, and faults in the middle of blocks.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { Instance } from "../../lib/runtime/instance.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import type { Store } from "../../lib/runtime/store.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { HookedStore } from "./instruction_hook.ts";

const text = `(module
  (import "host" "echo" (func $echo (param i32) (result i32)))
  (import "host" "again" (func $again (param i32) (result i32)))
  (memory (export "memory") 1 8)
  (table funcref (elem $odd $even $echo))
  (type $unary (func (param i32) (result i32)))
  (func $odd (param i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1)))
  (func $even (param i32) (result i32) (i32.shr_u (local.get 0) (i32.const 1)))

  (func (export "collatz") (param i32) (result i32) (local $steps i32)
    (loop $next
      (local.set 0
        (call_indirect (type $unary) (local.get 0)
          (i32.eqz (i32.and (local.get 0) (i32.const 1)))))
      (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
      (br_if $next (i32.gt_u (local.get 0) (i32.const 1))))
    (local.get $steps))

  ;; Each case falls into the next, so every block is entered from above and from the table.
  (func (export "fall") (param i32) (result i32) (local $sum i32) (local $n i32)
    (local.set $n (local.get 0))
    (loop $next
      (block $c (block $b (block $a
        (br_table $a $b $c (i32.rem_u (local.get $n) (i32.const 3))))
        (local.set $sum (i32.add (local.get $sum) (i32.const 5))))
        (local.set $sum (i32.xor (local.get $sum) (i32.const 0x55))))
      (local.set $sum (i32.rotl (local.get $sum) (i32.const 3)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "host") (param i32) (result i32)
    (loop $next
      (local.set 0 (call $echo (local.get 0)))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (call_indirect (type $unary) (i32.const 7) (i32.const 2)))

  (func $down (export "down") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (call $again (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
      (else (i32.const 0))))

  (func (export "grow") (param i32) (result i32)
    (memory.fill (i32.const 16) (i32.const 7) (local.get 0))
    (i32.add (memory.grow (i32.const 1)) (i32.load8_u (i32.const 17))))

  (func (export "straight") (param i32) (result i32)
    ${
  Array.from(
    { length: 900 },
    (_, n) =>
      `(i32.store offset=${4 * (n % 64)} (i32.const 0)
         (i32.add (i32.load offset=${4 * (n * 7 % 64)} (i32.const 0)) (local.get 0)))`,
  ).join("\n")
}
    (i32.load (i32.const 0)))

  (func (export "unreachable") (param i32) (result i32)
    (i32.store (i32.const 0) (local.get 0))
    (if (i32.gt_u (local.get 0) (i32.const 3)) (then (unreachable)))
    (i32.const 1))
  (func (export "beyond") (param i32) (result i32)
    (i32.store (i32.const 0) (local.get 0))
    (i32.store (i32.const 4)
      (i32.add (i32.load (i32.mul (local.get 0) (i32.const 65536))) (i32.const 9)))
    (i32.store (i32.const 8) (i32.const 3))
    (i32.const 1))
  (func (export "divide") (param i32) (result i32)
    (i32.store (i32.const 0) (local.get 0))
    (i32.mul (i32.div_u (i32.const 100) (i32.sub (local.get 0) (i32.const 4))) (i32.const 7)))
  (func $deep (export "deep") (param i32) (result i32)
    (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (local.get 0)))
)`;

/** What is called, and whether it must trap. */
const calls: readonly { readonly name: string; readonly arg: number; readonly traps?: true }[] = [
  { name: "collatz", arg: 27 },
  { name: "fall", arg: 101 },
  { name: "host", arg: 9 },
  { name: "down", arg: 6 },
  { name: "grow", arg: 300 },
  { name: "straight", arg: 3 },
  { name: "unreachable", arg: 2 },
  { name: "unreachable", arg: 4, traps: true },
  { name: "beyond", arg: 0 },
  { name: "beyond", arg: 5000, traps: true },
  { name: "divide", arg: 5 },
  { name: "divide", arg: 4, traps: true },
  { name: "deep", arg: 0, traps: true },
];

const bytes = await parseText(text, "independent counts");

/** A store with the module in it, and what calls its exports; gives the pc of the fault, if any. */
async function instantiate(backend: Backend): Promise<{
  hooked: HookedStore;
  call: (name: string, arg: number) => number | undefined;
}> {
  const engine = new Engine(backend);
  const hooked = await HookedStore.open(engine, backend), { store } = hooked;
  const linker = new Linker(store);
  let instance: Instance | undefined = undefined;
  const type = { kind: "function", params: [0x7f], results: [0x7f] } as never;
  const down = (n: number): number => instance?.getFunc("down")?.call(n)[0] as number;
  linker.define("host", "echo", store.hostFunction(type, (n) => n));
  linker.define("host", "again", store.hostFunction(type, down));
  instance = linker.instantiate(Module.compile(engine, bytes));
  const call = (name: string, arg: number): number | undefined => {
    try {
      instance.getFunc(name)?.call(arg);
      return undefined;
    } catch (error) {
      if (error instanceof Trap) return error.machine?.pc;
      throw error;
    }
  };
  return { hooked, call };
}

/** How often each instruction was executed, by guest address, from the executor's blocks. */
function expand(
  store: Store,
  { isa }: Backend,
  run: () => void,
): { counts: Map<number, number>; instructions: number } {
  const starts = (address: number, byteLength: number): number[] => {
    const found: number[] = [];
    const place = store.executor.resolve(address);
    ok(place !== undefined);
    for (let at = 0; at < byteLength;) {
      found.push(address + at);
      at += isa.disassemble(place.bytes, place.offset + at)?.length ?? 1;
    }
    return found;
  };
  store.executor.startCounting();
  run();
  const profile = store.executor.stopCounting((address, length) => starts(address, length).length);
  const counts = new Map<number, number>();
  for (const { address, byteLength, count } of profile.blocks) {
    const isStub = store.code.at(address) === undefined;
    for (const at of isStub ? [address] : starts(address, byteLength)) {
      counts.set(at, (counts.get(at) ?? 0) + count);
    }
  }
  return { counts, instructions: profile.instructions };
}

const sorted = (counts: Map<number, number>): [number, number][] =>
  [...counts].sort(([a], [b]) => a - b);
const sum = (counts: Map<number, number>): number =>
  [...counts.values()].reduce((all, count) => all + count, 0);

for (const backend of backends) {
  Deno.test(`${backend.isa.name}: blocks and single instructions give the same counts`, async () => {
    // One store each: how Unicorn translates the code depends on the hooks that there are.
    const [blocks, single] = [await instantiate(backend), await instantiate(backend)];
    try {
      for (const { name, arg, traps = false } of calls) {
        let pc: number | undefined;
        const found = expand(
          blocks.hooked.store,
          backend,
          () => void (pc = blocks.call(name, arg)),
        );
        strictEqual(pc !== undefined, traps, `${name}(${arg}) traps`);
        let samePc: number | undefined;
        const expected = single.hooked.countDuring(() => void (samePc = single.call(name, arg)));
        strictEqual(samePc, pc);
        if (pc !== undefined) {
          // It was begun, and did not end.
          const begun = expected.get(pc) as number;
          ok(begun >= 1);
          if (begun === 1) expected.delete(pc);
          else expected.set(pc, begun - 1);
        }
        strictEqual(found.instructions, sum(expected), `${name}(${arg})`);
        deepStrictEqual(sorted(found.counts), sorted(expected), `${name}(${arg})`);
        ok(found.instructions > 5);
      }
    } finally {
      blocks.hooked.store.close();
      single.hooked.store.close();
    }
  });
}
