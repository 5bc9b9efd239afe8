/** Text sections of an imaginary machine whose calls reach only a few bytes. */
import { ok, strictEqual, throws } from "node:assert";
import { InternalError } from "../../lib/base/errors.ts";
import { TextSectionBuilder, type TextSectionIsa } from "../../lib/codegen/text_section.ts";
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
  veneer: { size: 5, write: write(VENEER) },
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

Deno.test("every call arrives, through a veneer where it must", () => {
  let veneers = 0;
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const builder = new TextSectionBuilder(isa);
    const count = 2 + random.below(60);
    const starts: number[] = [];
    const calls: { at: number; target: number }[] = [];
    for (let n = 0; n < count; n++) {
      const wanted = random.below(3);
      const length = 5 * wanted + 1 + random.below(60);
      const start = builder.append(new Uint8Array(length).fill(1), 1 << random.below(5));
      starts.push(start);
      for (let k = 0; k < wanted; k++) {
        const target = random.below(count);
        builder.relocate(start + 5 * k, 0, target, 0);
        calls.push({ at: start + 5 * k, target });
      }
    }
    const text = builder.finish();
    veneers += builder.veneerCount;
    for (const { at, target } of calls) {
      strictEqual(follow(text, at), starts[target], `seed ${seed}: the call at ${at}`);
    }
  }
  ok(veneers > 1000, `${veneers} veneers`);
});

Deno.test("a relocation to what is not there is an error", () => {
  const builder = new TextSectionBuilder(isa);
  builder.append(new Uint8Array(8), 1);
  builder.relocate(0, 0, 1, 0);
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
