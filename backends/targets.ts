/**
 * The registry of instruction sets for the command line, which loads the one that is asked for, and
 * its compiler only when there is something to compile. It has the entries of `mod.ts`.
 *
 * @module
 */
import { unlisted } from "../lib/base/unlisted.ts";
import type { InstructionReader, Isa, RuntimeIsa } from "../lib/codegen/isa.ts";
import type { EmulatedMachine } from "../lib/executor/unicorn/machine.ts";
import type { Target } from "../lib/runtime/backend.ts";
import type { FaultExplainer } from "../lib/runtime/fault_explainer.ts";

/** All instruction sets that Trapline compiles for and runs, in the order of `backends`. */
export const targets: readonly Target[] = [
  target({
    name: "x64",
    triple: "x86_64-unknown-none",
    machine: async () =>
      (await import(unlisted("./x64/emulator.ts")) as typeof import("./x64/emulator.ts"))
        .x64Machine,
    runtime: async () =>
      (await import(unlisted("./x64/runtime.ts")) as typeof import("./x64/runtime.ts")).x64Runtime,
    reader: async () =>
      (await import(unlisted("./x64/reader.ts")) as typeof import("./x64/reader.ts")).x64Reader,
    isa: async () => (await import(unlisted("./x64/mod.ts")) as typeof import("./x64/mod.ts")).x64,
  }),
  target({
    name: "aarch64",
    triple: "aarch64-unknown-none",
    machine: async () =>
      (await import(unlisted("./aarch64/emulator.ts")) as typeof import("./aarch64/emulator.ts"))
        .aarch64Machine,
    runtime: async () =>
      (await import(unlisted("./aarch64/runtime.ts")) as typeof import("./aarch64/runtime.ts"))
        .aarch64Runtime,
    reader: async () =>
      (await import(unlisted("./aarch64/reader.ts")) as typeof import("./aarch64/reader.ts"))
        .aarch64Reader,
    isa: async () =>
      (await import(unlisted("./aarch64/mod.ts")) as typeof import("./aarch64/mod.ts")).aarch64,
  }),
  target({
    name: "riscv64",
    triple: "riscv64gc-unknown-none-elf",
    machine: async () =>
      (await import(unlisted("./riscv64/emulator.ts")) as typeof import("./riscv64/emulator.ts"))
        .riscv64Machine,
    runtime: async () =>
      (await import(unlisted("./riscv64/runtime.ts")) as typeof import("./riscv64/runtime.ts"))
        .riscv64Runtime,
    reader: async () =>
      (await import(unlisted("./riscv64/reader.ts")) as typeof import("./riscv64/reader.ts"))
        .riscv64Reader,
    isa: async () =>
      (await import(unlisted("./riscv64/mod.ts")) as typeof import("./riscv64/mod.ts")).riscv64,
  }),
];

/** The parts of a backend's folder. */
interface Parts {
  readonly name: string;
  readonly triple: string;
  readonly machine: () => Promise<EmulatedMachine>;
  readonly runtime: () => Promise<RuntimeIsa>;
  readonly reader: () => Promise<InstructionReader>;
  readonly isa: () => Promise<Isa>;
}

function target({ name, triple, machine, runtime, reader, isa }: Parts): Target {
  return {
    name,
    triple,
    loadRuntime: async () => {
      const [isa, loaded] = await Promise.all([runtime(), machine()]);
      return { isa, machine: loaded, explainer: () => loadExplainer(reader) };
    },
    load: async () => {
      const { createCompiler } = await import(
        unlisted("./create_compiler.ts")
      ) as typeof import("./create_compiler.ts");
      const { compileAndLink } = await import(
        unlisted("../lib/link/compile_and_link.ts")
      ) as typeof import("../lib/link/compile_and_link.ts");
      return {
        isa: await isa(),
        machine: await machine(),
        createCompiler,
        compileAndLink,
        explainer: await loadExplainer(reader),
      };
    },
  };
}

async function loadExplainer(reader: () => Promise<InstructionReader>): Promise<FaultExplainer> {
  const { FaultExplainer } = await import(
    unlisted("../lib/runtime/fault_explainer.ts")
  ) as typeof import("../lib/runtime/fault_explainer.ts");
  return new FaultExplainer(await reader());
}
