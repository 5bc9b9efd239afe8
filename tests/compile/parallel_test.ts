/** Several threads compile the same bytes as one, and fail in the same way. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { InternalError, Unsupported } from "../../lib/base/errors.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { CompileInputs } from "../../lib/compile/compile_inputs.ts";
import { compareCompileKeys, type CompileKey } from "../../lib/compile/compile_key.ts";
import { IsaCompiler } from "../../lib/compile/isa_compiler.ts";
import { CompilePool } from "../../lib/compile/parallel/compile_pool.ts";
import { packOutputs, unpackOutputs } from "../../lib/compile/parallel/output_pack.ts";
import { describeError, recreateError, work } from "../../lib/compile/parallel/work.ts";
import { WorkList } from "../../lib/compile/parallel/work_list.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Module } from "../../lib/runtime/module.ts";
import { translateModule } from "../../lib/translate/module.ts";

const workerUrl = new URL("../../backends/compile_worker.ts", import.meta.url);

/** A module large enough for several threads: functions that differ, call each other and trap. */
function largeModule(functions: number): Promise<Uint8Array<ArrayBuffer>> {
  const bodies = Array.from({ length: functions }, (_, n) => {
    const steps = Array.from(
      { length: 20 + n % 17 },
      (_, k) =>
        `(local.set 0 (i32.xor (i32.mul (local.get 0) (i32.const ${7919 * k + n}))
          (i32.load offset=${4 * k} (local.get 0))))`,
    );
    // Some return before they need a frame.
    const early = n % 3 > 0
      ? ""
      : `(if (i32.eq (local.get 0) (i32.const ${n})) (then (return (i32.const 1))))`;
    return `(func $f${n} (export "f${n}") (param i32) (result i32) ${early} ${steps.join("\n")}
      (if (i32.eqz (local.get 0)) (then (drop (memory.grow (i32.const 1)))))
      (call $f${(7 * n + 3) % functions} (local.get 0)))`;
  });
  return parseText(`(module (memory 1) ${bodies.join("\n")})`, "large.wat");
}

for (const backend of backends) {
  Deno.test(`${backend.isa.name}: several threads give the code of one`, async () => {
    const bytes = await largeModule(200);
    using pool = new CompilePool({ workerUrl, threads: 3 });
    const engine = new Engine(backend);
    const alone = Module.compile(engine, bytes).code;
    strictEqual(alone.symbols.filter(({ frame }) => frame.start > 0).length, 67);
    for (let repetition = 0; repetition < 3; repetition++) {
      let last = 0;
      const { code } = await Module.compileParallel(engine, bytes, pool, (done, total) => {
        strictEqual(total, 401);
        last = Math.max(last, done);
      });
      deepStrictEqual(code, alone);
      strictEqual(last > 0, true);
    }
    const quick = new Engine(backend, { level: 0 });
    const { code } = await Module.compileParallel(quick, bytes, pool);
    deepStrictEqual(code, Module.compile(quick, bytes).code);
  });
}

Deno.test("workers compile for the CPU features that are asked for", async () => {
  const text = "(i32.popcnt (i32.add (local.get 0) (i32.shl (local.get 0) (i32.const 2))))";
  const bytes = await parseText(
    `(module ${`(func (param i32) (result i32) ${text})`.repeat(20)})`,
    "features.wat",
  );
  using pool = new CompilePool({ workerUrl, threads: 2, onlyWorkers: true });
  for (const backend of backends) {
    const { isa } = backend;
    const all = isa.features.reduce((bits, { mask }) => bits | mask, 0);
    for (const featureBits of [isa.featureBits, all]) {
      const engine = new Engine({ ...backend, isa: isa.withFeatures(featureBits) });
      const { code } = await Module.compileParallel(engine, bytes, pool);
      deepStrictEqual(code, Module.compile(engine, bytes).code);
    }
  }
  strictEqual(pool.workers, 1);
});

