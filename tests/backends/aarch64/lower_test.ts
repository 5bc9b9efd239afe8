/** What is selected for the important patterns, as listings of whole functions. */
import { backendByName } from "../../../backends/mod.ts";
import type { Backend } from "../../../lib/runtime/backend.ts";
import assert from "node:assert/strict";
import { parse } from "wasm-tools";
import { disassemble } from "../../../backends/aarch64/disassembler.ts";
import { CompileKind } from "../../../lib/compile/compile_key.ts";
import { Engine } from "../../../lib/runtime/engine.ts";
import { Module } from "../../../lib/runtime/module.ts";

const backend = backendByName("aarch64") as Backend;

const engine = new Engine(backend, { observer: { verify: true } });

/** The instructions of a function with this signature and body, without the last `ret`. */
async function list(signature: string, body: string): Promise<string[]> {
  const text = `(module (memory 1) (func ${signature} ${body}))`;
  const { code } = Module.compile(engine, new Uint8Array(await parse(text)));
  const symbol = code.symbols.find(({ key }) => key.kind === CompileKind.wasmFunction);
  assert.ok(symbol);
  const { start } = symbol.location, lines: string[] = [];
  for (let at = 0; at < symbol.instructionBytes; at += 4) {
    const one = disassemble(code.text, start + at);
    lines.push((one?.text ?? "unknown").replace("{target}", String(at + (one?.target ?? 0))));
  }
  return lines.at(-1) === "ret" ? lines.slice(0, -1) : lines;
}

const i32 = "(param i32 i32 i32) (result i32)", i64 = "(param i64 i64 i64) (result i64)";
const a = "(local.get 0)", b = "(local.get 1)", c = "(local.get 2)";

