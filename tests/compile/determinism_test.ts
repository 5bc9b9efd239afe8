/** The same module gives the same bytes, in whatever order and company its functions are compiled. */
import { ok, strictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { CompileInputs } from "../../lib/compile/compile_inputs.ts";
import type { CompiledFunction } from "../../lib/compile/compiled_function.ts";
import type { Compiler } from "../../lib/compile/compiler.ts";
import { IsaCompiler } from "../../lib/compile/isa_compiler.ts";
import { linkAndFinish } from "../../lib/link/link.ts";
import { type ModuleTranslation, translateModule } from "../../lib/translate/module.ts";
import { generateModule } from "../fuzz/generate.ts";
import { Random } from "../fuzz/random.ts";
import { sharedFiles } from "../suites/shared.ts";

async function modules(): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const url of [new URL("../../examples/mandelbrot.wat", import.meta.url)]) {
    found.set("mandelbrot", await parseText(await Deno.readTextFile(url), "mandelbrot.wat"));
  }
  for (let seed = 0; seed < 20; seed++) found.set(`seed ${seed}`, generateModule(seed).bytes);
  for (const folder of ["coremark", "bz2"]) {
    for (const file of sharedFiles(`corpus/${folder}`, ".wasm")) {
      found.set(folder, await Deno.readFile(file));
    }
  }
  return found;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let n = result.length - 1; n > 0; n--) {
    const other = random.below(n + 1);
    [result[n], result[other]] = [result[other] as T, result[n] as T];
  }
  return result;
}

/** Everything that a code object says, as one text. */
function compile(translation: ModuleTranslation, compiler: Compiler, random?: Random): string {
  const { inputs } = CompileInputs.fromModule(translation);
  const ordered = new CompileInputs(random === undefined ? inputs : shuffled(inputs, random));
  const code = linkAndFinish(ordered.compile(compiler), compiler, translation);
  const { text, trapOffsets, traps, addressOffsets, addressLocations } = code;
  const names = code.symbols.map(({ name, location }) => `${name}@${location.start}`);
  return [text, trapOffsets, traps, addressOffsets, addressLocations, names].join("|");
}

for (const { isa } of backends) {
  Deno.test(`${isa.name}: order, repetition and reuse do not change the code`, async () => {
    const reused = new IsaCompiler(isa);
    for (const [name, bytes] of await modules()) {
      const translation = translateModule(bytes);
      const once = compile(translation, new IsaCompiler(isa));
      ok(once.length > 100);
      // Comparing first keeps a failure from printing megabytes.
      ok(compile(translation, reused) === once, `${name}: with a compiler that was used before`);
      ok(compile(translation, reused, new Random(7)) === once, `${name}: in another order`);
      ok(compile(translateModule(bytes), reused) === once, `${name}: translated anew`);
    }
  });

  Deno.test({
    name: `${isa.name}: a function is the same alone and in company`,
    ignore: sharedFiles("corpus/pulldown-cmark", ".wasm").length === 0,
    fn: () => {
      const [file] = sharedFiles("corpus/pulldown-cmark", ".wasm");
      const translation = translateModule(Deno.readFileSync(file!));
      const { inputs } = CompileInputs.fromModule(translation);
      const reused = new IsaCompiler(isa), random = new Random(11);
      const contents = ({ code, traps, addressMap }: CompiledFunction): string =>
        String([code, traps, addressMap]);
      // Twice, so that each comes after larger ones: arrays that are reused have grown by then.
      for (const { compile } of shuffled([...inputs, ...inputs], random)) {
        const alone = compile(new IsaCompiler(isa));
        ok(contents(alone) === contents(compile(reused)), `${alone.symbol} differs`);
      }
    },
  });

  Deno.test(`${isa.name}: verification does not change the code`, async () => {
    for (const [name, bytes] of await modules()) {
      if (!name.startsWith("seed")) continue;
      const translation = translateModule(bytes);
      const verified = new IsaCompiler(isa, { observer: { verify: true } });
      strictEqual(
        compile(translation, verified) === compile(translation, new IsaCompiler(isa)),
        true,
        name,
      );
    }
  });
}
