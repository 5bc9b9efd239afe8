/**
 * The code buffer: branch lengths against brute force, and what moves with the code.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type BranchEncoding, CodeBuffer } from "../../lib/codegen/code_buffer.ts";
import type { FixupKind } from "../../lib/codegen/isa.ts";
import { TrapKind } from "../../lib/base/trap_kind.ts";

/** An encoding that can be recognised: its size in every byte, then the distance, then the word. */
function encoding(size: number, reach: number): BranchEncoding {
  return {
    size,
    min: -reach,
    max: reach - 1,
    write(bytes, position, distance, word): void {
      bytes.fill(0xb0 + size, position, position + size);
      written.push({ position, size, distance, word });
    },
  };
}
let written: { position: number; size: number; distance: number; word: number }[] = [];
const forms = [
  { name: "short", encodings: [encoding(2, 8), encoding(4, 14), encoding(7, 1 << 20)] },
  { name: "long", encodings: [encoding(2, 16), encoding(6, 1 << 20)] },
  { name: "only", encodings: [encoding(4, 20)] },
];

/** A small generator of pseudo-random numbers: the tests must not vary. */
function random(seed: number): (limit: number) => number {
  return (limit) => {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0;
    return (seed >>> 8) % limit;
  };
}

interface Program {
  /** Bytes of each gap; between gaps k and k + 1 stands branch k. */
  readonly gaps: readonly number[];
  /** Per branch, its form and the gap at whose start its label is. */
  readonly branches: readonly { form: number; target: number }[];
}

/** Offsets of branches and gaps for some choice of encodings, undefined if one does not reach. */
function layout(p: Program, choice: readonly number[]): number[] | undefined {
  const starts: number[] = [], at: number[] = [];
  let offset = 0;
  p.gaps.forEach((gap, k) => {
    starts.push(offset);
    offset += gap;
    const branch = p.branches[k];
    if (branch === undefined) return;
    at.push(offset);
    offset += sizeOf(p, choice, k);
  });
  for (let k = 0; k < p.branches.length; k++) {
    const { form, target } = p.branches[k] as Program["branches"][number];
    const e = forms[form]?.encodings[choice[k] as number] as BranchEncoding;
    const distance = (starts[target] as number) - (at[k] as number);
    if (distance < e.min || distance > e.max) return undefined;
  }
  return [...at, offset];
}

function sizeOf(p: Program, choice: readonly number[], k: number): number {
  const form = forms[p.branches[k]?.form as number];
  return (form?.encodings[choice[k] as number] as BranchEncoding).size;
}

/** The smallest total size over all choices. */
function smallest(p: Program): number {
  let best = Infinity;
  const choice = p.branches.map(() => 0);
  for (;;) {
    const found = layout(p, choice);
    if (found !== undefined) best = Math.min(best, found.at(-1) as number);
    let k = 0;
    for (; k < choice.length; k++) {
      const c = (choice[k] as number) + 1;
      choice[k] = c < (forms[p.branches[k]!.form]!.encodings.length) ? c : 0;
      if (choice[k] !== 0) break;
    }
    if (k === choice.length) return best;
  }
}

Deno.test("branches take the shortest encodings that reach, as brute force finds them", () => {
  const next = random(7), buffer = new CodeBuffer();
  let lengthened = 0;
  for (let round = 0; round < 400; round++) {
    const count = 1 + next(7);
    const p: Program = {
      gaps: Array.from({ length: count + 1 }, () => next(9)),
      branches: Array.from({ length: count }, () => ({ form: next(2), target: next(count + 1) })),
    };
    buffer.reset(forms);
    written = [];
    const labels = p.gaps.map(() => buffer.createLabel());
    p.gaps.forEach((gap, k) => {
      buffer.bind(labels[k]!);
      for (let b = 0; b < gap; b++) buffer.u8(k);
      const branch = p.branches[k];
      if (branch) buffer.branch(branch.form, labels[branch.target]!, k);
    });
    const { code, instructionBytes } = buffer.finish();
    assert.equal(instructionBytes, code.length);
    assert.equal(code.length, smallest(p), JSON.stringify(p));
    // The branches stand between their gaps, and their distances lead to the labels.
    let offset = 0;
    const starts: number[] = [];
    p.gaps.forEach((gap, k) => {
      starts.push(offset);
      for (let b = 0; b < gap; b++) assert.equal(code[offset++], k);
      const branch = written[k];
      if (!branch) return;
      assert.equal(branch.word, k);
      assert.equal(branch.position, offset);
      assert.equal(code[offset], 0xb0 + branch.size);
      offset += branch.size;
      if (branch.size > 2) lengthened++;
    });
    p.branches.forEach((branch, k) =>
      assert.equal(written[k]!.position + written[k]!.distance, starts[branch.target])
    );
  }
  assert.ok(lengthened > 100, "the programs must need long branches");
});

Deno.test("what was recorded moves with the branches before it", () => {
  const buffer = new CodeBuffer();
  for (const gap of [0, 100]) {
    buffer.reset(forms);
    written = [];
    const end = buffer.createLabel();
    buffer.location(10);
    buffer.branch(1, end);
    buffer.trap(TrapKind.unreachable);
    buffer.location(20);
    buffer.u32(0);
    buffer.location(20);
    buffer.relocate(3, 44, -5);
    buffer.location(30);
    buffer.location(40);
    for (let k = 0; k < gap; k++) buffer.u8(0x90);
    buffer.bind(end);
    buffer.trap(TrapKind.integerOverflow);
    buffer.u16(0xabcd);
    const first = gap === 0 ? 2 : 6;
    const done = buffer.finish();
    assert.deepEqual([...done.traps], [
      first,
      TrapKind.unreachable,
      first + 4 + gap,
      TrapKind.integerOverflow,
    ]);
    assert.deepEqual([...done.addressMap], [0, 10, first, 20, first + 4, 40]);
    assert.deepEqual([...done.relocations], [first + 4, 3, 44, -5]);
    assert.equal(done.code.length, first + 4 + gap + 2);
    assert.deepEqual([...done.code.slice(-2)], [0xcd, 0xab]);
    assert.equal(done.alignment, 1);
  }
});

