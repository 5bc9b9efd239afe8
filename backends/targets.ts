/**
 * The registry of instruction sets for the command line, which loads the one that is asked for, and
 * its compiler only when there is something to compile. It has the entries of `mod.ts`.
 *
 * @module
 */
import type { Isa, RuntimeIsa } from "../lib/codegen/isa.ts";
import type { EmulatedMachine } from "../lib/executor/unicorn/machine.ts";
import type { Target } from "../lib/runtime/backend.ts";

/** All instruction sets that Trapline compiles for and runs, in the order of `backends`. */
export const targets: readonly Target[] = [
  target({
    name: "x64",
    triple: "x86_64-unknown-none",
    machine: async () => (await import("./x64/emulator.ts")).x64Machine,
    runtime: async () => (await import("./x64/runtime.ts")).x64Runtime,
    isa: async () => (await import("./x64/mod.ts")).x64,
  }),
  target({
    name: "aarch64",
    triple: "aarch64-unknown-none",
    machine: async () => (await import("./aarch64/emulator.ts")).aarch64Machine,
    runtime: async () => (await import("./aarch64/runtime.ts")).aarch64Runtime,
    isa: async () => (await import("./aarch64/mod.ts")).aarch64,
  }),
  target({
    name: "riscv64",
    triple: "riscv64gc-unknown-none-elf",
    machine: async () => (await import("./riscv64/emulator.ts")).riscv64Machine,
    runtime: async () => (await import("./riscv64/runtime.ts")).riscv64Runtime,
    isa: async () => (await import("./riscv64/mod.ts")).riscv64,
  }),
];

/** The parts of a backend's folder. */
interface Parts {
  readonly name: string;
  readonly triple: string;
  readonly machine: () => Promise<EmulatedMachine>;
  readonly runtime: () => Promise<RuntimeIsa>;
  readonly isa: () => Promise<Isa>;
}

function target({ name, triple, machine, runtime, isa }: Parts): Target {
  return {
    name,
    triple,
    loadRuntime: async () => ({ isa: await runtime(), machine: await machine() }),
    load: async () => {
      const { createCompiler } = await import("./create_compiler.ts");
      return { isa: await isa(), machine: await machine(), createCompiler };
    },
  };
}
