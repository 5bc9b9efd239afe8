/** The selection driver: what is emitted, in which order, and what the machine code says of blocks. */
import assert from "node:assert/strict";
import { x64 } from "../../backends/x64/mod.ts";
import { assignSignature } from "../../lib/codegen/abi.ts";
import { signedMagic, unsignedMagic } from "../../lib/codegen/division_magic.ts";
import { MachineCode } from "../../lib/codegen/machine_code.ts";
import { Selector } from "../../lib/codegen/selector.ts";
import { parse } from "../../lib/ir/parser.ts";
import { Type } from "../../lib/ir/types.ts";

const selector = new Selector(), code = new MachineCode();

function select(text: string): MachineCode {
  code.reset();
  selector.select(parse(text), x64, code);
  return code;
}
const names = (): string[] =>
  Array.from({ length: code.count }, (_, i) => x64.opcodeNames[code.opcode(i)] as string);

Deno.test("values that nobody needs are not emitted, traps are", () => {
  select(`function (i64, i32, i32) -> () {
    b0(v0: i64, v1: i32, v2: i32):
      v3 = i32_add v1, v2
      v4 = i32_div_u v1, v2
      return
    }`);
  assert.deepEqual(names(), ["params", "zero32", "div32_r", "return"]);
});

Deno.test("blocks keep the layout, with parameters, successors and arguments", () => {
  select(`function (i64, i32) -> i32 {
    b0(v0: i64, v1: i32):
      v2 = i32_const 0
      jump b1(v2, v1)
    b1(v3: i32, v4: i32):
      v5 = i32_add v3, v4
      v6 = i32_const 1
      v7 = i32_sub v4, v6
      br_if v7, b2, b3
    b2:
      jump b1(v5, v7)
    b3:
      return v5
    }`);
  assert.equal(code.blockCount, 4);
  assert.equal(code.paramCount(0), 0, "the entry's parameters are those of `params`");
  assert.equal(code.paramCount(1), 2);
  assert.deepEqual([code.successor(1, 0), code.successor(1, 1)], [2, 3]);
  assert.equal(code.argumentCount(0), 2);
  assert.equal(code.argumentCount(2), 2);
  assert.deepEqual([0, 1, 2, 3].map((b) => code.loopDepth(b)), [0, 1, 1, 0]);
});

Deno.test("every virtual register that is used is defined", () => {
  select(`function (i64, i32) -> i32 {
    b0(v0: i64, v1: i32):
      v2 = i32_const 5
      v3 = i32_load vmctx v0+8
      br_if v3, b1, b2
    b1:
      v4 = i32_rotl v1, v3
      return v4
    b2:
      v5 = select v1, v2, v3
      return v5
    }`);
  const defined = new Set<number>(), used = new Set<number>();
  const { roles } = x64;
  for (let i = 0; i < code.count; i++) {
    const opcode = code.opcode(i), fixed = roles.count[opcode] as number;
    for (let k = 0; k < code.operandCount(i); k++) {
      if (k >= fixed && (k - fixed) % 2 === 0) continue;
      const role = k < fixed
        ? roles.roles[(roles.start[opcode] as number) + k] as number
        : code.operand(i, k - 1) & 0xff;
      if (role === 0 || code.operand(i, k) < 0) continue;
      (role === 1 || role === 2 || role === 6 ? used : defined).add(code.operand(i, k));
    }
  }
  for (const r of used) assert.ok(defined.has(r), `v${r} is not defined`);
});

Deno.test("signatures fill registers by class, then 8-byte slots, results after arguments", () => {
  const params = Array.from({ length: 8 }, () => Type.i64);
  const signature = { params: [...params, Type.f64], results: Array(7).fill(Type.i32) as Type[] };
  const { intParams, floatParams, intResults } = x64.registers;
  const assignment = assignSignature(signature, x64.registers);
  assert.deepEqual([...assignment.params], [...intParams, ~0, ~8, floatParams[0]]);
  assert.deepEqual([...assignment.results], [...intResults, ~16]);
  assert.equal(assignment.stackBytes, 32);
  assert.equal(assignSignature(signature, x64.registers), assignment, "computed once");
});

Deno.test("magic numbers divide exactly at the edges of every quotient", () => {
  const full = (m: { low: number; high: number; overflows: boolean }, bits: 32 | 64): bigint => {
    const low = BigInt(m.low >>> 0), high = bits === 64 ? BigInt(m.high >>> 0) << 32n : 0n;
    return (low | high) + (m.overflows ? 1n << BigInt(bits) : 0n);
  };
  for (const bits of [32, 64] as const) {
    const top = 1n << BigInt(bits), half = top >> 1n;
    for (const d of [3n, 5n, 6n, 7n, 9n, 10n, 11n, 25n, 100n, 641n, 1000n, 65537n, half - 1n]) {
      const u = unsignedMagic(d, bits), s = signedMagic(d, bits);
      for (const near of [0n, d, 2n * d, (half / d) * d, ((top - 1n) / d) * d, half, top - 1n]) {
        for (const n of [near - 1n, near, near + 1n]) {
          if (n >= 0n && n < top) {
            assert.equal((n * full(u, bits)) >> BigInt(bits + u.shift), n / d, `${n} / ${d}`);
          }
          const signed = BigInt.asIntN(bits, n);
          const quotient = ((signed * full(s, bits)) >> BigInt(bits + s.shift)) +
            (signed < 0n ? 1n : 0n);
          assert.equal(quotient, signed / d, `${signed} / ${d} signed`);
        }
      }
    }
  }
});
