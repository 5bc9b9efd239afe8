/**
 * Emission of hand-made machine code with hand-made allocations: listings of frames, edits, branches
 * and constants; branches at the ends of their reach; veneers.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Assembler } from "../../../backends/aarch64/assembler.ts";
import { disassemble } from "../../../backends/aarch64/disassembler.ts";
import { emit } from "../../../backends/aarch64/emit.ts";
import { branchForms, veneer } from "../../../backends/aarch64/encoder.ts";
import { Relocation, relocations } from "../../../backends/aarch64/relocations.ts";
import { Cond, type InstructionName, Opcode } from "../../../backends/aarch64/instructions.ts";
import { aarch64 } from "../../../backends/aarch64/mod.ts";
import { TrapKind } from "../../../lib/base/trap_kind.ts";
import { Allocation, EditKind, FIRST_SLOT } from "../../../lib/codegen/allocation.ts";
import {
  type BranchForm,
  CodeBuffer,
  type FinishedCode,
} from "../../../lib/codegen/code_buffer.ts";
import { CodeModel } from "../../../lib/codegen/isa.ts";
import type { FrameShape } from "../../../lib/codegen/frame.ts";
import { MachineCode, Role, variadicRole } from "../../../lib/codegen/machine_code.ts";
import { TextSectionBuilder } from "../../../lib/codegen/text_section.ts";
import { Type } from "../../../lib/ir/types.ts";

const buffer = new CodeBuffer();

/** Builds a function block by block. */
class Builder {
  readonly code = new MachineCode();
  readonly allocation = new Allocation();
  location = 100;

  block(successors: readonly number[], fill: () => void): this {
    this.code.beginBlock(0, false);
    for (const s of successors) this.code.pushList(s);
    fill();
    this.code.endBlock(0, successors.length);
    return this;
  }
  op(name: InstructionName, ...operands: number[]): number {
    return this.#append(name, 0, operands);
  }
  trapping(kind: TrapKind, name: InstructionName, ...operands: number[]): void {
    this.#append(name, kind + 1, operands);
  }
  /** An edit before the instruction that comes next. */
  edit(kind: EditKind, type: Type, destination: number, source: number): void {
    this.allocation.append(this.code.count, kind, type, destination, source);
  }
  move(type: Type, destination: number, source: number): void {
    this.edit(EditKind.move, type, destination, source);
  }
  /** Spill slots of 8 bytes, one behind the other. */
  slots(count: number): this {
    this.allocation.spillBytes = 8 * count;
    this.allocation.slotOffset = Int32Array.from({ length: count }, (_, n) => 8 * n);
    return this;
  }
  finish(model: CodeModel = CodeModel.small): FinishedCode & { frame: FrameShape } {
    buffer.reset(branchForms);
    const frame = emit(this.code, this.allocation, buffer, model);
    return { ...buffer.finish(), frame };
  }
  listing(): string[] {
    const { code, instructionBytes } = this.finish();
    return list(code, instructionBytes);
  }
  #append(name: InstructionName, trap: number, operands: readonly number[]): number {
    const i = this.code.append(Opcode[name], this.location, trap);
    for (const operand of operands) this.code.pushOperand(operand);
    return i;
  }
}

