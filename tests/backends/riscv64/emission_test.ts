/**
 * Emission of hand-made machine code with hand-made allocations: listings of frames, edits and
 * branches of every length, calls and their veneers.
 *
 * @module
 */
import assert from "node:assert/strict";
import { disassemble } from "../../../backends/riscv64/disassembler.ts";
import { emit, type EmitOptions } from "../../../backends/riscv64/emit.ts";
import {
  branchForm,
  branchFormsWith,
  branchWord,
  Form,
} from "../../../backends/riscv64/encoder.ts";
import { Feature } from "../../../backends/riscv64/features.ts";
import { Relocation } from "../../../backends/riscv64/relocations.ts";
import { Cond, type InstructionName, Opcode } from "../../../backends/riscv64/instructions.ts";
import { riscv64 } from "../../../backends/riscv64/mod.ts";
import { TrapKind } from "../../../lib/base/trap_kind.ts";
import { Allocation, EditKind, FIRST_SLOT } from "../../../lib/codegen/allocation.ts";
import { CodeBuffer, type FinishedCode } from "../../../lib/codegen/code_buffer.ts";
import { CodeModel } from "../../../lib/codegen/isa.ts";
import type { FrameShape } from "../../../lib/codegen/frame.ts";
import { MachineCode } from "../../../lib/codegen/machine_code.ts";
import { TextSectionBuilder } from "../../../lib/codegen/text_section.ts";
import { Type } from "../../../lib/ir/types.ts";

const buffer = new CodeBuffer();

/** Builds a function block by block. */
class Builder {
  readonly code = new MachineCode();
  readonly allocation = new Allocation();

  block(successors: readonly number[], fill: () => void): this {
    this.code.beginBlock(0, false);
    for (const s of successors) this.code.pushList(s);
    fill();
    this.code.endBlock(0, successors.length);
    return this;
  }
  op(name: InstructionName, ...operands: number[]): void {
    this.trapping(-1 as TrapKind, name, ...operands);
  }
  trapping(kind: TrapKind, name: InstructionName, ...operands: number[]): void {
    this.code.append(Opcode[name], 100, kind + 1);
    for (const operand of operands) this.code.pushOperand(operand);
  }
  /** An edit before the instruction that comes next. */
  edit(kind: EditKind, type: Type, destination: number, source: number): void {
    this.allocation.append(this.code.count, kind, type, destination, source);
  }
  finish(
    { model, featureBits }: EmitOptions = { model: CodeModel.small, featureBits: Feature.c },
  ): FinishedCode & { frame: FrameShape } {
    buffer.reset(branchFormsWith((featureBits & Feature.c) !== 0));
    const frame = emit(this.code, this.allocation, buffer, { model, featureBits });
    return { ...buffer.finish(), frame };
  }
  listing(): string[] {
    const { code, instructionBytes } = this.finish();
    return list(code, 0, instructionBytes);
  }
}