Deno.test("threads share the jobs: each is done once, by whoever comes first", async () => {
  const translation = translateModule(await largeModule(100));
  const { inputs } = CompileInputs.fromModule(translation);
  const list = WorkList.of(translation, inputs);
  const compiler = new IsaCompiler(backends[0]!.isa);
  const first = list.take()!;
  const rest = work(compiler, inputs, WorkList.share(list));
  const keys = (jobs: readonly { readonly key: CompileKey }[]): CompileKey[] =>
    jobs.map(({ key }) => key).sort(compareCompileKeys);
  deepStrictEqual(
    keys(rest.outputs),
    keys([...inputs.slice(0, first.from), ...inputs.slice(first.to)]),
  );
  strictEqual(list.take(), undefined);
});

Deno.test("the largest pieces are taken first, and only functions that are larger exceed their size", async () => {
  const body = (steps: number): string =>
    `(func (param i32) (result i32) ${
      "(local.set 0 (i32.mul (local.get 0) (i32.const 3)))".repeat(steps)
    } (local.get 0))`;
  const sizes = [10, 4000, 20, 30, 900, 15, 2000];
  const bytes = await parseText(`(module ${sizes.map(body).join("")})`, "sizes.wat");
  const translation = translateModule(bytes);
  const { inputs } = CompileInputs.fromModule(translation);
  const list = WorkList.of(translation, inputs, 2048);
  const taken: number[][] = [];
  for (let piece; (piece = list.take()) !== undefined;) taken.push([piece.from, piece.to]);
  // Functions 0 to 6, then a trampoline.
  deepStrictEqual(taken, [[0, 2], [5, 7], [2, 5], [7, 8]]);
});

Deno.test("outputs survive being packed", async () => {
  const translation = translateModule(await largeModule(30));
  const compiler = new IsaCompiler(backends[0]!.isa);
  const { all } = CompileInputs.fromModule(translation).compile(compiler);
  deepStrictEqual(unpackOutputs(packOutputs(all)), [...all]);
});

Deno.test("the failure of the first job is reported, whichever thread met it", async () => {
  const tail = `(func (export "x") (param i32) (result i32)
    (return_call 0 (local.get 0)))`;
  const text = (bodies: string): string => `(module (memory 1) ${bodies})`;
  const plain = Array.from(
    { length: 300 },
    (_, n) =>
      `(func (param i32) (result i32)
      ${"(local.set 0 (i32.mul (local.get 0) (i32.const 3)))".repeat(40 + n % 3)} (local.get 0))`,
  );
  // Two functions that are not supported, far apart: the first counts.
  const bytes = await parseText(
    text(
      [...plain.slice(0, 200), tail, ...plain.slice(200), tail.replace(`"x"`, `"y"`)].join("\n"),
    ),
    "tail.wat",
  );
  using pool = new CompilePool({ workerUrl, threads: 2 });
  const engine = new Engine(backends[0]!);
  let expected: unknown;
  try {
    Module.compile(engine, bytes);
  } catch (error) {
    expected = error;
  }
  strictEqual(expected instanceof Unsupported, true);
  const { offset, message } = expected as Unsupported;
  for (let repetition = 0; repetition < 3; repetition++) {
    await rejects(Module.compileParallel(engine, bytes, pool), {
      name: "Unsupported",
      offset,
      message,
    });
  }
});

Deno.test("errors keep their kind and place between threads", () => {
  for (const error of [new Unsupported("gc", 12, "struct.new"), new InternalError("broken")]) {
    const again = recreateError(structuredClone(describeError(error)));
    strictEqual(again.constructor, error.constructor);
    strictEqual(again.message, error.message);
  }
});

Deno.test("a small module starts no worker", async () => {
  const bytes = await parseText('(module (func (export "f")))', "small.wat");
  using pool = new CompilePool({ workerUrl: new URL("file:///no/such/worker.ts"), threads: 4 });
  const { code } = await Module.compileParallel(new Engine(backends[0]!), bytes, pool);
  strictEqual(code.symbols.length, 3);
});