// deno-fmt-ignore: one pattern per line
const patterns: readonly (readonly [name: string, signature: string, body: string, lines: readonly string[]])[] = [
  ["immediates", i32, `(i32.sub (i32.add ${a} (i32.const 4096)) (i32.const -7))`, ["mov w0, #0x1007", "add w0, w1, w0"]],
  ["negative immediates", i32, `(i32.add ${a} (i32.const -5))`, ["sub w0, w1, #5"]],
  ["bitmask immediates", i64, `(i64.and ${a} (i64.const 0xff00ff00ff00ff00))`, ["and x0, x1, #0xff00ff00ff00ff00"]],
  ["shifted operands", i32, `(i32.add ${a} (i32.shl ${b} (i32.const 3)))`, ["add w0, w1, w2, lsl #3"]],
  ["rotated operands", i32, `(i32.xor (i32.rotl ${a} (i32.const 8)) ${b})`, ["eor w0, w2, w1, ror #24"]],
  ["extended operands", "(param i64 i32) (result i64)", `(i64.add ${a} (i64.shl (i64.extend_i32_s ${b}) (i64.const 2)))`, ["add x0, x1, w2, sxtw #2"]],
  ["inverted operands", i32, `(i32.and ${a} (i32.xor ${b} (i32.const -1)))`, ["bic w0, w1, w2"]],
  ["sums of products", i32, `(i32.add ${a} (i32.mul ${b} ${c}))`, ["madd w0, w2, w3, w1"]],
  ["differences of products", i64, `(i64.sub ${a} (i64.mul ${b} ${c}))`, ["msub x0, x2, x3, x1"]],
  ["bit fields", i32, `(i32.and (i32.shr_u ${a} (i32.const 5)) (i32.const 0x7f))`, ["ubfx w0, w1, #5, #7"]],
  ["placed bit fields", i32, `(i32.shl (i32.and ${a} (i32.const 0x1f)) (i32.const 4))`, ["ubfiz w0, w1, #4, #5"]],
  ["the middle of two registers", i64, `(i64.or (i64.shr_u ${a} (i64.const 51)) (i64.shl ${b} (i64.const 13)))`, ["extr x0, x2, x1, #0x33"]],
  ["choices of 0 and 1", i32, `(i32.lt_u ${a} ${b})`, ["cmp w1, w2", "cset w0, lo"]],
  ["choices that count up", i32, `(select (i32.add ${c} (i32.const 1)) ${c} (i32.eqz ${a}))`, ["cmp w1, #0", "csinc w0, w3, w3, ne"]],
  ["conjunctions", i32, `(i32.and (i32.lt_s ${a} ${b}) (i32.eq ${c} (i32.const 9)))`, ["cmp w1, w2", "ccmp w3, #9, #0, lt", "cset w0, eq"]],
  ["quotients by constants", i32, `(i32.div_u ${a} (i32.const 10))`, ["mov x0, #0xcccd", "movk x0, #0xcccc, lsl #16", "umull x0, w1, w0", "lsr x0, x0, #0x23"]],
  ["quotients by powers of two", i32, `(i32.div_s ${a} (i32.const 8))`, ["asr w0, w1, #0x1f", "add w0, w1, w0, lsr #29", "asr w0, w0, #3"]],
  ["checks of quotients", i32, `(i32.div_s ${a} ${b})`, ["cbz w2, 24", "cmn w2, #1", "ccmp w1, #1, #0, eq", "b.vs 28", "sdiv w0, w1, w2", "ret", "udf #8", "udf #7"]],
  ["remainders", i32, `(i32.rem_u ${a} ${b})`, ["cbz w2, 16", "udiv w0, w1, w2", "msub w0, w0, w2, w1", "ret", "udf #8"]],
  ["indexed addresses", i32, `(i32.load ${a})`, ["ldr x0, [x0, #0x20]", "ldr w0, [x0, x1]"]],
  ["one sum for several offsets", i32, `(i32.add (i32.load offset=4 ${a}) (i32.load offset=8 ${a}))`, ["ldr x0, [x0, #0x20]", "add x0, x0, x1", "ldr w1, [x0, #4]", "ldr w0, [x0, #8]", "add w0, w1, w0"]],
  ["large offsets", i32, `(i32.load offset=0x12340 ${a})`, ["ldr x0, [x0, #0x20]", "add x0, x0, x1", "add x0, x0, #0x12, lsl #12", "ldr w0, [x0, #0x340]"]],
  ["scaled indices", "(param i32) (result i64)", `(i64.load (i32.shl (i32.and ${a} (i32.const 255)) (i32.const 3)))`, ["and w1, w1, #0xff", "ldr x0, [x0, #0x20]", "ldr x0, [x0, x1, lsl #3]"]],
  ["stores of zero", "(param i32)", `(i64.store offset=8 ${a} (i64.const 0))`, ["ldr x0, [x0, #0x20]", "add x0, x0, x1", "str xzr, [x0, #8]"]],
  ["extending loads", "(param i32) (result i64)", `(i64.extend_i32_s (i32.load ${a}))`, ["ldr x0, [x0, #0x20]", "ldrsw x0, [x0, x1]"]],
  ["float immediates", "(param f64) (result f64)", `(f64.mul ${a} (f64.const 0.5))`, ["fmov d1, #0.5", "fmul d0, d0, d1"]],
  ["float conditions", "(param f64 f64) (result i32)", `(f64.lt ${a} ${b})`, ["fcmp d0, d1", "cset w0, mi"]],
  ["unsigned conversions", "(param i64) (result f32)", `(f32.convert_i64_u ${a})`, ["ucvtf s0, x1"]],
  ["saturating conversions", "(param f32) (result i64)", `(i64.trunc_sat_f32_u ${a})`, ["fcvtzu x0, s0"]],
  ["population counts", "(param i64) (result i64)", `(i64.popcnt ${a})`, ["fmov d0, x1", "cnt v0.8b, v0.8b", "addv b0, v0.8b", "fmov w0, s0"]],
  ["shuffles of one instruction", "(param v128 v128) (result v128)", `(i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 ${a} ${b})`, ["zip1 v0.16b, v0.16b, v1.16b"]],
];

for (const [name, signature, body, lines] of patterns) {
  Deno.test(`aarch64 selects ${name}`, async () => {
    assert.deepEqual(await list(signature, body), lines);
  });
}

Deno.test("aarch64 selects branches on bits, signs and zero", async () => {
  const branch = async (condition: string): Promise<string | undefined> => {
    const lines = await list(i32, `(if ${condition} (then (i32.store ${b} ${c}))) ${a}`);
    return lines.find((line) => /^(b\.|cb|tb)/.test(line))?.replace(/, \d+$/, "");
  };
  assert.equal(await branch(`(i32.and ${a} (i32.const 64))`), "tbz w1, #6");
  assert.equal(await branch(`(i32.lt_s ${a} (i32.const 0))`), "tbz w1, #0x1f");
  assert.equal(await branch(`(i32.gt_s ${a} (i32.const -1))`), "tbnz w1, #0x1f");
  assert.equal(await branch(a), "cbz w1");
  assert.equal(await branch(`(i32.eqz ${a})`), "cbnz w1");
});