/** The listing, with targets as offsets. */
function list(code: Uint8Array, start: number, end: number): string[] {
  const lines: string[] = [];
  for (let at = start; at < end;) {
    const one = disassemble(code, at);
    assert.ok(one, `unknown instruction at ${at}: ${code.slice(at, at + 4)}`);
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

const A0 = 10, A1 = 11, S1 = 9, FA0 = 42;

Deno.test("riscv64: a leaf function without needs has no frame", () => {
  const b = straight((b) => b.op("addw", A0, A0, A1));
  assert.deepEqual(b.listing(), ["c.addw a0, a1", "c.jr ra"]);
  assert.deepEqual(b.finish().frame, { hasFramePointer: false, bytes: 0 });
});

Deno.test("riscv64: arguments on the stack are reached without a frame", () => {
  const b = straight((b) => {
    b.op("load_incoming", A0, 8, Type.i64);
    b.op("store_incoming", 16, Type.i64, A0);
  });
  assert.deepEqual(b.listing(), ["c.ldsp a0, 8(sp)", "c.sdsp a0, 16(sp)", "c.jr ra"]);
});

Deno.test("riscv64: a frame links, saves registers, and addresses slots and locals", () => {
  const b = straight((b) => {
    b.edit(EditKind.move, Type.i64, FIRST_SLOT, A0);
    b.edit(EditKind.move, Type.f32, FA0, FIRST_SLOT + 1);
    b.edit(EditKind.move, Type.i32, FIRST_SLOT + 1, FIRST_SLOT);
    b.op("frame_address", A1, 8);
    b.op("store_outgoing", 8, Type.f64, FA0);
    b.op("call", 6);
    b.op("load_incoming", A0, 8, Type.i64);
  });
  b.allocation.spillBytes = 16;
  b.allocation.slotOffset[1] = 8;
  b.allocation.usedPreservedInt = 1 << S1;
  b.allocation.usedPreservedFloat = 1 << 8;
  b.code.hasCalls = true;
  b.code.outgoingBytes = 16;
  b.code.localBytes = 16;
  assert.deepEqual(b.listing(), [
    "c.addi16sp sp, -80",
    "c.sdsp ra, 72(sp)",
    "c.sdsp s0, 64(sp)",
    "c.sdsp s1, 56(sp)",
    "c.fsdsp fs0, 48(sp)",
    "c.addi4spn s0, sp, 64",
    "c.sdsp a0, 32(sp)",
    "c.fldsp fa0, 40(sp)",
    "c.fldsp ft11, 32(sp)",
    "c.fsdsp ft11, 40(sp)",
    "c.addi4spn a1, sp, 24",
    "c.fsdsp fa0, 8(sp)",
    "jal ra, 24",
    "c.ldsp a0, 88(sp)",
    "c.ldsp s1, 56(sp)",
    "c.fldsp fs0, 48(sp)",
    "c.ldsp ra, 72(sp)",
    "c.ldsp s0, 64(sp)",
    "c.addi16sp sp, 80",
    "c.jr ra",
  ]);
  const { frame, relocations } = b.finish();
  assert.deepEqual(frame, { hasFramePointer: true, bytes: 64 });
  assert.deepEqual([...relocations], [24, Relocation.call, 6, 0]);
});

Deno.test("riscv64: a large frame is made in two steps, and far slots go through ra", () => {
  const b = straight((b) => {
    b.edit(EditKind.move, Type.i64, FIRST_SLOT, A0);
    b.edit(EditKind.move, Type.f64, FIRST_SLOT + 1, FA0);
    b.op("load_incoming", A0, 0, Type.i64);
    b.op("frame_address", A1, 4096);
  });
  b.allocation.spillBytes = 8192;
  b.allocation.slotOffset[0] = 2048;
  b.allocation.slotOffset[1] = 8184;
  b.code.localBytes = 8192;
  assert.deepEqual(b.listing(), [
    "c.addi sp, -16",
    "c.sdsp ra, 8(sp)",
    "c.sdsp s0, 0(sp)",
    "addi s0, sp, 0",
    "c.lui t6, 0xffffc",
    "c.add sp, t6",
    "c.lui ra, 0x3",
    "c.add ra, sp",
    "sd a0, -2048(ra)",
    "fsd fa0, -8(s0)",
    "c.ld a0, 16(s0)",
    "c.lui a1, 0x1",
    "c.add a1, sp",
    "c.mv sp, s0",
    "c.ldsp ra, 8(sp)",
    "c.ldsp s0, 0(sp)",
    "c.addi sp, 16",
    "c.jr ra",
  ]);
});

Deno.test("riscv64: constants from instructions and from the pool", () => {
  const b = straight((b) => {
    b.op("li", A0, -1, 0);
    b.op("li", A0, 0x9abcdef0 | 0, 0x12345678);
    b.op("li_s", FA0, 0);
    b.op("li_s", FA0, 0x3f800000);
    b.op("li_d", FA0, 0, 0x3ff00000);
  });
  assert.deepEqual(b.listing(), [
    "c.li a0, -1",
    "c.srli a0, 32",
    "auipc a0, 0x0",
    "ld a0, 36(a0)",
    "fmv.w.x fa0, zero",
    "lui t6, 0x3f800",
    "fmv.w.x fa0, t6",
    "auipc t6, 0x0",
    "fld fa0, 24(t6)",
    "c.jr ra",
  ]);
});

Deno.test("riscv64: a trap is an ebreak behind the function, with its place in the table", () => {
  const b = straight((b) => {
    b.trapping(TrapKind.integerDivideByZero, "trap_if", Cond.eq, A1, 0);
    b.op("divw", A0, A0, A1);
  });
  assert.deepEqual(b.listing(), ["c.beqz a1, 8", "divw a0, a0, a1", "c.jr ra", "c.ebreak"]);
  assert.deepEqual([...b.finish().traps], [8, TrapKind.integerDivideByZero]);
});

// ── Branches ────────────────────────────────────────────────────────────────────────────────────

/** A branch over so many bytes of nops, forwards or backwards. */
function branchOver(form: number, word: number, bytes: number, forwards: boolean): string[] {
  buffer.reset(branchFormsWith(true));
  const nop = Uint8Array.of(1, 0), nops = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 2) nops.set(nop, at);
  const label = buffer.createLabel();
  if (!forwards) {
    buffer.bind(label);
    buffer.bytes(nops);
  }
  buffer.branch(form, label, word);
  if (forwards) {
    buffer.bytes(nops);
    buffer.bind(label);
  }
  const { code } = buffer.finish();
  return list(code, forwards ? 0 : bytes, forwards ? code.length - bytes : code.length);
}

Deno.test("riscv64: branches take the shortest form that reaches", () => {
  const x = branchWord(Cond.eq, A0, 0), xy = branchWord(Cond.ltu, A0, A1);
  assert.equal(branchForm(Cond.eq, A0, 0), Form.branchZero);
  assert.equal(branchForm(Cond.ne, 5, 0), Form.branch);
  assert.equal(branchForm(Cond.lt, A0, 0), Form.branch);
  const forwards = (form: number, word: number, n: number) => branchOver(form, word, n, true);
  const backwards = (form: number, word: number, n: number) => branchOver(form, word, n, false);
  assert.deepEqual(forwards(Form.branchZero, x, 252), ["c.beqz a0, 254"]);
  assert.deepEqual(forwards(Form.branchZero, x, 254), ["beq a0, zero, 258"]);
  assert.deepEqual(backwards(Form.branchZero, x, 256), ["c.beqz a0, 0"]);
  assert.deepEqual(backwards(Form.branchZero, x, 258), ["beq a0, zero, 0"]);
  assert.deepEqual(forwards(Form.branch, xy, 4090), ["bltu a0, a1, 4094"]);
  assert.deepEqual(forwards(Form.branch, xy, 4092), ["bgeu a0, a1, 8", "jal zero, 4100"]);
  assert.deepEqual(backwards(Form.branch, xy, 4096), ["bltu a0, a1, 0"]);
  assert.deepEqual(backwards(Form.branch, xy, 4098), ["bgeu a0, a1, 4106", "jal zero, 0"]);
  assert.deepEqual(forwards(Form.branch, xy, 1 << 20).slice(0, 1), ["bgeu a0, a1, 12"]);
  assert.deepEqual(forwards(Form.branch, xy, 1 << 20).slice(1), [
    "auipc t6, 0x100",
    "jalr zero, 8(t6)",
  ]);
  assert.deepEqual(forwards(Form.jump, 0, 2044), ["c.j 2046"]);
  assert.deepEqual(forwards(Form.jump, 0, 2046), ["jal zero, 2050"]);
  assert.deepEqual(backwards(Form.jump, 0, 1 << 20), ["jal zero, 0"]);
  assert.deepEqual(backwards(Form.jump, 0, (1 << 20) + 2), [
    "auipc t6, 0xfff00",
    "jalr zero, -2(t6)",
  ]);
});

// ── Calls ───────────────────────────────────────────────────────────────────────────────────────

/** Follows a jump or call at `at` to where it leads, through a veneer. */
function destination(text: Uint8Array, at: number): number {
  const one = disassemble(text, at), next = disassemble(text, at + (one?.length ?? 0));
  assert.ok(one);
  if (one.text.startsWith("jal ra")) return destination(text, at + (one.target ?? 0));
  if (one.text.startsWith("auipc") && next?.text.startsWith("jalr")) return at + (one.target ?? 0);
  return at;
}

Deno.test("riscv64: calls reach all of a text of 130 MiB", () => {
  const text = new TextSectionBuilder(riscv64), count = 280;
  const size = 500_000, code = new Uint8Array(size);
  for (let at = 0; at < size; at += 2) code[at] = 1;
  for (const at of [4, size - 12]) code.set([0xef, 0, 0, 0], at);
  const starts: number[] = [];
  const call = (offset: number, target: number) => ({
    offset,
    kind: Relocation.call,
    target,
    addend: 0,
  });
  for (let k = 0; k < count; k++) {
    starts.push(
      text.append(code, 4, [call(4, count - 1 - k), call(size - 12, (k * 7) % count)]),
    );
  }
  const bytes = text.finish();
  assert.ok(bytes.length > 130 << 20);
  for (let k = 0; k < count; k++) {
    const start = starts[k] as number;
    assert.equal(destination(bytes, start + 4), starts[count - 1 - k], `first call of ${k}`);
    assert.equal(destination(bytes, start + size - 12), starts[(k * 7) % count], `second of ${k}`);
  }
});

Deno.test("riscv64: in the large model calls are of two instructions", () => {
  const b = straight((b) => b.op("call", 8));
  b.code.hasCalls = true;
  const featureBits = Feature.c;
  assert.equal(b.finish({ model: CodeModel.medium, featureBits }).relocations[1], Relocation.call);
  const { code, relocations } = b.finish({ model: CodeModel.large, featureBits });
  const [offset, kind] = relocations as unknown as [number, number];
  assert.equal(kind, Relocation.farCall);
  const text = new TextSectionBuilder(riscv64);
  text.append(code, 4, [{ offset, kind, target: 1, addend: 0 }]);
  const big = new Uint8Array(3 << 20);
  const second = text.append(big, 4, []);
  const bytes = text.finish();
  assert.deepEqual(list(bytes, offset, offset + 8).map((line) => line.split(" ")[0]), [
    "auipc",
    "jalr",
  ]);
  assert.equal(offset + (disassemble(bytes, offset)?.target ?? 0), second);
});

Deno.test("riscv64: without compressed instructions all are words", () => {
  const b = new Builder();
  b.block([1, 2], () => {
    b.op("add", A0, A0, A1);
    b.op("branch", Cond.eq, A0, 0);
  });
  b.block([0], () => b.op("jump"));
  b.block([], () => b.op("return"));
  const { code, instructionBytes } = b.finish({ model: CodeModel.small, featureBits: 0 });
  assert.deepEqual(list(code, 0, instructionBytes), [
    "add a0, a0, a1",
    "beq a0, zero, 0",
    "jalr zero, 0(ra)",
  ]);
  assert.deepEqual(b.listing(), ["c.add a0, a1", "c.beqz a0, 0", "c.jr ra"]);
});
