import assert from "node:assert/strict";
import { TrapKind } from "../../lib/base/trap_kind.ts";
import type { DisassembledInstruction, Isa } from "../../lib/codegen/isa.ts";
import { CompileKind } from "../../lib/compile/compile_key.ts";
import {
  builtinTarget,
  functionTarget,
  type Relocation,
} from "../../lib/compile/compiled_function.ts";
import { CodeObject, type CodeSymbol } from "../../lib/link/code_object.ts";
import { countInstructions, type ListingInput, listSymbol } from "../../lib/snapshot/listing.ts";
import { listSections } from "../../lib/snapshot/sections.ts";
import { Builtin } from "../../lib/translate/builtins.ts";
import { translateModule } from "../../lib/translate/module.ts";
import { parseText } from "../../lib/cli/text_format.ts";

/** A machine with three instructions: 01 nop, 02 jump by a signed byte, 03 call. */
const machine = {
  name: "toy",
  triple: "toy-unknown-none",
  relocations: [
    {
      name: "call8",
      size: 2,
      min: -128,
      max: 127,
      patch: (bytes: Uint8Array, at: number, distance: number): void =>
        void (bytes[at + 1] = distance),
    },
    {
      // Twelve bits of two instructions.
      name: "far12",
      size: 4,
      min: 0,
      max: 4095,
      patch(bytes: Uint8Array, at: number, distance: number): void {
        bytes[at + 1] = distance;
        bytes[at + 3] = 0x50 | distance >> 8;
      },
    },
  ],
  disassemble(bytes: Uint8Array, at: number): DisassembledInstruction | undefined {
    const operand = (bytes[at + 1] as number) << 24 >> 24;
    if (bytes[at] === 1) return { length: 1, text: "nop" };
    if (bytes[at] === 2) return { length: 2, text: "jump {target}", target: operand };
    if (bytes[at] === 3) return { length: 2, text: "call {target}", target: operand };
    return undefined;
  },
} as unknown as Isa;

const bytes = await parseText(
  '(module (func $f (param i32)) (func (export "$&") (call $f (i32.const 1))))',
  "toy",
);

interface Code {
  readonly text: readonly number[];
  readonly instructionBytes?: number;
  readonly relocations?: readonly Relocation[];
  readonly trapOffsets?: readonly number[];
}

/** Function 0 as a code object whose text begins with padding. */
function input(code: Code): { input: ListingInput; symbol: CodeSymbol } {
  const translation = translateModule(bytes);
  const start = 2, { start: codeStart } = translation.codeSection;
  const symbol: CodeSymbol = {
    name: "wasm[0]::function[0]",
    key: { kind: CompileKind.wasmFunction, index: 0 },
    location: { start, length: code.text.length },
    instructionBytes: code.instructionBytes ?? code.text.length,
    frame: { hasFramePointer: true, bytes: 16, start: 0 },
    counts: { spills: 0, reloads: 0, moves: 0 },
    relocations: code.relocations ?? [],
  };
  const trapOffsets = Uint32Array.from(code.trapOffsets ?? [], (offset) => start + offset);
  const object = new CodeObject({
    target: "toy",
    triple: machine.triple,
    featureBits: 0,
    text: Uint8Array.of(0xff, 0xff, ...code.text),
    symbols: [symbol],
    functions: [{ wasmFuncLoc: symbol.location, startWasmOffset: codeStart }],
    wasmToArrayTrampolines: new Map(),
    trapOffsets,
    traps: Uint8Array.from(trapOffsets, () => TrapKind.unreachable),
    addressOffsets: Uint32Array.of(start),
    addressLocations: Uint32Array.of(translation.functionBodies[1]?.start as number + 1),
  });
  return { input: { code: object, translation, isa: machine }, symbol };
}

/** A listing without the runs of spaces that align it. */
function list(code: Code): string[] {
  const { input: made, symbol } = input(code);
  return listSymbol(made, symbol).trimEnd().split("\n").map((l) => l.trim().replace(/ {2,}/g, " "));
}

Deno.test("listing: labels are numbered by place, remarks name the operator once", () => {
  assert.deepEqual(list({ text: [1, 2, 3, 1, 2, 0xff, 2, 0xfa, 1] }), [
    'wasm[0]::function[0] "f" (i32) -> () size=9 frame=16',
    ".L0:",
    `0000 01 nop ; @${place()} i32.const`,
    "0001 02 03 jump .L2",
    ".L1:",
    "0003 01 nop",
    ".L2:",
    "0004 02 ff jump .L1",
    "0006 02 fa jump .L0",
    "0008 01 nop",
  ]);
});

/** Where the first operator of function 1 stands, as listings write it. */
function place(): string {
  const { functionBodies } = translateModule(bytes);
  return ((functionBodies[1]?.start as number) + 1).toString(16).padStart(4, "0");
}

Deno.test("listing: places can be relative to the function's body", () => {
  const { input: made, symbol } = input({ text: [1] });
  const { functionBodies } = made.translation as ReturnType<typeof translateModule>;
  const [own, other] = functionBodies.map(({ start }) => start) as [number, number];
  const distance = (other + 1 - own).toString(16).padStart(4, "0");
  assert.match(listSymbol(made, symbol, { locations: "function" }), RegExp(`; \\+${distance} i32`));
});

