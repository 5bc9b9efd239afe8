/**
 * Every vector instruction on every target: thousands of vectors with lanes at the edges. The oracle
 * is V8, for relaxed instructions what `relaxed_oracle.ts` computes.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { Engine } from "../../lib/runtime/engine.ts";
import type { Func, Memory } from "../../lib/runtime/externals.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { createStore } from "../support/store.ts";
import { type Lanes, relaxedOracles } from "./relaxed_oracle.ts";
import {
  moduleText,
  OPERAND_BYTES,
  RESULTS,
  type VectorCase,
  vectorCases,
  VECTORS,
} from "./vector_cases.ts";
import { firstDifference, vectorAt } from "./vector_compare.ts";
import { type Shape, vectorInstructions } from "./vector_instructions.ts";
import { fillOperands, laneBits } from "./vector_operands.ts";

const shapes = Object.keys(laneBits) as Shape[];
const casesOf = (shape: Shape): VectorCase[] => vectorCases.filter((one) => one.shape === shape);
/** The text is parsed once for all targets. */
const modules = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

function moduleOf(shape: Shape, isOracle: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const key = `${shape} ${isOracle}`;
  let bytes = modules.get(key);
  if (bytes === undefined) {
    modules.set(key, bytes = parseText(moduleText(casesOf(shape), isOracle), key));
  }
  return bytes;
}

/** The results of case `n` of a shape. */
type Expected = (n: number) => Uint8Array;

/** The results of all cases of a shape; the operands are those of `memory`. */
async function expectedResults(shape: Shape): Promise<Expected> {
  const list = casesOf(shape), wasm = new WebAssembly.Module(await moduleOf(shape, true));
  const { exports } = new WebAssembly.Instance(wasm);
  const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
  fillOperands(memory, shape, RESULTS);
  const results = memory.subarray(RESULTS, RESULTS + 16 * VECTORS);
  return (n) => {
    const { name } = (list[n] as VectorCase).instruction, relaxed = relaxedOracles[name];
    if (relaxed === undefined) (exports[n] as () => void)();
    else {
      for (let k = 0; k < VECTORS; k++) relaxed(lanesOf(memory, k));
    }
    return results;
  };
}

function lanesOf(memory: Uint8Array, vector: number): Lanes {
  const view = (at: number): DataView => new DataView(memory.buffer, memory.byteOffset + at, 16);
  const at = OPERAND_BYTES * vector;
  return { a: view(at), b: view(at + 16), c: view(at + 32), result: view(RESULTS + 16 * vector) };
}

Deno.test("the cases have every vector instruction and relaxed ones an oracle", () => {
  const covered = new Set(vectorCases.map(({ instruction }) => instruction.name));
  deepStrictEqual(vectorInstructions.filter(({ name }) => !covered.has(name)), []);
  const relaxed = vectorInstructions.filter(({ isRelaxed }) => isRelaxed);
  strictEqual(vectorInstructions.length - relaxed.length, 236);
  strictEqual(relaxed.length, 20);
  deepStrictEqual(relaxed.map(({ name }) => name).sort(), Object.keys(relaxedOracles).sort());
  ok(VECTORS >= 10_000);
});

for (const backend of backends) {
  for (const level of [0, 1] as const) {
    const title =
      `${backend.isa.name}: vector instructions compute what V8 computes, level ${level}`;
    Deno.test(title, async () => {
      for (const shape of shapes) {
        const engine = new Engine(backend, { level }), store = await createStore(engine, backend);
        try {
          const module = Module.compile(engine, await moduleOf(shape, false));
          const instance = new Linker(store).instantiate(module);
          const bytes = (instance.exports.get("memory") as Memory).bytes;
          fillOperands(bytes, shape, RESULTS);
          const expected = await expectedResults(shape);
          casesOf(shape).forEach((one, n) => {
            (instance.exports.get(String(n)) as Func).call();
            compare(one, bytes, expected(n));
          });
        } finally {
          store.close();
        }
      }
    });
  }
}

function compare(one: VectorCase, memory: Uint8Array, theirs: Uint8Array): void {
  const ours = memory.subarray(RESULTS, RESULTS + 16 * VECTORS);
  const operandBits = laneBits[one.shape] as 32 | 64;
  const at = firstDifference({ ours, theirs, operands: memory }, one.nanBits, operandBits);
  if (at < 0) return;
  const vector = at >> 4, operands = OPERAND_BYTES * vector;
  strictEqual(
    vectorAt(ours, 16 * vector),
    vectorAt(theirs, 16 * vector),
    `${one.name} of ${vectorAt(memory, operands)}, ${vectorAt(memory, operands + 16)}, ${
      vectorAt(memory, operands + 32)
    }`,
  );
}
