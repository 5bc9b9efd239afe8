/**
 * Emission of hand-made machine code with hand-made allocations: listings of frames, edits and
 * branches, and the expansions of pseudo instructions executed on the host.
 *
 * @module
 */
import assert from "node:assert/strict";
import { disassemble } from "../../../backends/x64/disassembler.ts";
import { emit } from "../../../backends/x64/emit.ts";
import { branchForms } from "../../../backends/x64/encoder.ts";
import { Cond, type InstructionName, Opcode } from "../../../backends/x64/instructions.ts";
import { TrapKind } from "../../../lib/base/trap_kind.ts";
import { Allocation, EditKind, FIRST_SLOT } from "../../../lib/codegen/allocation.ts";
import { CodeBuffer, type FinishedCode } from "../../../lib/codegen/code_buffer.ts";
import type { FrameShape } from "../../../lib/codegen/frame.ts";
import { MachineCode, Role, variadicRole } from "../../../lib/codegen/machine_code.ts";
import { Type } from "../../../lib/ir/types.ts";
import { canRunNatively, NativeCode, type signatures } from "./native.ts";

const buffer = new CodeBuffer();

/** Builds a function block by block. */
class Builder {
  readonly code = new MachineCode();
  readonly allocation = new Allocation();
  #location = 100;

