/**
 * Functions of more than 1 MiB and texts of more than a call reaches: they link, run as in V8, and
 * trap where V8 traps. Veneers are also tested with ranges that are made smaller, for which a text of
 * a few kilobytes is large; `deno task test:large` has a function of more than 128 MiB.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { backendByName, backends } from "../../backends/mod.ts";
import { CompileKind } from "../../lib/compile/compile_key.ts";
import type { Isa } from "../../lib/codegen/isa.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { checkLarge, compileLarge, countVeneers } from "./check.ts";
import { largeModule } from "./large_module.ts";

const MIB = 1 << 20;

/** Bytes of text of a pair, a bit less than they are. */
const bytesOfPair: Readonly<Record<string, number>> = { x64: 110, aarch64: 59, riscv64: 69 };

for (const backend of backends) {
  const { name } = backend.isa;
  Deno.test(`${name}: functions of more than 1 MiB call each other across a text of 130 MiB`, async () => {
    const functions = 100, size = 1.31 * MIB;
    const pairs = Math.ceil(size / (bytesOfPair[name] as number));
    const bytes = largeModule({ functions, pairs, calls: 1 });
    const module = compileLarge(backend, bytes);
    ok(module.code.text.length > 130 * MIB, `${module.code.text.length} bytes of text`);
    for (const { wasmFuncLoc: { length } } of module.code.functions) ok(length > MIB, `${length}`);
    const veneers = countVeneers(module);
    // Calls reach 2 GiB, 128 MiB, and where functions are so large any distance.
    ok(name === "aarch64" ? veneers > 0 && veneers < 10 : veneers === 0, `${veneers} veneers`);
    await checkLarge(backend, module, { bytes, depth: 1 });
  });
}

Deno.test("riscv64: small functions in a text of 4 MiB call with jal, through veneers where it is far", async () => {
  const backend = backendByName("riscv64") as Backend;
  const bytes = largeModule({ functions: 210, pairs: 300, calls: 2 });
  const module = compileLarge(backend, bytes), { code } = module;
  ok(code.text.length > 4 * MIB, `${code.text.length} bytes of text`);
  ok(code.symbols.every(({ relocations }) => relocations.every(({ kind }) => kind === 0)));
  const calls = code.symbols.flatMap(({ relocations }) => relocations).length;
  const veneers = countVeneers(module);
  ok(veneers > calls / 4 && veneers < 0.8 * calls, `${veneers} of ${calls} calls through veneers`);
  await checkLarge(backend, module, { bytes, depth: 2 });
});

/** A backend whose calls reach less far. */
function withReach({ isa, ...backend }: Backend, reach: number): Backend {
  const shrunk: Isa = {
    ...isa,
    relocations: isa.relocations.map((kind, k) =>
      k === 0 ? { ...kind, min: -reach, max: reach } : kind
    ),
  };
  return { ...backend, isa: shrunk };
}

for (const backend of backends) {
  const { name } = backend.isa;
  // On x64 a veneer reaches no further than a call does, and no call is out of reach.
  if (name === "x64") continue;

  Deno.test(`${name}: small functions call through veneers, the near ones directly`, async () => {
    const reach = 16_384, bytes = largeModule({ functions: 120, pairs: 40, calls: 3 });
    const module = compileLarge(withReach(backend, reach), bytes);
    const { text, symbols } = module.code;
    ok(text.length > 6 * reach, `${text.length} bytes of text`);
    const starts = module.code.functions.map(({ wasmFuncLoc }) => wasmFuncLoc.start);
    let direct = 0, through = 0;
    for (const { key, location, relocations } of symbols) {
      for (const relocation of relocations) {
        strictEqual(relocation.kind, 0, "the function is small");
        const at = location.start + relocation.offset;
        const distance = (starts[relocation.target >> 1] as number) - at;
        const to = backend.isa.disassemble(text, at)?.target as number;
        ok(Math.abs(to) <= reach, `${key.index} calls ${to} bytes away`);
        if (to === distance) direct++;
        else through++;
        // What was placed before is called directly whenever it is in reach.
        if (distance < 0 && distance >= -reach) strictEqual(to, distance);
      }
    }
    ok(direct > 100 && through > 100, `${direct} direct calls, ${through} through veneers`);
    await checkLarge(backend, module, { bytes, depth: 3 });
  });

  Deno.test(`${name}: a function beyond the reach of its calls calls anywhere by itself`, async () => {
    const reach = 4096, bytes = largeModule({ functions: 10, pairs: 200, calls: 2 });
    const module = compileLarge(withReach(backend, reach), bytes);
    const functions = module.code.symbolsOfKind(CompileKind.wasmFunction)
      .filter(({ location }) => location.length > reach);
    ok(functions.length >= 10);
    const kinds = functions.flatMap(({ relocations }) => relocations.map(({ kind }) => kind));
    deepStrictEqual([...new Set(kinds)], [1]);
    await checkLarge(backend, module, { bytes, depth: 3 });
  });
}
