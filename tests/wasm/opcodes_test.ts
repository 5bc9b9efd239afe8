/** The opcode table against wasm-tools: it must print each opcode by our name, and read as much. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { print } from "wasm-tools";
import { CompileError } from "../../lib/base/errors.ts";
import {
  type ImmediateKind,
  immediateKind,
  Opcode,
  OPCODE_COUNT,
  opcodeFeature,
  opcodeName,
  opcodeOf,
  readOpcode,
  skipImmediates,
} from "../../lib/wasm/opcodes.ts";
import { Reader } from "../../lib/wasm/reader.ts";
import { leb, section, wasm } from "./assemble.ts";

/** Bytes of each kind of immediate; indices are 0 or 1, and there are two of everything. */
const sample: Record<ImmediateKind, readonly number[]> = {
  none: [],
  blockType: [0x7f],
  label: [0],
  brTable: [2, 0, 0, 0],
  function: [1],
  type: [1],
  callIndirect: [0, 1],
  local: [1],
  global: [1],
  table: [1],
  twoTables: [0, 1],
  element: [1],
  elementTable: [0, 1],
  memory: [1],
  twoMemories: [0, 1],
  data: [1],
  dataMemory: [0, 1],
  tag: [1],
  memarg: [0x40, 1, 0xff, 1],
  memargLane: [0x40, 1, 0xff, 1, 1],
  lane: [1],
  shuffle: new Array(16).fill(1),
  i32: [0xff, 0x7e],
  i64: [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f],
  f32: [0xff, 0xff, 0xff, 0x7f],
  f64: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  v128: new Array(16).fill(0xff),
  heapType: [0x70],
  selectTypes: [1, 0x63, 0x00],
  typeField: [1, 0],
  typeCount: [1, 1],
  typeData: [1, 1],
  typeElement: [1, 1],
  twoTypes: [1, 0],
  castBranch: [3, 0, 0x70, 0x70],
  tryTable: [0x63, 0x00, 2, 0, 1, 0, 2, 0],
  zeroByte: [0],
};

const NOP = Opcode.nop;
const END = Opcode.end;
/** These continue a block that another opcode began. */
const continuations = ["else", "end", "catch", "catch_all", "delegate"];

function encode(opcode: number): number[] {
  if (opcode < 0x200) return [opcode];
  const sub = opcode & 0x1ff;
  return [0xfa + (opcode >> 9), ...(sub < 0x80 ? [sub] : [sub & 0x7f | 0x80, sub >> 7])];
}

const opcodes = Object.values(Opcode);

Deno.test("every opcode is read, named and skipped", () => {
  equal(opcodes.length, new Set(opcodes).size);
  for (const opcode of opcodes) {
    const immediates = sample[immediateKind(opcode)];
    const reader = new Reader(Uint8Array.from([...encode(opcode), ...immediates, NOP]));
    equal(readOpcode(reader), opcode);
    ok(opcode < OPCODE_COUNT);
    equal(Opcode[opcodeName(opcode)!], opcode);
    skipImmediates(reader, opcode);
    equal(reader.position, reader.end - 1, opcodeName(opcode));
  }
});

Deno.test("wasm-tools prints every opcode by the same name", async () => {
  const printable = opcodes.filter((opcode) => !continuations.includes(opcodeName(opcode)!));
  const bodies = printable.map((opcode) => {
    const immediates = sample[immediateKind(opcode)];
    const opens = ["blockType", "tryTable"].includes(immediateKind(opcode));
    const code = [...encode(opcode), ...immediates, NOP, ...(opens ? [END] : []), END];
    return [1, 2, 0x7f, ...code]; // two locals of type i32
  });
  const text = await print(wasm(
    section(1, [[0x60, 0, 0], [0x5f, 1, 0x7f, 1]]),
    section(3, bodies.map(() => [0])),
    section(10, bodies.map((body) => [...leb(body.length), ...body])),
  ));
  const functions = text.split("\n  (func ").slice(1);
  equal(functions.length, printable.length);
  printable.forEach((opcode, n) => {
    const lines = functions[n]!.split("\n").map((line) => line.trim());
    const expected = printedName(opcode);
    const line = lines.find((line) => !line.startsWith("(;") && !line.startsWith("(local"))!;
    ok(line === expected || line.startsWith(`${expected} `), `${expected}: ${functions[n]}`);
    equal(lines.filter((line) => line === "nop").length, opcode === NOP ? 2 : 1, functions[n]);
  });
});

function printedName(opcode: number): string {
  const name = opcodeName(opcode)!;
  return name === "select_t" ? "select" : name.replace(/^(ref\.(test|cast))_null$/, "$1");
}

Deno.test("opcodes of prefixes, and features", () => {
  equal(Opcode["memory.copy"], opcodeOf(0xfc, 10));
  equal(Opcode["memory.copy"], 0x40a);
  equal(Opcode["i32x4.relaxed_dot_i8x16_i7x16_add_s"], 0x713);
  equal(Opcode["i64.atomic.rmw32.cmpxchg_u"], 0x84e);
  deepEqual(
    ["i32.add", "i64.extend32_s", "i8x16.add", "struct.new", "call_ref", "try_table"].map((name) =>
      opcodeFeature(Opcode[name as keyof typeof Opcode])
    ),
    ["mvp", "sign-extension", "simd", "gc", "typed-function-references", "exceptions"],
  );
});

Deno.test("unknown opcodes have no name, and too large ones fail", () => {
  equal(opcodeName(0x27), undefined);
  equal(opcodeName(opcodeOf(0xfd, 0x9a)), undefined);
  throws(() => readOpcode(new Reader(Uint8Array.of(0xfd, 0x80, 0x04))), CompileError);
});