/** A field of 16 bits. */
const field: FixupKind = {
  name: "field",
  size: 2,
  min: -1000,
  max: 1000,
  patch(bytes, position, distance): void {
    bytes[position] = distance;
    bytes[position + 1] = distance >> 8;
  },
};

Deno.test("constants are shared, aligned, and referred to", () => {
  const buffer = new CodeBuffer();
  buffer.reset(forms);
  const refer = (label: ReturnType<CodeBuffer["constant"]>): void => {
    buffer.fixup(field, buffer.rawOffset, label);
    buffer.u16(0);
  };
  const four = buffer.constant(0x04030201, 99, 4);
  assert.equal(buffer.constant(0x04030201, 0, 4), four);
  const eight = buffer.constant(0x04030201, 0, 8);
  assert.notEqual(eight, four);
  const sixteen = buffer.constant16(1, 2, 3, -1);
  assert.equal(buffer.constant16(1, 2, 3, 0xffffffff), sixteen);
  refer(four);
  refer(eight);
  refer(sixteen);
  const { code, instructionBytes, alignment } = buffer.finish();
  assert.equal(instructionBytes, 6);
  assert.equal(alignment, 16);
  const words = new DataView(code.buffer);
  const at = (k: number): number => 2 * k + words.getInt16(2 * k, true);
  assert.deepEqual([at(0), at(1), at(2)], [40, 32, 16]);
  assert.equal(words.getUint32(at(0), true), 0x04030201);
  assert.equal(words.getBigUint64(at(1), true), 0x04030201n);
  assert.equal(words.getInt32(at(2) + 12, true), -1);
  assert.equal(code.length, 44);
});

Deno.test("jump tables hold distances from their own start", () => {
  const buffer = new CodeBuffer();
  buffer.reset(forms);
  const labels = [buffer.createLabel(), buffer.createLabel(), buffer.createLabel()];
  const first = buffer.jumpTable();
  buffer.jumpTableEntry(labels[0]!);
  buffer.jumpTableEntry(labels[2]!);
  const second = buffer.jumpTable();
  buffer.jumpTableEntry(labels[1]!);
  buffer.bind(labels[0]!);
  buffer.branch(0, labels[2]!);
  for (let k = 0; k < 30; k++) buffer.u8(0x90);
  buffer.bind(labels[1]!);
  buffer.fixup(field, buffer.rawOffset, second);
  buffer.u16(0);
  buffer.fixup(field, buffer.rawOffset, first);
  buffer.u16(0);
  buffer.bind(labels[2]!);
  const { code, instructionBytes } = buffer.finish();
  assert.equal(instructionBytes, 7 + 34);
  const words = new DataView(code.buffer);
  assert.deepEqual([0, 1, 2].map((k) => words.getInt32(44 + 4 * k, true)), [-44, 41 - 44, 37 - 52]);
  assert.equal(37 + words.getInt16(37, true), 52);
  assert.equal(39 + words.getInt16(39, true), 44);
});

Deno.test("broken use is an internal error", () => {
  const buffer = new CodeBuffer();
  const start = (): ReturnType<CodeBuffer["createLabel"]> => {
    buffer.reset(forms);
    return buffer.createLabel();
  };
  buffer.branch(0, start());
  assert.throws(() => buffer.finish(), /not bound/);
  buffer.fixup(field, 0, start());
  buffer.u16(0);
  assert.throws(() => buffer.finish(), /not bound/);
  const label = start();
  buffer.bind(label);
  assert.throws(() => buffer.bind(label), /bound already/);
  start();
  buffer.trap(TrapKind.unreachable);
  assert.throws(() => buffer.trap(TrapKind.integerOverflow), /already/);
  buffer.branch(2, start());
  buffer.bytes(new Uint8Array(30));
  buffer.bind(0 as typeof label);
  assert.throws(() => buffer.finish(), /Cannot branch 34 bytes with "only"/);
  start();
  assert.throws(() => buffer.constant(1, 2, 3), /3 bytes/);
});

Deno.test("a buffer is as good as new after reset, also after growing", () => {
  const buffer = new CodeBuffer();
  const fill = (count: number): number => {
    buffer.reset(forms);
    for (let k = 0; k < count; k++) {
      const label = buffer.createLabel();
      buffer.location(k);
      buffer.trap(TrapKind.unreachable);
      buffer.branch(1, label, k);
      buffer.u32(k);
      buffer.relocate(0, k, 0);
      buffer.fixup(field, buffer.rawOffset, label);
      buffer.u16(0);
      buffer.bind(label);
      buffer.constant(k, k, 8);
    }
    const done = buffer.finish();
    assert.equal(done.instructionBytes, 8 * count);
    assert.deepEqual(
      [done.traps.length, done.addressMap.length, done.relocations.length],
      [2 * count, 2 * count, 4 * count],
    );
    return done.code.length;
  };
  assert.equal(fill(3), 48);
  assert.equal(fill(5000), 80000);
  assert.equal(fill(3), 48);
});
