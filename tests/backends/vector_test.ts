/**
 * Every vector instruction on every target that has them, against V8: thousands of vectors with lanes
 * at the edges. NaNs that arithmetic makes are equal whatever their payload.
 */
import { ok, strictEqual } from "node:assert/strict";
import { backends } from "../../backends/mod.ts";
import { createEngine } from "../../lib/cli/context.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { lowersVectors } from "../../lib/codegen/unsupported.ts";
import type { Func, Memory } from "../../lib/runtime/externals.ts";
import { Linker } from "../../lib/runtime/linker.ts";
import { Module } from "../../lib/runtime/module.ts";
import { Trap } from "../../lib/runtime/trap.ts";
import { createStore } from "../support/store.ts";
import { fillOperands, moduleText, RESULTS, vectorCases, VECTORS } from "./vector_cases.ts";

const targets = backends.filter(({ isa }) => lowersVectors(isa));

/** The results of all cases by V8. */
async function expectedResults(): Promise<(n: number) => Uint8Array> {
  const wasm = new WebAssembly.Module(await parseText(moduleText(true), "vectors"));
  const { exports } = new WebAssembly.Instance(wasm);
  const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
  fillOperands(memory);
  return (n) => {
    (exports[n] as () => void)();
    return memory.subarray(RESULTS, RESULTS + 16 * VECTORS);
  };
}

function isNaN32(bits: number): boolean {
  return (bits & 0x7fffffff) > 0x7f800000;
}
function isNaN64(bits: bigint): boolean {
  return (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
}

/** The first byte in which results differ, -1 when they are equal. */
function firstDifference(left: Uint8Array, right: Uint8Array, floatBits: 0 | 32 | 64): number {
  const a = new DataView(left.buffer, left.byteOffset),
    b = new DataView(right.buffer, right.byteOffset);
  for (let at = 0; at < left.length; at += 4) {
    if (a.getInt32(at, true) === b.getInt32(at, true)) continue;
    if (floatBits === 32 && isNaN32(a.getInt32(at, true)) && isNaN32(b.getInt32(at, true))) {
      continue;
    }
    const whole = at & -8;
    if (
      floatBits === 64 && isNaN64(a.getBigUint64(whole, true)) &&
      isNaN64(b.getBigUint64(whole, true))
    ) continue;
    return at;
  }
  return -1;
}

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

for (const backend of targets) {
  Deno.test(`${backend.isa.name}: vector instructions compute what V8 computes`, async () => {
    ok(vectorCases.length > 450, `${vectorCases.length} cases`);
    const expected = await expectedResults();
    const engine = createEngine(backend), store = await createStore(engine, backend);
    try {
      const module = Module.compile(engine, await parseText(moduleText(false), "vectors"));
      const instance = new Linker(store).instantiate(module);
      const bytes = (instance.exports.get("memory") as Memory).bytes;
      fillOperands(bytes);
      vectorCases.forEach(({ name, floatBits }, n) => {
        (instance.exports.get(String(n)) as Func).call();
        const ours = bytes.subarray(RESULTS, RESULTS + 16 * VECTORS), theirs = expected(n);
        const at = firstDifference(ours, theirs, floatBits);
        if (at < 0) return;
        const vector = at >> 4, operands = 48 * vector;
        const part = (from: Uint8Array, start: number): string =>
          hex(from.subarray(start, start + 16));
        strictEqual(
          part(ours, 16 * vector),
          part(theirs, 16 * vector),
          `${name} of ${part(bytes, operands)}, ${part(bytes, operands + 16)}, ${
            part(bytes, operands + 32)
          }`,
        );
      });
    } finally {
      store.close();
    }
  });

  Deno.test(`${backend.isa.name}: a vector store that traps writes nothing`, async () => {
    const engine = createEngine(backend), store = await createStore(engine, backend);
    try {
      const text = `(module (memory (export "memory") 1)
        (func (export "store") (param i32) (v128.store offset=4 (local.get 0) (v128.const i64x2 -1 -1))))`;
      const module = Module.compile(engine, await parseText(text, "store"));
      const instance = new Linker(store).instantiate(module);
      const func = instance.exports.get("store") as Func;
      const bytes = (instance.exports.get("memory") as Memory).bytes;
      for (let over = 1; over <= 16; over++) {
        let trap: unknown;
        try {
          func.call(65536 - 16 - 4 + over);
        } catch (error) {
          trap = error;
        }
        ok(trap instanceof Trap, `${over} bytes over: no trap`);
        ok(bytes.every((byte) => byte === 0), `${over} bytes over: something was written`);
      }
      func.call(65536 - 16 - 4);
      ok(bytes.subarray(65536 - 16).every((byte) => byte === 255), "the last vector");
    } finally {
      store.close();
    }
  });
}