  block(successors: readonly number[], fill: () => void): this {
    this.code.beginBlock(0, false);
    for (const s of successors) this.code.pushList(s);
    fill();
    this.code.endBlock(0, successors.length);
    return this;
  }
  at(location: number): this {
    this.#location = location;
    return this;
  }
  op(name: InstructionName, ...operands: number[]): number {
    const i = this.code.append(Opcode[name], this.#location, 0);
    for (const operand of operands) this.code.pushOperand(operand);
    return i;
  }
  trapping(kind: TrapKind, name: InstructionName, ...operands: number[]): void {
    this.code.append(Opcode[name], this.#location, kind + 1);
    for (const operand of operands) this.code.pushOperand(operand);
  }
  /** An edit before the instruction that comes next. */
  edit(kind: EditKind, type: Type, destination: number, source: number): void {
    this.allocation.append(this.code.count, kind, type, destination, source);
  }
  finish(): FinishedCode & { frame: FrameShape } {
    buffer.reset(branchForms);
    const frame = emit(this.code, this.allocation, buffer);
    return { ...buffer.finish(), frame };
  }
  /** The listing, with targets as offsets. */
  listing(): string[] {
    return list(this.finish());
  }
}

function list({ code, instructionBytes }: FinishedCode): string[] {
  const lines: string[] = [];
  for (let at = 0; at < instructionBytes;) {
    const one = disassemble(code, at);
    assert.ok(one, `unknown instruction at ${at}: ${code.slice(at, at + 8)}`);
    lines.push(one.text.replace("{target}", String(at + (one.target ?? 0))));
    at += one.length;
  }
  return lines;
}

/** A function of one block. */
function straight(fill: (b: Builder) => void): Builder {
  const b = new Builder();
  return b.block([], () => {
    b.op("params");
    fill(b);
    b.op("return");
  });
}

Deno.test("a leaf function without needs has no frame", () => {
  const b = straight((b) => b.op("lea_or_add32", 0, 7, 6));
  assert.deepEqual(b.listing(), ["lea eax, [rdi+rsi]", "ret"]);
  assert.deepEqual(b.finish().frame, { hasFramePointer: false, bytes: 0 });
});

Deno.test("a frame saves registers, and addresses slots, locals and arguments", () => {
  const b = straight((b) => {
    b.op("load_incoming", 3, 8, Type.i64);
    b.edit(EditKind.move, Type.i64, FIRST_SLOT, 3);
    b.edit(EditKind.move, Type.f32, 33, FIRST_SLOT + 1);
    b.edit(EditKind.move, Type.i32, FIRST_SLOT + 1, FIRST_SLOT);
    b.op("frame_address", 12, 4);
    b.op("store_outgoing", 8, Type.f64, 34);
    b.op("call", 6, variadicRole(Role.useFixed, 7), 7);
    b.op("load_outgoing", 0, 16, Type.i32);
    b.op("store_incoming", 16, Type.i64, 0);
  });
  b.code.hasCalls = true;
  b.code.outgoingBytes = 24;
  b.code.localBytes = 256;
  b.allocation.usedPreservedInt = 1 << 3 | 1 << 12;
  b.allocation.spillBytes = 16;
  b.allocation.slotOffset[0] = 0;
  b.allocation.slotOffset[1] = 8;
  assert.deepEqual(b.listing(), [
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push r12",
    "sub rsp, 0x130",
    "mov rbx, [rbp+0x18]",
    "mov [rbp-0x20], rbx",
    "movss xmm1, [rbp-0x18]",
    "push qword ptr [rbp-0x20]",
    "pop qword ptr [rbp-0x18]",
    "lea r12, [rsp+0x24]",
    "movsd [rsp+8], xmm2",
    "call 49",
    "mov eax, [rsp+0x10]",
    "mov [rbp+0x20], rax",
    "add rsp, 0x130",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
  ]);
  const { frame, relocations, code } = b.finish();
  assert.deepEqual(frame, { hasFramePointer: true, bytes: 0x140 });
  assert.equal(relocations.length, 4);
  assert.equal(code[relocations[0] as number], 0xe8);
  assert.deepEqual([...relocations.slice(1)], [0, 6, 0]);
});

Deno.test("without preserved registers a frame goes by leave", () => {
  const b = straight((b) => b.op("call", 0));
  b.code.hasCalls = true;
  assert.deepEqual(b.listing().slice(-2), ["pop rbp", "ret"]);
  b.allocation.spillBytes = 128;
  assert.deepEqual(b.listing().slice(2, 3), ["add rsp, -0x80"]);
  assert.deepEqual(b.listing().slice(-2), ["leave", "ret"]);
});

Deno.test("edits move, exchange and repeat", () => {
  const b = straight((b) => {
    const constant = b.op("mov64_ri64", 0, 5, 0);
    const vector = b.op("zero_x", 32);
    b.edit(EditKind.move, Type.i32, 1, 8);
    b.edit(EditKind.move, Type.i64, 1, 8);
    b.edit(EditKind.move, Type.f64, 33, 40);
    b.edit(EditKind.swap, Type.i64, 1, 8);
    b.edit(EditKind.rematerialize, Type.i64, 9, constant);
    b.edit(EditKind.rematerialize, Type.f32, 41, vector);
  });
  assert.deepEqual(b.listing(), [
    "mov eax, 5",
    "xorps xmm0, xmm0",
    "mov ecx, r8d",
    "mov rcx, r8",
    "movaps xmm1, xmm8",
    "xchg r8, rcx",
    "mov r9d, 5",
    "xorps xmm9, xmm9",
    "ret",
  ]);
});

Deno.test("rows give way to shorter ones that do the same", () => {
  const b = straight((b) => {
    b.op("mov64_rr", 3, 3);
    b.op("cmp32_ri", 1, 0);
    b.op("test64_ri", 6, 5);
    b.op("test64_ri", 6, 500);
    b.op("and64_ri", 2, 2, 255);
    b.op("mov64_ri64", 8, -2, -1);
    b.op("mov64_ri32", 8, 2);
    b.op("lea_or_add64_ri", 1, 1, 128);
    b.op("lea_or_add32_ri", 1, 2, -1);
    b.op("lea_or_add64", 1, 2, 1);
    b.op("lea_or_add64", 1, 2, 4);
  });
  assert.deepEqual(b.listing(), [
    "test ecx, ecx",
    "test sil, 5",
    "test esi, 0x1f4",
    "and edx, 0xff",
    "mov r8, -2",
    "mov r8d, 2",
    "sub rcx, -0x80",
    "lea ecx, [rdx-1]",
    "add rcx, rdx",
    "lea rcx, [rsp+rdx]",
    "ret",
  ]);
});

Deno.test("jumps fall through, invert and go through empty blocks", () => {
  const b = new Builder();
  b.block([1, 2], () => {
    b.op("test32_rr", 7, 7);
    b.op("jcc", Cond.e);
  });
  b.block([3], () => b.op("jmp")); // empty
  b.block([4], () => {
    b.op("zero32", 0);
    b.op("jmp");
  });
  b.block([5, 4], () => {
    b.op("ucomisd_rr", 32, 33);
    b.op("jcc_and", Cond.e, Cond.np);
  });
  b.block([], () => b.op("return"));
  b.block([5], () => b.op("jmp")); // an endless loop, which stays
  assert.deepEqual(b.listing(), [
    "test edi, edi",
    "je 8",
    "xor eax, eax",
    "jmp 16",
    "ucomisd xmm0, xmm1",
    "jne 16",
    "jnp 17",
    "ret",
    "jmp 17",
  ]);
});

Deno.test("dead instructions are left out, and a block of them is empty", () => {
  const b = new Builder();
  b.block([1, 2], () => b.op("jcc", Cond.s));
  b.block([3], () => {
    b.allocation.markDead(b.op("mov32_ri", 70, 1));
    b.op("jmp");
  });
  b.block([], () => b.op("ud2"));
  b.block([], () => b.op("return"));
  assert.deepEqual(b.listing(), ["js 4", "ud2", "ret"]);
});

Deno.test("virtual registers are refused", () => {
  assert.throws(() => straight((b) => b.op("mov32_ri", 70, 1)).finish(), /no physical register/);
  assert.throws(
    () => straight((b) => b.op("mov32_rm", 0, 70, -1, 0, 0)).finish(),
    /no physical register/,
  );
});

Deno.test("far jumps are long in both directions", () => {
  const b = new Builder();
  b.block([1, 2], () => b.op("jcc", Cond.s));
  b.block([0], () => {
    for (let k = 0; k < 50; k++) b.op("mov32_ri", 0, k);
    b.op("jmp");
  });
  b.block([], () => b.op("return"));
  const lines = b.listing();
  assert.deepEqual([lines[0], ...lines.slice(-2)], ["jns 261", "jmp 0", "ret"]);
  assert.equal(b.finish().code.length, 6 + 250 + 5 + 1);
});

Deno.test("a jump with moves on its edge stays", () => {
  const b = new Builder();
  b.block([1, 2], () => b.op("jcc", Cond.l));
  b.block([2], () => {
    b.edit(EditKind.move, Type.i32, 0, 1);
    b.op("jmp");
  });
  b.block([], () => b.op("return"));
  assert.deepEqual(b.listing(), ["jge 4", "mov eax, ecx", "ret"]);
});

Deno.test("traps stand behind the code, one for each kind and place", () => {
  const b = straight((b) => {
    b.at(10);
    b.trapping(TrapKind.integerOverflow, "trap_if", Cond.o);
    b.trapping(TrapKind.integerOverflow, "trap_if_or", Cond.p, Cond.b);
    b.at(20);
    b.trapping(TrapKind.integerOverflow, "trap_if", Cond.e);
    b.trapping(TrapKind.memoryOutOfBounds, "mov32_rm", 0, 7, 6, 0, 16);
    b.at(30);
  });
  const { traps, addressMap, instructionBytes, ...rest } = b.finish();
  assert.deepEqual(list({ traps, addressMap, instructionBytes, ...rest }), [
    "jo 13",
    "jp 13",
    "jb 13",
    "je 15",
    "mov eax, [rdi+rsi+0x10]",
    "ret",
    "ud2",
    "ud2",
  ]);
  assert.deepEqual([...traps], [
    8,
    TrapKind.memoryOutOfBounds,
    13,
    TrapKind.integerOverflow,
    15,
    TrapKind.integerOverflow,
  ]);
  assert.deepEqual([...addressMap], [0, 10, 6, 20, 12, 30, 13, 10, 15, 20]);
  assert.equal(instructionBytes, 17);
});

// ── Executed on the host ────────────────────────────────────────────────────────────────────────

/** Result of a trap with a kind: no test yields it otherwise. */
const trapped = (kind: TrapKind): bigint => 0x7ea90000n + BigInt(kind);

/** Code whose traps return {@linkcode trapped} instead. */
function withoutFaults(done: FinishedCode): Uint8Array {
  const stubs: number[] = [];
  const start = (done.code.length + 15) & -16;
  const code = new Uint8Array(start + 16 * done.traps.length);
  code.set(done.code);
  for (let k = 0; k < done.traps.length; k += 2) {
    const at = done.traps[k] as number, stub = start + stubs.length;
    // A jump of two bytes in place of ud2 to: mov eax, result; ret
    assert.ok(stub - at - 2 < 128, "the stub is too far");
    code[at] = 0xeb;
    code[at + 1] = stub - at - 2;
    stubs.push(0xb8, done.traps[k + 1] as number, 0, 0xa9, 0x7e, 0xc3);
  }
  code.set(stubs, start);
  return code;
}

/** Runs a function of one block on each list of arguments. */
function run(
  signature: keyof typeof signatures,
  fill: (b: Builder) => void,
  inputs: readonly (readonly (number | bigint)[])[],
  check: (result: number | bigint, args: readonly (number | bigint)[]) => void,
): void {
  using native = new NativeCode(withoutFaults(straight(fill).finish()));
  for (const args of inputs) check(native.call(signature, ...args), args);
}

const floats = [0, -0, 0.5, -0.5, 0.99, -0.999999, 1, -1, 1.5, -7.25, 1e9, -1e9, 123456.7]
  .concat([NaN, Infinity, -Infinity, 1e30, -1e30, 5e-324, 1e300, 2 ** 53])
  .concat([31, 32, 63, 64].flatMap((n) => [2 ** n, -(2 ** n)]))
  .concat([2147483647, 2147483648.5, -2147483648.5, -2147483649, 4294967295, 4294967295.5])
  .concat([2 ** 63 - 1024, -(2 ** 63) - 2048, 2 ** 64 - 2048, 2 ** 63 + 2048]);
const near = floats.flatMap((x) => [x, Math.fround(x)]);

interface Target {
  readonly suffix: "i32s" | "i32u" | "i64s" | "i64u";
  readonly bits: number;
  readonly min: bigint;
  readonly max: bigint;
}
const targets: readonly Target[] = [
  { suffix: "i32s", bits: 32, min: -(2n ** 31n), max: 2n ** 31n - 1n },
  { suffix: "i32u", bits: 32, min: 0n, max: 2n ** 32n - 1n },
  { suffix: "i64s", bits: 64, min: -(2n ** 63n), max: 2n ** 63n - 1n },
  { suffix: "i64u", bits: 64, min: 0n, max: 2n ** 64n - 1n },
];

Deno.test({
  name: "truncations trap and saturate as the spec says",
  ignore: !canRunNatively,
  fn(): void {
    for (const float of ["ss", "sd"] as const) {
      for (const { suffix, bits, min, max } of targets) {
        for (const kind of ["trunc", "trunc_sat"] as const) {
          const operands = suffix === "i32u" ? [0, 32, 2] : [0, 32];
          const inputs = near.map((x) => [float === "ss" ? Math.fround(x) : x]);
          run(
            float === "ss" ? "i_f" : "i_d",
            (b) => b.op(`${kind}_${float}_${suffix}`, ...operands),
            inputs,
            (result, [x]) => {
              const value = x as number;
              const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
              const fits = whole !== undefined && whole >= min && whole <= max;
              const expected = fits ? BigInt.asUintN(bits, whole) : kind === "trunc"
                ? trapped(
                  Number.isNaN(value)
                    ? TrapKind.invalidConversionToInteger
                    : TrapKind.integerOverflow,
                )
                : Number.isNaN(value)
                ? 0n
                : BigInt.asUintN(bits, value < 0 ? min : max);
              assert.equal(result, expected, `${kind}_${float}_${suffix}(${value})`);
            },
          );
        }
      }
    }
  },
});

Deno.test({
  name: "minimum and maximum mind NaN and the sign of zero",
  ignore: !canRunNatively,
  fn(): void {
    for (const float of ["ss", "sd"] as const) {
      for (const kind of ["fmin", "fmax"] as const) {
        const round = (x: number): number => float === "ss" ? Math.fround(x) : x;
        const inputs = floats.flatMap((x) => floats.map((y) => [round(x), round(y)]));
        run(
          float === "ss" ? "f_ff" : "d_dd",
          (b) => b.op(`${kind}_${float}`, 32, 32, 33),
          inputs,
          (result, [x, y]) => {
            const expected = (kind === "fmin" ? Math.min : Math.max)(x as number, y as number);
            assert.ok(Object.is(result, expected), `${kind}_${float}(${x}, ${y}) = ${result}`);
          },
        );
      }
    }
  },
});

Deno.test({
  name: "unsigned integers of 64 bits are converted with one rounding",
  ignore: !canRunNatively,
  fn(): void {
    const inputs: bigint[] = [];
    for (let n = 0n; n < 64n; n++) {
      for (const d of [-2n, -1n, 0n, 1n, 3n]) inputs.push(BigInt.asUintN(64, (1n << n) + d));
      // Just below, at and above the middle between neighbouring floats of both widths.
      for (const m of [1n << 62n, 3n << 62n, 1n << 63n]) {
        for (const d of [-1n, 0n, 1n]) inputs.push(BigInt.asUintN(64, m + (1n << n) + d));
      }
    }
    // Number(bigint) rounds once, to nearest; a float needs its own rounding from the integer.
    const toSingle = (x: bigint): number => {
      const excess = BigInt(Math.max(0, x.toString(2).length - 24));
      const kept = x >> excess, rest = x - (kept << excess), half = (1n << excess) >> 1n;
      const up = excess > 0n && (rest > half || (rest === half && (kept & 1n) === 1n));
      return Number((kept + (up ? 1n : 0n)) << excess);
    };
    const args = inputs.map((x) => [x]);
    run("d_i", (b) => b.op("cvtu64_sd", 32, 7, 0, 1), args, (result, [x]) => {
      assert.equal(result, Number(x), `${x}`);
    });
    run("f_i", (b) => b.op("cvtu64_ss", 32, 7, 0, 1), args, (result, [x]) => {
      assert.equal(result, toSingle(x as bigint), `${x}`);
    });
  },
});

Deno.test({
  name: "only the smallest integer by -1 overflows",
  ignore: !canRunNatively,
  fn(): void {
    for (
      const [bits, name] of [[32n, "trap_if_overflow32"], [64n, "trap_if_overflow64"]] as const
    ) {
      const smallest = 1n << (bits - 1n), minusOne = (1n << bits) - 1n;
      const values = [0n, 1n, minusOne, smallest, smallest - 1n, smallest + 1n];
      run(
        "i_ii",
        (b) => {
          b.op("mov32_ri", 0, 1);
          b.trapping(TrapKind.integerOverflow, name, 6, 7);
        },
        values.flatMap((x) => values.map((y) => [x, y])),
        (result, [x, y]) => {
          const overflows = x === smallest && y === minusOne;
          const expected = overflows ? trapped(TrapKind.integerOverflow) : 1n;
          assert.equal(result, expected, `${name} ${x} / ${y}`);
        },
      );
    }
  },
});

Deno.test({
  name: "conditions become integers and select floats",
  ignore: !canRunNatively,
  fn(): void {
    const pairs = floats.flatMap((x) => floats.map((y) => [x, y]));
    run(
      "d_dd",
      (b) => {
        b.op("ucomisd_rr", 32, 33);
        b.op("setcc_and", Cond.e, Cond.np, 7, 6);
        b.op("ucomisd_rr", 32, 33);
        b.op("setcc_or", Cond.ne, Cond.p, 0, 1);
        b.op("lea_or_add32", 0, 0, 0);
        b.op("lea_or_add32", 0, 0, 7);
        b.op("cvtsi2sd32_rr", 32, 0);
      },
      pairs,
      (result, [x, y]) => assert.equal(result, x === y ? 1 : 2, `${x} = ${y}`),
    );
    run(
      "i_ii",
      (b) => {
        b.op("cmp64_rr", 7, 6);
        b.op("setcc32", Cond.l, 6);
        b.op("mov64_rr", 0, 6);
      },
      [[1n, 2n], [2n, 1n], [2n, 2n], [0n, 1n << 62n]],
      (result, [x, y]) => assert.equal(result, (x as bigint) < (y as bigint) ? 1n : 0n),
    );
    run(
      "d_idd",
      (b) => {
        b.op("test32_rr", 7, 7);
        b.op("cmov_x", Cond.ne, 32, 32, 33);
      },
      [[0n, 1.5, 2.5], [7n, 1.5, 2.5]],
      (result, [c]) => assert.equal(result, c === 0n ? 1.5 : 2.5),
    );
  },
});

Deno.test({
  name: "br_table goes to the successor of its index, the last for all above",
  ignore: !canRunNatively,
  fn(): void {
    for (let count = 1; count <= 6; count++) {
      const b = new Builder();
      const successors = Array.from({ length: count }, (_, k) => k + 1);
      b.block(successors, () => b.op("br_table", 7, 0, 7));
      for (let k = 0; k < count; k++) {
        b.block([], () => {
          b.op("mov32_ri", 0, 100 + k);
          b.op("return");
        });
      }
      using native = new NativeCode(b.finish().code);
      for (const index of [0, 1, 2, 3, 4, 5, 6, 7, 0x7fffffff, 0xffffffff]) {
        const expected = 100 + Math.min(index, count - 1);
        assert.equal(native.call("i_i", BigInt(index)), BigInt(expected), `${index} of ${count}`);
      }
    }
  },
});
