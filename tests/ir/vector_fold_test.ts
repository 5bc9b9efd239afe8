/** Every vector instruction on constants is a constant, and the one that V8 computes. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseText } from "../../lib/cli/text_format.ts";
import { Func, type Value } from "../../lib/ir/func.ts";
import { isStore, Op, opNames } from "../../lib/ir/ops.ts";
import { Type } from "../../lib/ir/types.ts";
import { FunctionTranslator } from "../../lib/translate/function_translator.ts";
import { translateModule } from "../../lib/translate/module.ts";
import { relaxedOracles } from "../backends/relaxed_oracle.ts";
import { firstDifference, vectorAt } from "../backends/vector_compare.ts";
import {
  expression,
  type OperandType,
  type Shape,
  type VectorInstruction,
  vectorInstructions,
} from "../backends/vector_instructions.ts";
import { fillOperands, laneBits } from "../backends/vector_operands.ts";

/** How many constants each instruction is applied to. */
const SAMPLES = 40;
const OPERAND_BYTES = 48;

const isAccess = ({ name }: VectorInstruction): boolean => /^v128\.(load|store)/.test(name);
const tested = vectorInstructions.filter((one) => !isAccess(one) && one.name !== "v128.const");

/** Operands of a shape: three vectors for each sample. */
function operandsOf(shape: Shape): Uint8Array {
  const bytes = new Uint8Array(SAMPLES * OPERAND_BYTES);
  fillOperands(bytes, shape, bytes.length);
  return bytes;
}
const operands = new Map(
  (Object.keys(laneBits) as Shape[]).map((shape) => [shape, operandsOf(shape)]),
);

/** Operand `k` of a sample as a constant. */
function constantOf(bytes: Uint8Array, at: number, type: OperandType): string {
  const view = new DataView(bytes.buffer, at);
  switch (type) {
    case "v128":
      return `(v128.const i64x2 ${view.getBigInt64(0, true)} ${view.getBigInt64(8, true)})`;
    case "i64":
      return `(i64.const ${view.getBigInt64(0, true)})`;
    case "i32":
      return `(i32.const ${view.getInt32(0, true)})`;
    case "f32":
      return `(f32.reinterpret_i32 (i32.const ${view.getInt32(0, true)}))`;
    case "f64":
      return `(f64.reinterpret_i64 (i64.const ${view.getBigInt64(0, true)}))`;
  }
}

/** A module with a function per instruction, which stores 16 bytes per sample. */
async function moduleOf(): Promise<Uint8Array<ArrayBuffer>> {
  const functions = tested.map((one, n) => {
    const bytes = operands.get(one.reads) as Uint8Array;
    const stores = Array.from({ length: SAMPLES }, (_, k) => {
      const values = one.params.map((type, i) =>
        constantOf(bytes, OPERAND_BYTES * k + 16 * i, type)
      );
      const value = expression(one, values, { lane: one.lanes > 0 ? k % one.lanes : 0 });
      return `(${one.result}.store offset=${16 * k} (i32.const 0) ${value})`;
    });
    return `(func (export "${n}") ${stores.join("\n")})`;
  });
  return await parseText(`(module (memory (export "memory") 1) ${functions.join("\n")})`, "fold");
}

/** What the function stores, which must be constants. */
function storedConstants(func: Func, name: string): Uint8Array {
  const bytes = new Uint8Array(16 * SAMPLES), words = new Int32Array(bytes.buffer);
  for (let v = func.first(func.layout(0)); v >= 0; v = func.next(v)) {
    const op = func.op(v);
    ok(op < Op.v128_const || op === Op.v128_const || isStore[op] === 1, `${name}: ${opNames[op]}`);
    if (isStore[op] === 0) continue;
    const value = func.b(v) as Value, at = (func.low(v) >>> 0) / 4;
    if (func.type(value) === Type.v128) {
      strictEqual(func.op(value), Op.v128_const, name);
      for (let k = 0; k < 4; k++) words[at + k] = func.vectors.word(func.low(value), k);
    } else {
      ok(/_const$/.test(opNames[func.op(value)] as string), name);
      words[at] = func.low(value);
      if (func.type(value) === Type.i64 || func.type(value) === Type.f64) {
        words[at + 1] = func.high(value);
      }
    }
  }
  return bytes;
}

Deno.test("vector instructions on constants are folded to what V8 computes", async () => {
  const bytes = await moduleOf();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
  const translation = translateModule(bytes), translator = new FunctionTranslator(translation);
  const func = new Func();
  tested.forEach((one, n) => {
    translator.translate(translation.functionBodies[n] as never, func);
    const ours = storedConstants(func, one.name), from = operands.get(one.reads) as Uint8Array;
    memory.fill(0, 0, 16 * SAMPLES);
    const relaxed = relaxedOracles[one.name];
    if (relaxed === undefined) (exports[n] as () => void)();
    else {
      for (let k = 0; k < SAMPLES; k++) {
        const view = (at: number): DataView =>
          new DataView(from.buffer, OPERAND_BYTES * k + at, 16);
        const result = new DataView(memory.buffer, 16 * k, 16);
        relaxed({ a: view(0), b: view(16), c: view(32), result });
      }
    }
    const theirs = memory.slice(0, 16 * SAMPLES);
    const nanBits = one.name.startsWith("f32") ? 32 : one.name.startsWith("f64") ? 64 : 0;
    const operandBits = laneBits[one.reads] as 32 | 64;
    const at = firstDifference({ ours, theirs, operands: from }, nanBits, operandBits);
    if (at < 0) return;
    deepStrictEqual(
      vectorAt(ours, at & -16),
      vectorAt(theirs, at & -16),
      `${one.name} of ${vectorAt(from, 3 * (at & -16))}, ${vectorAt(from, 3 * (at & -16) + 16)}`,
    );
  });
});