Deno.test("listing: a jump table's entries are labels, other data is bytes", () => {
  const table = [0xf9, 0xff, 0xff, 0xff, 0xfb, 0xff, 0xff, 0xff];
  assert.deepEqual(list({ text: [1, 1, 1, 2, 4, 1, 0, ...table], instructionBytes: 7 }).slice(1), [
    ".L0:",
    `0000 01 nop ; @${place()} i32.const`,
    "0001 01 nop",
    ".L1:",
    "0002 01 nop",
    "0003 02 04 jump .D0",
    "0005 01 nop",
    "0006 00 .byte 0x0",
    ".D0:",
    "0007 f9 ff ff ff .word .L0 - .D0 ; [0]",
    "000b fb ff ff ff .word .L1 - .D0 ; [1]",
  ]);
  // One word that is no distance to an instruction makes it plain data.
  table[4] = 0xfd;
  const text = [1, 1, 1, 2, 4, 1, 0, ...table];
  assert.match(list({ text, instructionBytes: 7 }).at(-1) as string, /\.data$/);
});

Deno.test("listing: a relocated field is masked and names its symbol, whatever it holds", () => {
  const call = (target: Relocation["target"], field: number): string[] =>
    list({
      text: [3, field, 1],
      relocations: [{ offset: 0, kind: 0, target, addend: 0 }],
    }).slice(1);
  const one = call(functionTarget(1), 2);
  assert.equal(one[0], `0000 03 .. call wasm[0]::function[1] "$&" ; @${place()} i32.const`);
  assert.deepEqual(call(functionTarget(1), 99), one);
  assert.match(
    call(builtinTarget(Builtin.memory_grow), 2)[0] as string,
    /call wasm_builtin_memory_grow ;/,
  );
});

Deno.test("listing: a field of several instructions and parts of bytes is masked everywhere", () => {
  const call = (low: number, high: number): string[] =>
    list({
      text: [3, low, 3, 0x50 | high, 1],
      relocations: [{ offset: 0, kind: 1, target: functionTarget(1), addend: 0 }],
    }).slice(1);
  const one = call(2, 3);
  assert.equal(one[0], `0000 03 .. call wasm[0]::function[1] "$&" ; @${place()} i32.const`);
  // The second instruction reads as if the distance were zero.
  assert.equal(one[1], "0002 03 5. call .+82");
  assert.deepEqual(call(250, 15), one);
});

Deno.test("listing: data, unknown bytes and distances", () => {
  const text = [2, 6, 0x99, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  assert.deepEqual(list({ text, instructionBytes: 4 }).slice(1), [
    `0000 02 06 jump .D0 ; @${place()} i32.const`,
    "0002 99 .byte 0x99",
    "0003 01 nop",
    "0004 00 00 .data",
    ".D0:",
    "0006 01 02 03 04 05 06 07 08 .data",
    "000e 09 .data",
  ]);
  assert.match(list({ text: [2, 50] })[1] as string, /jump \.\+50 ;/);
});

Deno.test("listing: traps stand at their instruction, and nowhere else", () => {
  assert.deepEqual(
    list({ text: [1, 2, 1, 1], trapOffsets: [3] }).at(-1),
    "0003 01 nop ; trap=unreachable",
  );
  assert.throws(() => list({ text: [1, 2, 0, 1], trapOffsets: [2] }), /no instruction begins at 2/);
  const relocations = [{ offset: 1, kind: 0, target: functionTarget(0), addend: 0 }];
  assert.throws(() => list({ text: [3, 0], relocations }), /no instruction begins at 1/);
});

Deno.test("sections: all are there, in order, with the places of functions checked", () => {
  const { input: made } = input({
    text: [3, 0, 1],
    relocations: [{ offset: 0, kind: 0, target: functionTarget(1), addend: 0 }],
    trapOffsets: [2],
  });
  const text = listSections(made);
  assert.deepEqual(
    text.match(/^\w+:/gm),
    ["code:", "trampolines:", "relocations:", "functions:", "traps:"],
  );
  assert.match(text, /^trampolines:\n {2}none\n/m);
  assert.match(text, /^relocations:\n {2}wasm\[0\]::function\[0\] {2}0000 {2}call8 {2}wasm/m);
  assert.match(text, /^traps:\n {2}wasm\[0\]::function\[0\] {2}unreachable {2}0002\n$/m);
  const { code } = made;
  const moved = new CodeObject({
    ...code,
    functions: [{ wasmFuncLoc: { start: 3, length: 3 }, startWasmOffset: 0 }],
  });
  assert.throws(() => listSections({ ...made, code: moved }), /no symbol occupies the 3 bytes/);
});

Deno.test("listing: instructions are counted, data is not", () => {
  const { input: made, symbol } = input({ text: [1, 2, 0, 1, 9, 9], instructionBytes: 4 });
  assert.equal(countInstructions(made, symbol), 3);
});
