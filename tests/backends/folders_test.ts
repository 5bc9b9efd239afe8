/**
 * What all backends have alike: the files of their folders, an entry in both registries, and a
 * lowering for every opcode.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { targets } from "../../backends/targets.ts";
import { opNames } from "../../lib/ir/ops.ts";
import { vectorRows } from "../../lib/ir/vector_ops.ts";
import { halfLowerings } from "../../lib/passes/vectors/lowerings.ts";
import { root } from "../support/module_graph.ts";

/** Files that only one backend has, and why. */
const own: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aarch64: { "logical_immediate.ts": "runs of ones as immediates, an encoding of Arm's" },
  riscv64: { "constants.ts": "constants are sequences of instructions, planned by cost" },
};

/** Whether a file is about vectors, which instruction sets without registers for them do not select. */
const isOfVectors = (name: string): boolean =>
  name.startsWith("lower_vector") || name === "vector_instructions.ts";

function filesOf(name: string): string[] {
  return [...Deno.readDirSync(new URL(`backends/${name}`, root))].map(({ name }) => name).sort();
}

Deno.test("the folders of backends have the same files, but for those that are named here", () => {
  const expected = filesOf("x64").filter((name) => !(name in (own.x64 ?? {})));
  ok(expected.length > 30 && expected.some(isOfVectors));
  for (const { isa } of backends) {
    const others = own[isa.name] ?? {}, files = filesOf(isa.name);
    for (const name of Object.keys(others)) ok(files.includes(name), `${isa.name}/${name} is gone`);
    deepStrictEqual(
      files.filter((name) => !(name in others)),
      expected.filter((name) => !(isa.scalarizesVectors && isOfVectors(name))),
      isa.name,
    );
  }
});

Deno.test("both registries have the same backends in the same order", async () => {
  deepStrictEqual(
    targets.map(({ name, triple }) => ({ name, triple })),
    backends.map(({ isa: { name, triple } }) => ({ name, triple })),
  );
  for (const [n, target] of targets.entries()) {
    const backend = await target.load(), runtime = await target.loadRuntime();
    strictEqual(backend.isa, backends[n]?.isa);
    strictEqual(backend.machine, backends[n]?.machine);
    strictEqual(runtime.machine, backend.machine);
    deepStrictEqual([runtime.isa.name, runtime.isa.triple], [target.name, target.triple]);
  }
});

Deno.test("every opcode has a lowering on every target", () => {
  for (const { isa } of backends) {
    strictEqual(isa.lowerings.length, opNames.length);
    const missing = opNames.filter((_, op) => typeof isa.lowerings[op] !== "function");
    deepStrictEqual(missing, [], isa.name);
  }
  // Where vectors are taken apart, the pass does what selection does elsewhere.
  const inScalarizer = ["v128_const", "v128_load", "v128_load32_zero", "v128_load64_zero"]
    .concat("v128_store");
  const missing = Object.keys(vectorRows)
    .filter((name) => !(name in halfLowerings) && !inScalarizer.includes(name));
  deepStrictEqual(missing, []);
});
