/**
 * The numeric operators under QEMU's user emulation against V8: with the extensions of RISC-V that
 * Unicorn lacks, on processors that have nothing but what the code says it needs; and with boxed
 * floats, which Unicorn does not check: an f32 whose upper half is not all ones is a NaN there.
 */
import { deepStrictEqual, ok } from "node:assert";
import { backendByName } from "../../backends/mod.ts";
import { configureIsa } from "../../lib/codegen/features.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Module } from "../../lib/runtime/module.ts";
import { hasQemu, type QemuOptions, runInQemu } from "../support/qemu.ts";
import { agrees, suites } from "./operators.ts";

/** A RISC-V processor with these of the extensions that QEMU gives by default, and no others. */
const riscv = (...extensions: readonly string[]): string =>
  ["rv64", ...["zba", "zbb", "zbc", "zbs"].map((name) => `${name}=${extensions.includes(name)}`)]
    .concat(extensions.includes("zicond") ? "xventanacondops=true" : [])
    .join(",");

/**
 * QEMU has Zicond since 8.0; before, it has two instructions of Ventana's processors that do the same:
 * `vt.maskc` is `czero.eqz`, `vt.maskcn` is `czero.nez`. What differs is the encoding.
 */
function asVentana(text: Uint8Array, at: number): void {
  const view = new DataView(text.buffer, text.byteOffset, text.byteLength);
  if ((view.getUint8(at) & 3) !== 3) return;
  const word = view.getUint32(at, true), operation = word & 0xfe00707f;
  if (operation === 0x0e005033 || operation === 0x0e007033) {
    const row = operation === 0x0e005033 ? 0x0000607b : 0x0000707b;
    view.setUint32(at, word & 0x01ff8f80 | row, true);
  }
}

interface Configuration extends QemuOptions {
  readonly target: string;
  readonly features: string;
}

const configurations: readonly Configuration[] = [
  { target: "aarch64", features: "", cpu: "cortex-a53" },
  { target: "riscv64", features: "", cpu: riscv() },
  { target: "riscv64", features: "zba", cpu: riscv("zba") },
  { target: "riscv64", features: "zbb", cpu: riscv("zbb") },
  { target: "riscv64", features: "zbs", cpu: riscv("zbs") },
  { target: "riscv64", features: "zicond", cpu: riscv("zicond"), rewrite: asVentana },
  {
    target: "riscv64",
    features: "b,zicond,-c",
    cpu: riscv("zba", "zbb", "zbs", "zicond"),
    rewrite: asVentana,
  },
];

for (const { target, features, ...options } of configurations) {
  const backend = backendByName(target) as Backend;
  const isa = configureIsa(backend.isa, features);
  for (const { name, make } of suites) {
    // Features have no immediates of their own; on riscv64 constants are floats to box.
    const hasConstants = target === "riscv64" && features === "";
    if (!hasConstants && name.includes("constant operands")) continue;
    Deno.test({
      name: `${target} ${features} in QEMU: ${name}` +
        (hasQemu(target) ? "" : ` (skipped: no qemu-${target}, or no binutils for it)`),
      ignore: !hasQemu(target),
      fn: async () => {
        const suite = await make();
        const engine = new Engine({ ...backend, isa }, { observer: { verify: true } });
        const module = Module.compile(engine, suite.bytes);
        const calls = suite.calls.filter(({ expected }) => /^-?\d+$/.test(expected));
        ok(calls.length > 1000, `${calls.length} calls`);
        const results = await runInQemu(module, calls, options);
        const problems = calls.flatMap((call, k) => {
          const result = results[k] as string;
          const found = `${call.name}(${
            call.args.join(", ")
          }) gives ${result}, V8 ${call.expected}`;
          return agrees(call, result) ? [] : [`${found}: ${suite.functions.get(call.name)}`];
        });
        deepStrictEqual(problems.slice(0, 10), []);
      },
    });
  }
}
