/**
 * `compile`, and `run` of what it writes: the same results, no compiler, and clear refusals.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { targets } from "../../backends/targets.ts";
import { moduleGraph, reachable } from "../support/module_graph.ts";
import { compileWorker, trapline, traplineIn, withFiles } from "../cli/captured.ts";
import { programs, runProgram } from "../suites/corpus_programs.ts";
import { runWasiProgram, wasiPrograms } from "../suites/wasi_programs.ts";
import { skip } from "./tools.ts";

const module = `(module
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func $divide (export "divide") (param i32 i32) (result i32)
    (i32.div_u (local.get 0) (local.get 1))))`;

Deno.test("run takes a compiled object as it takes the module", async () => {
  await withFiles({ "m.wat": module }, async (folder) => {
    const wat = `${folder}/m.wat`, object = `${folder}/m.cwasm`, plain = `${folder}/m`;
    for (const options of [[], ["-O0"], ["--drop-bodies"]]) {
      deepStrictEqual(await trapline("compile", ...options, wat, "-o", object), {
        status: 0,
        out: "",
        err: "",
      });
      for (
        const args of [["--invoke", "add", wat, "40", "2"], ["--invoke", "divide", wat, "1", "0"]]
      ) {
        const expected = await trapline("run", ...args);
        const actual = await trapline("run", ...args.map((arg) => arg === wat ? object : arg));
        strictEqual(actual.status, expected.status);
        strictEqual(actual.out, expected.out);
        // Without the bodies nobody knows which instruction it was.
        const known = options[0] === "--drop-bodies"
          ? expected.err.replace(/: i32\.div_u$/m, "")
          : expected.err;
        if (options[0] === "-O0") continue;
        strictEqual(actual.err, known);
      }
    }
    await trapline("compile", wat, "-o", plain);
    await trapline("compile", wat, "-o", object);
    deepStrictEqual(await Deno.readFile(plain), await Deno.readFile(object));
  });
});

Deno.test("files and options that do not fit are refused with one message", async () => {
  await withFiles({ "m.wat": module, "bad.cwasm": "\x7fELF, not" }, async (folder) => {
    const wat = `${folder}/m.wat`, object = `${folder}/m.cwasm`, linkable = `${folder}/m.o`;
    await trapline("compile", "--target", "x64", wat, "-o", object);
    await trapline("compile", "--target", "x64", wat, "-o", linkable);
    const cases: [string[], number, RegExp][] = [
      [["compile", wat], 2, /needs --output/],
      [["compile", wat, "-o", `${folder}/no/such/folder`], 1, /Cannot write/],
      [["compile", object, "-o", linkable], 2, /is compiled already/],
      [["compile", "--target", "vax", wat, "-o", object], 2, /unknown target "vax"/],
      [["run", "--target", "vax", object], 2, /unknown target "vax"/],
      [["run", "--wasm-opt", "O2", object], 2, /--wasm-opt has nothing to optimise/],
      [["run", linkable], 1, /it is relocatable/],
      [["run", `${folder}/bad.cwasm`], 1, /it ends within the ELF header/],
    ];
    for (const [args, status, message] of cases) {
      const result = await trapline(...args);
      match(result.err, message);
      strictEqual(result.status, status, result.err);
      ok(!/internal error|\n\s+at /.test(result.err), result.err);
    }
    const file = await Deno.readFile(object);
    file[file.length >> 1] = (file[file.length >> 1] as number) ^ 4;
    await Deno.writeFile(object, file);
    match((await trapline("run", object)).err, /^trapline: Cannot load compiled object: .*\n$/);
  });
});

Deno.test("programs do the same compiled ahead and not", async () => {
  const chosen = programs().filter(({ name }) => /noop|gimli|ctype/.test(name));
  const wasi = wasiPrograms().filter(({ name }) =>
    ["c/clock_gettime-monotonic", "c/fopen-with-access"].includes(name)
  );
  if (chosen.length + wasi.length === 0) return skip("no corpus");
  await withFiles({}, async (folder) => {
    for (const [n, program] of [...chosen, ...wasi].entries()) {
      const file = `${folder}/${n}.cwasm`;
      const { status, err } = await trapline("compile", program.file, "-o", file);
      strictEqual(status, 0, err);
      const difference = "stdout" in program
        ? await runProgram({ ...program, file })
        : await runWasiProgram({ ...program, file });
      strictEqual(difference, undefined, `${program.name}: ${difference}`);
    }
  });
});

Deno.test("the same file whatever the number of threads", () => {
  const body = "(local.set 0 (i32.mul (i32.load (local.get 0)) (i32.const 77)))".repeat(400);
  const functions = `(func (param i32) (result i32) ${body} (local.get 0))`.repeat(60);
  return withFiles({ "m.wat": `(module (memory 1) ${functions})` }, async (folder) => {
    for (const name of ["m.o", "m.cwasm"]) {
      const files = await Promise.all([1, 2, 3].map(async (threads) => {
        const path = `${folder}/${threads}${name}`;
        const args = ["compile", "-j", `${threads}`, `${folder}/m.wat`, "-o", path];
        const { status, err } = await traplineIn({ compileWorker }, args);
        strictEqual(status, 0, err);
        return await Deno.readFile(path);
      }));
      for (const file of files) deepStrictEqual(file, files[0]);
    }
  });
});

Deno.test("what is compiled for can be run without a compiler", async () => {
  const runtimes = await Promise.all(targets.map((target) => target.loadRuntime()));
  const loaded = await Promise.all(targets.map((target) => target.load()));
  deepStrictEqual(loaded.map(({ isa }) => isa), backends.map(({ isa }) => isa));
  const described = backends.map(({ isa, machine }) => [
    isa.triple,
    isa.features,
    isa.featureBits,
    machine,
  ]);
  deepStrictEqual(
    runtimes.map(({ isa, machine }) => [isa.triple, isa.features, isa.featureBits, machine]),
    described,
  );
  deepStrictEqual(
    targets.map(({ name, triple }) => [name, triple]),
    backends.map(({ isa }) => [isa.name, isa.triple]),
  );
  for (const { isa } of runtimes) ok(!("emit" in isa));
});

Deno.test("running an object loads no compiler, and little that few programs need", async () => {
  const runtimes = targets.flatMap(({ name }) => [
    `backends/${name}/runtime.ts`,
    `backends/${name}/emulator.ts`,
  ]);
  const loaded = reachable(await moduleGraph(), ["cli.ts", "lib/cli/run.ts", ...runtimes]);
  ok(
    loaded.some((name) => name.endsWith("backends/x64/relocations.ts")),
    "the graph was not read",
  );
  const compiler =
    /lib\/passes\/|lib\/ir\/(?!types)|isa_compiler|function_translator|allocat|selector|disassembler|_evidence|\/(lower|emit)/;
  deepStrictEqual(loaded.filter((name) => compiler.test(name)), []);
  const rare = /block_counter|lib\/wasi\/(clocks|poll|sockets|readiness|patience|host\/libc)\.ts/;
  deepStrictEqual(loaded.filter((name) => rare.test(name)), []);
});
