/** Calls into the guest, calls of the host, and their nesting. */
import { strict as assert } from "node:assert";
import type { Fault } from "../../lib/executor/executor.ts";
import { Guest, hostOf, library, noHost, programs } from "./guest.ts";

Deno.test("a call passes values and returns", () => {
  using guest = new Guest();
  const entry = guest.place(programs.addSlots);
  guest.set(40, 2);
  assert.equal(guest.call(entry), undefined);
  assert.equal(guest.get(0), 42n);
  assert.equal(guest.executor.callSite(), undefined);
});

Deno.test("the host gate passes vmctx and values, and the guest goes on after it", () => {
  using guest = new Guest();
  const entry = guest.place(programs.callHost);
  guest.set(20, 0);
  const host = hostOf((vmctx, values) => {
    assert.deepEqual([vmctx, values], [guest.vmctx, guest.values]);
    const site = guest.executor.callSite();
    assert.equal(site?.pc, guest.executor.hostGate + 1);
    const { bytes, offset } = guest.executor.resolve(values) ?? assert.fail("no values");
    bytes[offset] = (bytes[offset] as number) + 22;
    // The return address of the call stands at the stack pointer.
    const stack = guest.executor.resolve(site.sp) ?? assert.fail("no stack");
    const view = new DataView(stack.bytes.buffer, stack.bytes.byteOffset + stack.offset);
    const callOffset = programs.callHost.offsets[7] as number;
    assert.equal(view.getBigUint64(0, true), BigInt(entry + callOffset));
  });
  assert.equal(guest.call(entry, host), undefined);
  assert.deepEqual([guest.get(0), guest.get(1)], [42n, 1n]);
});

Deno.test("the builtin gate also passes the builtin's number", () => {
  using guest = new Guest();
  const entry = guest.place(programs.callBuiltin);
  const seen: number[][] = [];
  const host = { ...noHost, builtinCall: (...args: number[]) => void seen.push(args) };
  assert.equal(guest.call(entry, host), undefined);
  assert.deepEqual(seen, [[guest.vmctx, guest.values, 7]]);
});

Deno.test("host and guest call each other 1,000 deep, on one guest stack", () => {
  using guest = new Guest();
  const entry = guest.place(programs.callHost);
  const depth = 1000;
  guest.set(depth, 0);
  let lastStackPointer = Infinity;
  const host = hostOf(() => {
    const { sp } = guest.executor.callSite() ?? assert.fail("no call site");
    assert.ok(sp < lastStackPointer);
    const before = guest.get(0);
    if (before > 0n) {
      guest.set(before - 1n);
      lastStackPointer = sp;
      assert.equal(guest.call(entry, host), undefined);
      assert.deepEqual(guest.executor.callSite()?.sp, sp);
    }
    lastStackPointer = Infinity;
  });
  assert.equal(guest.call(entry, host), undefined);
  assert.deepEqual([guest.get(0), guest.get(1)], [0n, BigInt(depth + 1)]);
});

/** What `keepRegisters` must find after its host call, slots 0 to 4; slots 5 and 6 are its rsp. */
const kept = [0x11n, 0x22n, 0x33n, 0x44n, 0x55n];

function assertKept(guest: Guest): void {
  assert.deepEqual(kept.map((_, n) => guest.get(n)), kept);
  assert.equal(guest.get(5), guest.get(6));
}

Deno.test("a nested fault gives the outer activation its registers back", () => {
  using guest = new Guest();
  const outer = guest.place(programs.keepRegisters);
  const inner = guest.place(programs.clobberAndTrap);
  const host = hostOf(() => assert.equal(guest.call(inner)?.kind, "instruction"));
  assert.equal(guest.call(outer, host), undefined);
  assertKept(guest);
});

