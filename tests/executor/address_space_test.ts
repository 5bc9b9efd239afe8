/** What a guest uses most does not share a place in Unicorn's TLB, however large the TLB is. */
import { strict as assert } from "node:assert";
import {
  AddressLayout,
  AddressSpace,
  REGION_ALIGNMENT,
  stackStart,
} from "../../lib/executor/unicorn/address_space.ts";

const MIB = 1 << 20;

Deno.test("the first pages of regions are apart modulo each reach of the TLB", () => {
  const space = new AddressSpace();
  const code = space.reserve(REGION_ALIGNMENT, "code");
  const starts = [
    code,
    // The text stands behind the stubs.
    space.reserve(REGION_ALIGNMENT, "code"),
    stackStart(MIB) + MIB - REGION_ALIGNMENT,
    space.reserve(MIB, "data"),
    space.reserve(MIB, "data"),
    space.reserve(8 * 1024 * MIB, "memory"),
    space.reserve(REGION_ALIGNMENT, "data"),
    space.reserve(8 * 1024 * MIB, "memory"),
  ];
  for (let reach = MIB; reach <= 16 * MIB; reach *= 2) {
    const places = starts.map((start) => Math.floor(start % reach / REGION_ALIGNMENT));
    assert.equal(new Set(places).size, starts.length, `${reach}: ${places}`);
  }
  // The bottom of the first memory, and what is next to 1 MiB, meets nothing else.
  assert.equal(starts[5] as number % MIB, 0);
  for (const [n, start] of starts.entries()) {
    if (n !== 5 && n !== 7) {
      assert.ok(start % MIB >= 9 * REGION_ALIGNMENT && start % MIB < 15 * REGION_ALIGNMENT);
    }
  }
});

Deno.test("a stack of any size ends in the same place, above the guard zone", () => {
  for (let units = 1; units < 600; units++) {
    const start = stackStart(units * REGION_ALIGNMENT);
    assert.ok(start >= AddressLayout.stack && start % REGION_ALIGNMENT === 0);
    assert.equal((start + units * REGION_ALIGNMENT) % (16 * MIB), 16 * MIB - REGION_ALIGNMENT);
  }
});

Deno.test("regions do not overlap, whatever they are for", () => {
  const space = new AddressSpace();
  let end = AddressLayout.data;
  for (let n = 0; n < 100; n++) {
    const length = (n % 40 + 1) * REGION_ALIGNMENT;
    const start = space.reserve(length, n % 3 === 0 ? "memory" : "data");
    assert.ok(start >= end && start % REGION_ALIGNMENT === 0);
    end = start + length;
  }
});
