/** Text sections of an imaginary machine whose calls reach only a few bytes. */
import { ok, strictEqual, throws } from "node:assert";
import { InternalError } from "../../lib/base/errors.ts";
import {
  islandBytes,
  type TextRelocation,
  TextSectionBuilder,
  type TextSectionIsa,
} from "../../lib/codegen/text_section.ts";
import { OffsetTableBuilder } from "../../lib/link/trap_table.ts";
import { Random } from "../fuzz/random.ts";

const REACH = 400;
const CALL = 0xca, VENEER = 0xbe;

/** A call is its opcode and a 32-bit distance, and so is a veneer. */
const write = (opcode: number) => (bytes: Uint8Array, at: number, distance: number): void => {
  bytes[at] = opcode;
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(at + 1, distance, true);
};
const isa = {
  relocations: [{ name: "call", min: -REACH, max: REACH, patch: write(CALL) }],
  veneer: { size: 5, alignment: 1, write: write(VENEER) },
  functionAlignment: 4,
  padding: Uint8Array.of(0),
} as unknown as TextSectionIsa;

/** Where a call at `at` ends up. */
function follow(text: Uint8Array, at: number): number {
  const view = new DataView(text.buffer, text.byteOffset);
  let place = at;
  for (let steps = 0; steps < 3; steps++) {
    const distance = view.getInt32(place + 1, true);
    if (text[place] === CALL) ok(Math.abs(distance) <= REACH, `the call at ${at} reaches too far`);
    place += distance;
    if (text[place] !== VENEER) return place;
  }
  throw new Error(`the call at ${at} never arrives`);
}

const call = (offset: number, target: number): TextRelocation => ({
  offset,
  kind: 0,
  target,
  addend: 0,
});

Deno.test("every call arrives, through a veneer where it must", () => {
  let veneers = 0, direct = 0;
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const builder = new TextSectionBuilder(isa);
    const count = 2 + random.below(60);
    const starts: number[] = [];
    const calls: { at: number; target: number }[] = [];
    for (let n = 0; n < count; n++) {
      const wanted = random.below(3);
      const length = 5 * wanted + 1 + random.below(60);
      const relocations = Array.from(
        { length: wanted },
        (_, k) => call(5 * k, random.below(count)),
      );
      const code = new Uint8Array(length).fill(1);
      const start = builder.append(code, 1 << random.below(5), relocations);
      starts.push(start);
      for (const { offset, target } of relocations) calls.push({ at: start + offset, target });
    }
    const text = builder.finish();
    veneers += builder.veneerCount;
    for (const { at, target } of calls) {
      strictEqual(follow(text, at), starts[target], `seed ${seed}: the call at ${at}`);
      const isDirect = at + new DataView(text.buffer).getInt32(at + 1, true) === starts[target];
      if (isDirect) direct++;
      // A target that was placed before its caller is called directly whenever it is in reach.
      else ok(starts[target]! > at || at - starts[target]! > REACH, `seed ${seed}: ${at} is near`);
    }
  }
  ok(veneers > 1000 && direct > 1000, `${veneers} veneers, ${direct} direct calls`);
});

/** A text of functions of these sizes, each with calls at its start. */
function textOf(
  functions: readonly { readonly size: number; readonly calls: readonly number[] }[],
): { text: Uint8Array; starts: number[]; builder: TextSectionBuilder } {
  const builder = new TextSectionBuilder(isa);
  const starts = functions.map(({ size, calls }) =>
    builder.append(new Uint8Array(size).fill(1), 1, calls.map((target, k) => call(5 * k, target)))
  );
  return { text: builder.finish(), starts, builder };
}

/** How far the call at an offset goes. */
const distance = (text: Uint8Array, at: number): number =>
  new DataView(text.buffer).getInt32(at + 1, true);

Deno.test("a text in which all is near has no veneers", () => {
  const { builder } = textOf([
    { size: 100, calls: [3, 2] },
    { size: 100, calls: [0, 3] },
    { size: 100, calls: [0] },
    { size: 80, calls: [0, 1, 2] },
  ]);
  strictEqual(builder.veneerCount, 0);
});

Deno.test("an island has veneers for the calls that cannot wait, and for no others", () => {
  const { text, starts, builder } = textOf([
    { size: 100, calls: [4] }, // too far
    { size: 100, calls: [] },
    { size: 100, calls: [3] }, // the island stands behind this function
    { size: 100, calls: [] },
    { size: 100, calls: [] },
  ]);
  strictEqual(builder.veneerCount, 1);
  strictEqual(starts[2]! + distance(text, starts[2]!), starts[3]);
  strictEqual(follow(text, starts[0]!), starts[4]);
});

Deno.test("calls share the veneer of an earlier one", () => {
  const far = { size: 120, calls: [6] };
  const { text, starts, builder } = textOf([
    ...[far, far, far],
    ...Array.from({ length: 3 }, () => ({ size: 200, calls: [] })),
    { size: 10, calls: [] },
  ]);
  strictEqual(builder.veneerCount, 1);
  for (let k = 0; k < 3; k++) strictEqual(follow(text, starts[k]!), starts[6]);
});

Deno.test("a function as large as a call reaches has its island right behind it", () => {
  const calls = [5, 6, 7], size = REACH - islandBytes(isa, calls.length);
  const { text, starts } = textOf([
    { size: 50, calls: [7] },
    { size: 50, calls: [6] },
    { size, calls },
    ...Array.from({ length: 5 }, () => ({ size: 300, calls: [] })),
  ]);
  calls.forEach((target, k) => strictEqual(follow(text, starts[2]! + 5 * k), starts[target]));
  strictEqual(follow(text, starts[0]!), starts[7]);
});

Deno.test("a relocation to what is not there is an error", () => {
  const builder = new TextSectionBuilder(isa);
  builder.append(new Uint8Array(8), 1, [call(0, 1)]);
  throws(() => builder.finish(), InternalError);
});

Deno.test("two traps at one place, or out of order, are an error", () => {
  const table = new OffsetTableBuilder("trap");
  table.append(0, Int32Array.of(3, 1, 5, 2));
  throws(() => table.append(0, Int32Array.of(5, 1)), InternalError);
  throws(() => table.append(0, Int32Array.of(4, 1)), InternalError);
  throws(() => new OffsetTableBuilder("trap").append(0, Int32Array.of(9, 1, 9, 2)), InternalError);
  table.append(6, Int32Array.of(0, 1));
  strictEqual([...table.offsets()].join(), "3,5,6");
});