/** The instructions, with targets as offsets. */
function list(code: Uint8Array, bytes: number = code.length): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes; at += 4) {
    const one = disassemble(code, at);
    assert.ok(one, `unknown instruction at ${at}: ${code.slice(at, at + 4)}`);
    lines.push(one.text.replace("{target}", String(at + (one.target ?? 0))));
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

const slot = (n: number): number => FIRST_SLOT + n;

Deno.test("a leaf function without needs has no frame", () => {
  const b = straight((b) => {
    b.op("load_incoming", 2, 8, Type.i64);
    b.op("add_w", 0, 1, 2, 0);
  });
  assert.deepEqual(b.listing(), ["ldr x2, [sp, #8]", "add w0, w1, w2", "ret"]);
  assert.deepEqual(b.finish().frame, { hasFramePointer: false, bytes: 0 });
});

Deno.test("a frame saves registers in pairs, and addresses slots, locals and arguments", () => {
  const b = straight((b) => {
    b.op("load_incoming", 19, 8, Type.i64);
    b.move(Type.i64, slot(0), 19);
    b.move(Type.f32, 33, slot(1));
    b.op("frame_address", 20, 4);
    b.op("store_outgoing", 8, Type.f64, 34);
    b.op("call", 6, variadicRole(Role.useFixed, 7), 7);
    b.op("load_outgoing", 0, 16, Type.i32);
    b.op("store_incoming", 16, Type.i64, 0);
  }).slots(2);
  b.code.hasCalls = true;
  b.code.outgoingBytes = 24;
  b.code.localBytes = 256;
  b.allocation.usedPreservedInt = 1 << 19 | 1 << 20 | 1 << 21;
  assert.deepEqual(b.listing(), [
    "stp x29, x30, [sp, #-0x140]!",
    "mov x29, sp",
    "stp x19, x20, [sp, #0x10]",
    "str x21, [sp, #0x20]",
    "sub sp, sp, #0x20",
    "ldr x19, [x29, #0x148]",
    "str x19, [x29, #0x30]",
    "ldr d1, [x29, #0x38]",
    "add x20, x29, #0x44",
    "str d2, [sp, #8]",
    "bl 40",
    "ldr w0, [sp, #0x10]",
    "str x0, [x29, #0x150]",
    "add sp, sp, #0x20",
    "ldp x19, x20, [sp, #0x10]",
    "ldr x21, [sp, #0x20]",
    "ldp x29, x30, [sp], #0x140",
    "ret",
  ]);
  const { frame, relocations } = b.finish();
  assert.deepEqual(frame, { hasFramePointer: true, bytes: 0x130 + 0x20 });
  assert.deepEqual([...relocations], [40, 0, 6, 0]);
});

Deno.test("large frames move the stack pointer by themselves, and far slots have an address", () => {
  const b = straight((b) => {
    b.move(Type.i32, slot(5000), 1);
    b.move(Type.i64, slot(4999), slot(2));
    b.op("mov_x", 1, 1);
  }).slots(5001);
  assert.deepEqual(b.listing(), [
    "sub sp, sp, #9, lsl #12",
    "sub sp, sp, #0xc60",
    "stp x29, x30, [sp]",
    "mov x29, sp",
    "mov x30, #0x9c50",
    "add x30, x29, w30, sxtw",
    "str x1, [x30]",
    "ldr x17, [x29, #0x20]",
    "mov x30, #0x9c48",
    "add x30, x29, w30, sxtw",
    "str x17, [x30]",
    "ldp x29, x30, [sp]",
    "add sp, sp, #9, lsl #12",
    "add sp, sp, #0xc60",
    "ret",
  ]);
});

Deno.test("neighbouring slots move in pairs, in either order", () => {
  const b = straight((b) => {
    b.move(Type.i64, slot(0), 3);
    b.move(Type.i32, slot(1), 4);
    b.move(Type.f64, slot(3), 36);
    b.move(Type.f32, slot(2), 35);
    b.move(Type.i64, 5, slot(1));
    b.move(Type.i64, 6, slot(0));
    // Neither classes nor distances nor directions mix.
    b.move(Type.i64, 7, slot(0));
    b.move(Type.f64, 40, slot(1));
    b.move(Type.f64, 41, slot(3));
    b.move(Type.f64, slot(2), 41);
    b.op("mov_x", 1, 1);
  }).slots(4);
  assert.deepEqual(b.listing().slice(2, -2), [
    "stp x3, x4, [x29, #0x10]",
    "stp d3, d4, [x29, #0x20]",
    "ldp x6, x5, [x29, #0x10]",
    "ldr x7, [x29, #0x10]",
    "ldr d8, [x29, #0x18]",
    "ldr d9, [x29, #0x28]",
    "str d9, [x29, #0x20]",
  ]);
});

Deno.test("edits move and repeat", () => {
  const b = straight((b) => {
    const constant = b.op("const_x", 0, 0x12345678, 0);
    const zero = b.op("movi_zero", 32);
    b.move(Type.i32, 1, 8);
    b.move(Type.f64, 33, 40);
    b.move(Type.v128, 34, 40);
    b.edit(EditKind.rematerialize, Type.i64, 9, constant);
    b.edit(EditKind.rematerialize, Type.f32, 41, zero);
  });
  assert.deepEqual(b.listing(), [
    "mov x0, #0x5678",
    "movk x0, #0x1234, lsl #16",
    "movi d0, #0",
    "mov x1, x8",
    "fmov d1, d8",
    "mov v2.16b, v8.16b",
    "mov x9, #0x5678",
    "movk x9, #0x1234, lsl #16",
    "movi d9, #0",
    "ret",
  ]);
});

Deno.test("constants are moves or stand in the pool, by cost", () => {
  const b = straight((b) => {
    b.op("const_x", 0, 0x5678, 0x1234);
    b.op("const_x", 1, 0x12345678, -1);
    b.op("const_x", 2, 0x12345678, 0x1234);
    b.op("const_x", 3, 0x12345678, 0x1234);
    b.op("const_s", 32, 0x3dcccccd);
    b.op("const_d", 33, 0x12345678, 0x1234);
  });
  assert.deepEqual(b.listing(), [
    "mov x0, #0x5678",
    "movk x0, #0x1234, lsl #32",
    "mov x1, #-0xa988",
    "movk x1, #0x1234, lsl #16",
    "ldr x2, 40",
    "ldr x3, 40",
    "ldr s0, 48",
    "ldr d1, 40",
    "ret",
  ]);
  assert.equal(b.finish().code.length, 52);
});

Deno.test("jumps fall through, invert and go through empty blocks", () => {
  const b = new Builder();
  b.block([1, 2], () => b.op("jump_if_cb_w", 0, 7));
  b.block([3], () => b.op("jump")); // empty
  b.block([4], () => {
    b.op("movz_wi", 0, 5);
    b.op("jump");
  });
  b.block([5, 4], () => {
    b.op("fcmp_d", 32, 33);
    b.op("jump_if", Cond.mi);
  });
  b.block([6, 5], () => b.op("jump_if_tb", 1, 3, 40));
  b.block([5], () => b.op("jump")); // an endless loop, which stays
  b.block([], () => b.op("return"));
  assert.deepEqual(b.listing(), [
    "cbz w7, 12",
    "mov w0, #5",
    "b 20",
    "fcmp d0, d1",
    "b.mi 24",
    "tbnz x3, #0x28, 28",
    "b 24",
    "ret",
  ]);
});

Deno.test("a jump table is an offset from itself, below a bound that needs no immediate", () => {
  const b = new Builder();
  const blocks = 4100;
  b.block([...Array(blocks).keys()].map((n) => n + 1), () => b.op("br_table", 2));
  for (let n = 0; n < blocks; n++) {
    b.block([], () => {
      b.op("movz_wi", 0, n);
      b.op("return");
    });
  }
  const { code, instructionBytes } = b.finish();
  assert.deepEqual(list(code, 32), [
    "mov x17, #0x1003",
    "cmp w2, w17",
    `b.hs ${instructionBytes - 8}`,
    `adr x16, ${instructionBytes}`,
    "ldrsw x17, [x16, w2, uxtw #2]",
    "add x16, x16, x17",
    "br x16",
    "mov w0, #0",
  ]);
  const entries = new DataView(code.buffer, instructionBytes);
  assert.equal(entries.byteLength, 4 * (blocks - 1));
  for (let n = 0; n < blocks - 1; n++) {
    assert.equal(instructionBytes + entries.getInt32(4 * n, true), 28 + 8 * n);
  }
});

Deno.test("traps stand behind the code, one for each kind and place", () => {
  const b = straight((b) => {
    b.trapping(TrapKind.integerOverflow, "trap_if", Cond.vs);
    b.trapping(TrapKind.integerDivideByZero, "trap_if_cb_x", 0, 3);
    b.trapping(TrapKind.integerOverflow, "trap_if_tb", 1, 3, 2);
    b.location = 200;
    b.trapping(TrapKind.integerOverflow, "trap_if", Cond.vs);
    b.trapping(TrapKind.memoryOutOfBounds, "ldr_w", 0, 1, 8);
  });
  const { traps, addressMap } = b.finish();
  assert.deepEqual(b.listing(), [
    "b.vs 24",
    "cbz x3, 28",
    "tbnz w3, #2, 24",
    "b.vs 32",
    "ldr w0, [x1, #8]",
    "ret",
    `udf #${TrapKind.integerOverflow}`,
    `udf #${TrapKind.integerDivideByZero}`,
    `udf #${TrapKind.integerOverflow}`,
  ]);
  const { integerOverflow, integerDivideByZero, memoryOutOfBounds } = TrapKind;
  assert.deepEqual(
    [...traps],
    [16, memoryOutOfBounds, 24, integerOverflow, 28, integerDivideByZero, 32, integerOverflow],
  );
  assert.deepEqual([...addressMap], [0, 100, 12, 200, 24, 100, 32, 200]);
});

Deno.test("branches that do not reach are inverted across one that does", () => {
  const asm = new Assembler();
  // Words between the branch and its target: the last that is reached, and the next.
  for (
    const [reach, forward, write, short, opposite] of [
      [2 ** 13, true, "test", "tbz w5, #3,", "tbnz w5, #3, 8"],
      [2 ** 13, false, "test", "tbz w5, #3,", "tbnz w5, #3,"],
      [2 ** 18, true, "compare", "cbnz x5,", "cbz x5, 8"],
      [2 ** 18, true, "cond", "b.gt", "b.le 8"],
    ] as const
  ) {
    for (const beyond of [0, 1]) {
      buffer.reset(branchForms);
      asm.attach(buffer, CodeModel.small);
      const label = buffer.createLabel();
      const words = (forward ? reach - 2 : reach) + beyond;
      if (!forward) {
        buffer.bind(label);
        for (let n = 0; n < words; n++) buffer.u32(0);
      }
      if (write === "test") asm.testAndBranch(0, 5, 3, label);
      else if (write === "compare") asm.compareAndBranch(true, 1, 5, label);
      else asm.bCond(Cond.gt, label);
      if (forward) {
        for (let n = 0; n < words; n++) buffer.u32(0);
        buffer.bind(label);
      }
      const { code } = buffer.finish(), at = forward ? 0 : 4 * words;
      const target = forward ? code.length : 0;
      const lines = [at, at + 4].map((offset) => {
        const one = disassemble(code, offset);
        return one?.text.replace("{target}", String(offset + (one.target ?? 0))) ?? "";
      });
      if (beyond === 0) assert.equal(lines[0], `${short} ${target}`);
      else {
        assert.ok(lines[0]?.startsWith(opposite), lines[0]);
        assert.equal(lines[1], `b ${target}`);
      }
    }
  }
});

/** The jump at the end of what goes any distance, and how far it goes. */
function farJump(bytes: Uint8Array, at: number): [string, number] {
  const lines = list(bytes.slice(at, at + 20));
  const half = (line: string | undefined): number => Number(/#(\w+)/.exec(line ?? "")?.[1]);
  assert.equal(lines[0], "adr x16, 0");
  assert.match(lines[1] ?? "", /^mov x17, /);
  assert.match(lines[2] ?? "", /^movk x17, .*, lsl #16$/);
  assert.equal(lines[3], "add x16, x16, w17, sxtw");
  return [lines[4] as string, half(lines[2]) << 16 | half(lines[1])];
}

Deno.test("branches beyond 128 MiB are inverted across a jump to anywhere", () => {
  const [b, cond, compare, test] = branchForms;
  for (const distance of [2 ** 27 + 4, -(2 ** 27) - 4, 2 ** 30]) {
    const write = (form: BranchForm | undefined, word: number): Uint8Array => {
      const found = form?.encodings.find(({ min, max }) => distance >= min && distance <= max);
      const bytes = new Uint8Array(found?.size ?? 0);
      found?.write(bytes, 0, distance, word);
      return bytes;
    };
    assert.deepEqual(farJump(write(b, 0x14000000), 0), ["br x16", distance]);
    for (
      const [form, word, opposite] of [
        [cond, 0x54000001, "b.eq 24"],
        [compare, 0xb5000005, "cbz x5, 24"],
        [test, 0x36180005, "tbnz w5, #3, 24"],
      ] as const
    ) {
      const bytes = write(form, word);
      assert.equal(list(bytes)[0], opposite);
      assert.equal(bytes.length, 24);
      assert.deepEqual(farJump(bytes, 4), ["br x16", distance - 4]);
    }
  }
});

Deno.test("in the large model calls go anywhere, and constants need no pool from the medium one", () => {
  const b = straight((b) => {
    b.op("const_x", 0, 0x12345678, 0x1234);
    b.op("const_d", 33, 0x12345678, 0x1234);
    b.op("call", 8);
  });
  b.code.hasCalls = true;
  const pooled = b.finish(), medium = b.finish(CodeModel.medium), large = b.finish(CodeModel.large);
  assert.equal(pooled.code.length - pooled.instructionBytes, 12); // with padding
  assert.equal(medium.code.length, medium.instructionBytes);
  assert.equal(medium.relocations[1], Relocation.call);
  const [offset, kind, target] = large.relocations;
  assert.deepEqual([kind, target], [Relocation.farCall, 8]);
  const bytes = large.code.slice();
  relocations[Relocation.farCall]?.patch(bytes, offset as number, -0x12345678);
  assert.deepEqual(farJump(bytes, offset as number), ["blr x16", -0x12345678]);
});

Deno.test("a veneer goes any distance, and calls are patched to both sides", () => {
  for (const distance of [0x12345678, -8, -(2 ** 31), 2 ** 31 - 4, 0]) {
    const bytes = new Uint8Array(64);
    veneer.write(bytes, 16, distance);
    assert.deepEqual(farJump(bytes, 16), ["br x16", distance]);
  }

  const text = new TextSectionBuilder(aarch64), call = Uint8Array.of(0, 0, 0, 0x94);
  const reach = relocations[0]?.max as number;
  const to = (target: number) => [{ offset: 0, kind: Relocation.call, target, addend: 0 }];
  assert.equal(text.append(call, 4, to(1)), 0);
  const second = text.append(call, 4, to(0));
  const code = text.finish();
  assert.equal(disassemble(code, 0)?.target, second);
  assert.equal(disassemble(code, second)?.target, -second);
  assert.equal(reach, 2 ** 27 - 4);
});
