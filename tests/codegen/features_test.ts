/** Tables of CPU features, lists that choose among them, and what they make of a compilation. */
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert";
import * as aarch64 from "../../backends/aarch64/disassembler.ts";
import { table as aarch64Table } from "../../backends/aarch64/encoder.ts";
import { backends } from "../../backends/mod.ts";
import { decode as decodeRiscv64 } from "../../backends/riscv64/disassembler.ts";
import { table as riscv64Table } from "../../backends/riscv64/encoder.ts";
import { Feature } from "../../backends/riscv64/features.ts";
import { createFields } from "../../backends/riscv64/instruction_format.ts";
import { decode as decodeX64 } from "../../backends/x64/disassembler.ts";
import { table as x64Table } from "../../backends/x64/encoder.ts";
import { InstructionFields } from "../../backends/x64/instruction_format.ts";
import {
  configuredName,
  configureIsa,
  featureNames,
  featureTable,
} from "../../lib/codegen/features.ts";
import type { DisassembledInstruction } from "../../lib/codegen/isa.ts";
import type { Backend } from "../../lib/runtime/backend.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { LinkError } from "../../lib/runtime/trap.ts";
import { suites } from "../backends/operators.ts";
import { createStore } from "../support/store.ts";

const { features, defaultBits, masks } = featureTable({
  floor: { description: "always", status: "required" },
  usual: { description: "by default", status: "default" },
  base: { description: "one", status: "optional" },
  more: { description: "one that needs another", status: "optional", implies: ["base"] },
  all: { description: "two", status: "optional", implies: ["more", "usual"], isGroup: true },
});
interface Toy {
  readonly name: string;
  readonly features: typeof features;
  readonly featureBits: number;
  withFeatures(bits: number): Toy;
}
const toy = (featureBits: number): Toy => ({
  name: "toy",
  features,
  featureBits,
  withFeatures: toy,
});
const configured = (list: string): string[] =>
  featureNames(features, configureIsa(toy(defaultBits), list).featureBits);

Deno.test("a list enables and disables features in its order, with what they imply", () => {
  strictEqual(masks.all, 0);
  deepStrictEqual(configured(""), ["floor", "usual"]);
  deepStrictEqual(configured("base"), ["floor", "usual", "base"]);
  deepStrictEqual(configured("+more,-usual"), ["floor", "base", "more"]);
  deepStrictEqual(configured(" more , -base "), ["floor", "usual"]);
  deepStrictEqual(configured("-usual,all"), ["floor", "usual", "base", "more"]);
  deepStrictEqual(configured("all,-more"), ["floor", "usual", "base"]);
  deepStrictEqual(configured("all,-all"), ["floor"]);
});

Deno.test("what cannot be configured is refused with the features that there are", () => {
  throws(
    () => configured("none"),
    RangeError(
      'Cannot find CPU feature "none": those of toy are floor, usual, base, more, all',
    ),
  );
  throws(() => configured("+Base"), RangeError);
  throws(() => configured("-floor"), /Cannot disable CPU feature "floor": code for toy always/);
  throws(
    () => featureTable({ a: { description: "", status: "optional", implies: ["b"] } }),
    /Cannot compile feature "a": "b" is unknown/,
  );
});

Deno.test("a configuration is named by what differs from the default", () => {
  const name = (list: string): string => configuredName(configureIsa(toy(defaultBits), list));
  strictEqual(name("-base"), "toy");
  strictEqual(name("base,-usual"), "toy-usual+base");
  strictEqual(name("all"), "toy+base+more");
});

Deno.test("configuring changes nothing of the original, and the same list gives the same code", async () => {
  const suite = await suites.at(-1)!.make();
  for (const backend of backends) {
    const { isa } = backend;
    const before = { ...isa };
    const other = configureIsa(isa, featureList(isa));
    deepStrictEqual(isa, before);
    const text = (list?: string): Uint8Array => {
      const engine = new Engine(
        backend,
        list === undefined ? {} : { cpuFeatures: list },
      );
      return Module.compile(engine, suite.bytes).code.text;
    };
    const plain = text(), changed = text(featureList(isa));
    ok(plain.length !== changed.length || plain.some((byte, n) => byte !== changed[n]), isa.name);
    deepStrictEqual(text(featureList(isa)), changed);
    deepStrictEqual(text(""), plain);
    ok(other.featureBits !== isa.featureBits);
  }
});

