/**
 * Random programs of vector instructions against V8: many live values, shared operands, constants in
 * every place, loops. This is about selection (what is absorbed and folded) and allocation; each
 * instruction by itself is tested in `vector_test.ts`.
 */
import { strictEqual } from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { Func, Memory } from "../../lib/runtime/externals.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { random } from "../ir/edge_values.ts";
import { createStore } from "../support/store.ts";
import { PAGES, vectorCases } from "./vector_cases.ts";
import type { Shape } from "./vector_instructions.ts";
import { fillOperands, laneBits } from "./vector_operands.ts";

const shapes = Object.keys(laneBits) as Shape[];
const PROGRAMS = 30, STATEMENTS = 60, LOCALS = 24;
/** What floats make of NaNs is left open, so that such results may not go on. */
const exact = vectorCases.filter(({ nanBits }) => nanBits === 0);

/** A program that mixes vectors from memory and stores them at the end. */
function program(seed: number): { text: string; oracle: string } {
  const next = random(seed * 7919 + 1);
  const below = (n: number): number => next() % n;
  const constant = (): string => {
    const word = (): number => [0, -1, 1, 0x80000000 | 0, next() | 0][below(5)] as number;
    const first = word();
    const words = below(2) === 0 ? [first, first, first, first] : [first, word(), word(), word()];
    return `(v128.const i32x4 ${words.join(" ")})`;
  };
  const operand = (): string => below(6) === 0 ? constant() : `(local.get $v${below(LOCALS)})`;
  const parts: { text: string; oracle: string }[] = [];
  for (let n = 0; n < STATEMENTS; n++) {
    const one = exact[below(exact.length)] as typeof exact[number];
    const operands: Record<string, string> = { a: operand(), b: operand(), c: operand() };
    const filled = (text: string): string =>
      `(local.set $v${below(LOCALS)} ` +
      text.replace(/\(local\.get \$([abc])\)/g, (_, name) => operands[name] as string) + ")";
    const target = next();
    const rewound = (text: string): string =>
      filled(text).replace(/^\(local\.set \$v\d+/, `(local.set $v${target % LOCALS}`);
    parts.push({ text: rewound(one.text), oracle: rewound(one.oracle) });
    if (below(10) === 0) {
      const move = `(local.set $v${below(LOCALS)} (select ${operand()} ${operand()}
        (v128.any_true ${operand()})))`;
      parts.push({ text: move, oracle: move });
    }
  }
  const locals = Array.from({ length: LOCALS }, (_, n) => n);
  const whole = (statements: readonly string[]): string =>
    `(module
    (memory (export "memory") ${PAGES})
    (func (export "run") (param $n i32) (local $at i32) ${
      locals.map((n) => `(local $v${n} v128)`).join(" ")
    }
      ${
      locals.map((n) => `(local.set $v${n} (v128.load offset=${48 * n} (i32.const 0)))`).join("\n")
    }
      (loop $again
        ${statements.join("\n")}
        (local.set $at (i32.add (local.get $at) (i32.const 51)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      ${
      locals.map((n) => `(v128.store offset=${16 * n} (i32.const 0) (local.get $v${n}))`).join("\n")
    }))`;
  return {
    text: whole(parts.map(({ text }) => text)),
    oracle: whole(parts.map(({ oracle }) => oracle)),
  };
}

for (const backend of backends) {
  Deno.test(`${backend.isa.name}: random programs of vectors do what V8 does`, async () => {
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const { text, oracle } = program(seed);
      const v8 = new WebAssembly.Instance(
        new WebAssembly.Module(await parseText(oracle, "oracle")),
      ).exports as { memory: WebAssembly.Memory; run(n: number): void };
      const engine = new Engine(backend, {
        level: seed % 4 === 0 ? 0 : 1,
        observer: { verify: true },
      });
      const store = await createStore(engine, backend);
      try {
        const module = Module.compile(engine, await parseText(text, "program"));
        const { exports } = new Linker(store).instantiate(module);
        const ours = (exports.get("memory") as Memory).bytes.subarray(0, 65536);
        const shape = shapes[seed % shapes.length] as Shape;
        const theirs = new Uint8Array(v8.memory.buffer, 0, 65536);
        fillOperands(theirs, shape, ours.length);
        fillOperands(ours, shape, ours.length);
        v8.run(3);
        (exports.get("run") as Func).call(3);
        for (let at = 0; at < 16 * LOCALS; at++) {
          strictEqual(ours[at], theirs[at], `program ${seed}, vector ${at >> 4}, byte ${at & 15}`);
        }
      } finally {
        store.close();
      }
    }
  });
}
