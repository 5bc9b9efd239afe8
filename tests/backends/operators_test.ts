/**
 * Every numeric operator in the emulator against V8, on every target and with CPU features that
 * change how it is compiled.
 */
import { deepStrictEqual, ok } from "node:assert";
import { backends } from "../../backends/mod.ts";
import { configureIsa } from "../../lib/codegen/features.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { createStore } from "../support/store.ts";
import { agrees, operators, type Suite, suites, trapName } from "./operators.ts";

/** Features that the emulator executes; the defaults first. */
const configurations: Readonly<Record<string, readonly string[]>> = {
  x64: ["", "-popcnt,-lzcnt,-bmi1", "bmi2"],
  aarch64: [""],
  riscv64: ["", "-c"],
};

Deno.test("the operators are those of WebAssembly", () => {
  ok(operators.length > 120, `${operators.length}`);
});

for (const backend of backends) {
  for (const features of configurations[backend.isa.name] ?? [""]) {
    for (const { name, make } of suites) {
      // Features have no immediates of their own.
      if (features !== "" && name.includes("constant operands")) continue;
      Deno.test(`${backend.isa.name} ${features}: ${name}`, () => run(backend, features, make));
    }
  }
}

async function run(
  backend: Backend,
  features: string,
  make: () => Promise<Suite>,
): Promise<void> {
  const suite = await make();
  const configured = { ...backend, isa: configureIsa(backend.isa, features) };
  const engine = new Engine(configured, { observer: { verify: true } });
  const store = await createStore(engine, configured);
  try {
    const instance = new Linker(store).instantiate(Module.compile(engine, suite.bytes));
    const problems: string[] = [];
    for (const call of suite.calls) {
      let result: string;
      try {
        result = String(instance.getFunc(call.name)?.call(...call.args));
      } catch (error) {
        if (!(error instanceof Trap)) throw error;
        result = trapName(error.message);
      }
      if (agrees(call, result)) continue;
      problems.push(
        `${call.name}(${call.args.join(", ")}) gives ${result}, V8 ${call.expected}: ${
          suite.functions.get(call.name)
        }`,
      );
    }
    deepStrictEqual(problems.slice(0, 10), []);
  } finally {
    store.close();
  }
}