/** All features of an instruction set. */
const featureList = (isa: Backend["isa"]): string => isa.features.map(({ name }) => name).join();

/** The feature that the instruction at a place belongs to, by the backend's table. */
const featureOf: Readonly<Record<string, (bytes: Uint8Array, at: number) => number>> = {
  x64: (bytes, at) => {
    const found = { opcode: 0, length: 0, target: undefined };
    ok(decodeX64(bytes, at, new InstructionFields(), found));
    return x64Table.feature[found.opcode] as number;
  },
  aarch64: (bytes, at) => {
    const found = { opcode: 0, operands: new Int32Array(8), target: undefined };
    const word = new DataView(bytes.buffer, bytes.byteOffset).getInt32(at, true);
    ok(aarch64.decode(word, found));
    return aarch64Table.feature[found.opcode] as number;
  },
  riscv64: (bytes, at) => {
    const form = decodeRiscv64(bytes, at, createFields());
    ok(form >= 0);
    const isCompressed = form >= riscv64Table.names.length;
    return isCompressed ? Feature.c : riscv64Table.feature[riscv64Table.rowOf[form]!] as number;
  },
};

/** The features whose instructions stand in a module's code. */
function usedFeatures({ code }: Module, isa: Backend["isa"]): number {
  let used = 0;
  for (const { location: { start }, instructionBytes } of code.symbols) {
    for (let at = start; at < start + instructionBytes;) {
      used |= (featureOf[isa.name] as (typeof featureOf)[string])(code.text, at);
      at += (isa.disassemble(code.text, at) as DisassembledInstruction).length;
    }
  }
  return used;
}

for (const backend of backends) {
  const { isa } = backend;

  Deno.test(`${isa.name}: code has instructions of every feature that is enabled, and of no other`, async () => {
    // The operators by themselves, and in combinations.
    const chosen = suites.filter(({ name }) => !/constant|conditions/.test(name));
    const all = await Promise.all(chosen.map(({ make }) => make()));
    const optional = isa.features.filter(({ mask, status }) => mask !== 0 && status !== "required");
    for (const { name, mask } of optional) {
      for (const list of [`-${name}`, `+${name}`]) {
        const configured = configureIsa(isa, list);
        const engine = new Engine({ ...backend, isa: configured });
        let used = 0;
        for (const { bytes } of all) used |= usedFeatures(Module.compile(engine, bytes), isa);
        strictEqual(used & ~configured.featureBits, 0, `${list} allows no more`);
        strictEqual((used & mask) !== 0, list.startsWith("+"), list);
      }
    }
  });

  Deno.test(`${isa.name}: an object says its features, and is loaded with them`, async () => {
    const { bytes } = await suites.at(-1)!.make();
    const cpuFeatures = featureList(isa), engine = new Engine(backend, { cpuFeatures });
    const module = Module.compile(engine, bytes), file = await module.serialize();
    const text = new TextDecoder("latin1").decode(file);
    const names = featureNames(isa.features, configureIsa(isa, cpuFeatures).featureBits);
    match(text, new RegExp(`\\0features=${names.join(" ").replaceAll(".", "\\.")}\\0`));
    const loaded = await Module.deserialize(new Engine(backend), file);
    strictEqual(loaded.code.featureBits, module.code.featureBits);
    deepStrictEqual(await loaded.serialize(), file);
  });

  const { featureBits } = backend.machine;
  const missing = isa.features.filter(({ mask }) => (mask & ~featureBits) !== 0);
  for (const { name } of missing) {
    Deno.test(`${isa.name}: code with ${name} is compiled and not run, fresh or loaded`, async () => {
      const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
      const engine = new Engine(backend, { cpuFeatures: name });
      const fresh = Module.compile(engine, bytes);
      const file = await fresh.serialize();
      for (const module of [fresh, await Module.deserialize(new Engine(backend), file)]) {
        const store = await createStore(module.engine, backend);
        try {
          throws(
            () => new Linker(store).instantiate(module),
            new LinkError(
              `Cannot run code for ${isa.name} with ${name}: the emulator does not execute that`,
            ),
          );
        } finally {
          store.close();
        }
      }
    });
  }
}