Deno.test("an exception passes through, and whoever catches it can go on", () => {
  using guest = new Guest();
  const outer = guest.place(programs.keepRegisters);
  const inner = guest.place(programs.clobberAndCallHost);
  const thrown = new Error("from the host");
  const thrower = hostOf(() => {
    throw thrown;
  });
  const host = hostOf(() => assert.throws(() => guest.call(inner, thrower), thrown));
  assert.equal(guest.call(outer, host), undefined);
  assertKept(guest);
  assert.throws(() => guest.call(inner, thrower), thrown);
  assert.equal(guest.executor.callSite(), undefined);
  guest.set(1, 2);
  assert.equal(guest.call(guest.place(programs.addSlots)), undefined);
  assert.equal(guest.get(0), 3n);
});

Deno.test("exhausting the host's stack leaves every outer activation intact", () => {
  using guest = new Guest({ stackBytes: 64 << 20 });
  const outer = guest.place(programs.keepRegisters);
  const inner = guest.place(programs.clobberAndCallHost);
  let deepest = 0;
  const recurse = hostOf(() => {
    deepest++;
    guest.call(inner, recurse);
  });
  // Several times, because each time the stack may end at another place in the executor.
  for (let padding = 0; padding < 40; padding++) {
    const descend = (levels: number): void => {
      if (levels > 0) return descend(levels - 1);
      const host = hostOf(() => assert.throws(() => guest.call(inner, recurse), RangeError));
      assert.equal(guest.call(outer, host), undefined);
    };
    descend(padding);
    assertKept(guest);
    assert.equal(guest.executor.callSite(), undefined);
  }
  assert.ok(deepest > 40 * 100, `only ${deepest} deep`);
});

Deno.test("whoever catches the exhaustion of the host's stack can go on, at any depth", () => {
  using guest = new Guest({ stackBytes: 64 << 20 });
  const entry = guest.place(programs.keepRegisters);
  let caught = 0;
  let failed = 0;
  // No assertions in here: at the end of the stack they would fail for lack of it.
  const descend = hostOf(() => {
    try {
      if (guest.call(entry, descend) !== undefined) failed++;
      for (let n = 0; n < kept.length; n++) if (guest.get(n) !== kept[n]) failed++;
    } catch (error) {
      if (error instanceof RangeError) caught++;
      else throw error;
    }
  });
  for (let padding = 0; padding < 40; padding++) {
    const start = (levels: number): Fault | undefined =>
      levels > 0 ? start(levels - 1) : guest.call(entry, descend);
    assert.equal(start(padding), undefined);
    assert.deepEqual(kept.map((_, n) => guest.get(n)), kept);
    assert.equal(guest.executor.callSite(), undefined);
  }
  assert.ok(caught >= 40);
  assert.equal(failed, 0);
});

Deno.test("an activation that cannot even restore registers is cleaned up after", () => {
  let isExhausted = false;
  const { symbols } = library;
  const failing: typeof symbols.uc_reg_write_batch = (...args) => {
    if (!isExhausted) return symbols.uc_reg_write_batch(...args);
    isExhausted = false;
    throw new RangeError("Maximum call stack size exceeded");
  };
  const exhaustible = { ...library, symbols: { ...symbols, uc_reg_write_batch: failing } };
  using guest = new Guest({}, exhaustible);
  const outer = guest.place(programs.keepRegisters);
  const inner = guest.place(programs.clobberAndCallHost);
  const exhaust = hostOf(() => {
    isExhausted = true;
  });
  // The nested call ends with a trap, after which its registers are to be written.
  const host = hostOf(() => assert.throws(() => guest.call(inner, exhaust), RangeError));
  assert.equal(guest.call(outer, host), undefined);
  assertKept(guest);
  assert.equal(guest.executor.callSite(), undefined);
});

Deno.test("an executor runs within a host call of another", () => {
  using first = new Guest();
  using second = new Guest();
  const inSecond = second.place(programs.callHost);
  second.set(0, 0);
  const inFirst = first.place(programs.keepRegisters);
  const host = hostOf(() => {
    const backInFirst = hostOf(() => {
      assert.equal(first.call(first.place(programs.clobberAndTrap))?.kind, "instruction");
    });
    assert.equal(second.call(inSecond, backInFirst), undefined);
  });
  assert.equal(first.call(inFirst, host), undefined);
  assertKept(first);
  assert.equal(second.get(1), 1n);
});
