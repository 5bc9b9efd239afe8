/** Counting of executed instructions. */
import { strict as assert } from "node:assert";
import { Guest, hostOf, programs } from "./guest.ts";

/** Instructions of `loop`: one before, two a round, one after, and the one that leaves the guest. */
const loopInstructions = (rounds: number): number => 2 * rounds + 3;

Deno.test("counts are exact, also of code that ran before and of code that came later", () => {
  using guest = new Guest();
  const loop = guest.place(programs.loop);
  guest.set(10);
  guest.call(loop);
  guest.executor.startCounting();
  guest.set(100_000);
  guest.call(loop);
  const later = guest.place(programs.loop);
  guest.set(500);
  guest.call(later);
  const { instructions, blocks } = guest.executor.stopCounting(guest.instructionsOf);
  assert.equal(instructions, loopInstructions(100_000) + loopInstructions(500));
  const again = blocks.find(({ address }) => address === loop + 3);
  assert.deepEqual(again, { address: loop + 3, byteLength: 5, count: 99_999 });

  guest.set(1000);
  guest.executor.startCounting();
  guest.call(loop);
  assert.equal(
    guest.executor.stopCounting(guest.instructionsOf).instructions,
    loopInstructions(1000),
  );
});

Deno.test("counting starts and stops within a host call", () => {
  using guest = new Guest();
  const entry = guest.place(programs.callHost);
  const loop = guest.place(programs.loop);
  let counted = 0;
  const host = hostOf(() => {
    guest.executor.startCounting();
    guest.set(7);
    assert.equal(guest.call(loop), undefined);
    counted = guest.executor.stopCounting(guest.instructionsOf).instructions;
  });
  assert.equal(guest.call(entry, host), undefined);
  assert.equal(counted, loopInstructions(7));

  guest.executor.startCounting();
  assert.equal(guest.call(entry, hostOf(() => {})), undefined);
  const { instructions } = guest.executor.stopCounting(guest.instructionsOf);
  // The gate's two, and the one that leaves the guest.
  assert.equal(instructions, programs.callHost.offsets.length + 3);
});

Deno.test("an executor that is closed while counting frees its hook", () => {
  const guest = new Guest();
  guest.executor.startCounting();
  guest.set(5);
  guest.call(guest.place(programs.loop));
  guest.executor.close();
});
