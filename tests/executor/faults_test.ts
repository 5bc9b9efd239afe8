/** Faults: what is reported, and that nothing is left half done. */
import { strict as assert } from "node:assert";
import { Guest, hostOf, type Program, programs } from "./guest.ts";

const PAGE = 65536;
const WINDOW = 0x2_0000_0000;

/** Places `program`, runs it, and expects a fault at its instruction number `instruction`. */
function faultOf(guest: Guest, program: Program, instruction: number): {
  kind: string;
  address: number;
  inStackGuard: boolean;
} {
  const entry = guest.place(program);
  const fault = guest.call(entry) ?? assert.fail("no fault");
  assert.equal(fault.pc, entry + (program.offsets[instruction] as number));
  assert.equal(fault.registers.get("rip"), BigInt(fault.pc));
  assert.equal(fault.registers.get("rsp"), BigInt(fault.sp));
  const { kind, address, inStackGuard } = fault;
  return { kind, address, inStackGuard };
}

Deno.test("invalid instructions and division faults are told apart from memory faults", () => {
  using guest = new Guest();
  const nowhere = { address: -1, inStackGuard: false };
  const trap = faultOf(guest, programs.clobberAndTrap, 8);
  assert.deepEqual(trap, { kind: "instruction", ...nowhere });
  const division = faultOf(guest, programs.divide, 3);
  assert.deepEqual(division, { kind: "arithmetic", ...nowhere });
});

Deno.test("a null dereference faults on page 0", () => {
  using guest = new Guest();
  const fault = faultOf(guest, programs.null, 1);
  assert.deepEqual(fault, { kind: "memory", address: 0, inStackGuard: false });
});

Deno.test("a jump to nowhere reports its target", () => {
  using guest = new Guest();
  const fault = guest.call(0x123456) ?? assert.fail("no fault");
  assert.deepEqual([fault.kind, fault.pc, fault.address], ["memory", 0x123456, 0x123000]);
});

Deno.test("data cannot be executed, and code cannot be written", () => {
  using guest = new Guest();
  const fault = guest.call(guest.values) ?? assert.fail("no fault");
  assert.deepEqual([fault.kind, fault.pc, fault.address], ["memory", guest.values, guest.values]);
  const store = guest.place(programs.store);
  guest.set(store, 0, 0x1234);
  assert.equal(guest.call(store)?.address, store);
});

Deno.test("the stack ends at a guard zone, and the executor goes on", () => {
  for (const stackBytes of [PAGE, 1 << 20]) {
    using guest = new Guest({ stackBytes });
    const { stack } = guest.executor;
    assert.equal(stack.byteLength, stackBytes);
    const fault = faultOf(guest, programs.pushForever, 0);
    const address = stack.address - 4096;
    assert.deepEqual(fault, { kind: "memory", address, inStackGuard: true });
    guest.set(1, 1);
    assert.equal(guest.call(guest.place(programs.addSlots)), undefined);
    assert.equal(guest.get(0), 2n);
  }
});

Deno.test("endless recursion between host and guest ends at the guard zone", () => {
  using guest = new Guest({ stackBytes: PAGE });
  const entry = guest.place(programs.callHostWithLargeFrame);
  let deepest: string | undefined;
  const host = hostOf(() => {
    const fault = guest.call(entry, host);
    if (fault !== undefined) {
      assert.ok(fault.inStackGuard);
      deepest ??= fault.kind;
    }
  });
  assert.equal(guest.call(entry, host), undefined);
  assert.equal(deepest, "memory");
});

Deno.test("stores beyond the end of a memory write nothing, and growth makes room", () => {
  using guest = new Guest();
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
  const region = guest.executor.mapMemory(memory, WINDOW, 3 * PAGE);
  const store = guest.place(programs.store);
  const storeAt = (index: number): number => {
    guest.set(region.address, index, 0x1122334455667788n);
    return guest.call(store)?.address ?? -1;
  };
  assert.equal(storeAt(PAGE - 8), -1);
  new Uint8Array(memory.buffer).fill(0);
  for (let index = PAGE - 7; index < PAGE; index++) {
    assert.equal(storeAt(index), region.address + PAGE, `store at ${index}`);
  }
  assert.ok(new Uint8Array(memory.buffer).every((byte) => byte === 0));
  assert.equal(storeAt(0xffff_ffff), region.address + 0xffff_f000);

  memory.grow(1);
  region.setLength(memory.buffer.byteLength);
  assert.equal(storeAt(PAGE - 4), -1);
  assert.equal(new DataView(memory.buffer).getBigUint64(PAGE - 4, true), 0x1122334455667788n);
  const { bytes, offset } = guest.executor.resolve(region.address + PAGE) ?? assert.fail();
  assert.deepEqual([bytes.length, offset, bytes[offset]], [2 * PAGE, PAGE, 0x44]);
  assert.equal(guest.executor.resolve(region.address + 2 * PAGE), undefined);
});

Deno.test("a memory of no pages faults everywhere until it grows", () => {
  for (const maximum of [0, 1, 65536]) {
    using guest = new Guest();
    const memory = new WebAssembly.Memory({ initial: 0, maximum });
    const region = guest.executor.mapMemory(memory, WINDOW, maximum * PAGE);
    const load = guest.place(programs.load);
    guest.set(region.address, 0, 0);
    assert.equal(guest.call(load)?.address, region.address);
    if (maximum === 0) continue;
    memory.grow(1);
    new Uint8Array(memory.buffer)[0] = 42;
    region.setLength(memory.buffer.byteLength);
    assert.equal(guest.call(load), undefined);
    assert.equal(guest.get(2), 42n);
  }
});

Deno.test("a memory of 4 GiB is accessible to its last byte", () => {
  using guest = new Guest();
  const memory = new WebAssembly.Memory({ initial: 65536, maximum: 65536 });
  const region = guest.executor.mapMemory(memory, WINDOW);
  const store = guest.place(programs.store);
  guest.set(region.address, 0xffff_fff8, 0x99);
  assert.equal(guest.call(store), undefined);
  assert.equal(new DataView(memory.buffer).getUint8(0xffff_fff8), 0x99);
  guest.set(region.address, 0xffff_fff9, 0x77);
  assert.equal(guest.call(store)?.address, region.address + 0x1_0000_0000);
});

Deno.test("a working set far beyond the TLB is read and written exactly", () => {
  using guest = new Guest();
  const memory = new WebAssembly.Memory({ initial: 513, maximum: 513 });
  const region = guest.executor.mapMemory(memory, WINDOW, 513 * PAGE);
  const rounds = 30_000;
  guest.set(region.address, rounds, 1);
  assert.equal(guest.call(guest.place(programs.scatter)), undefined);
  // The same additions, which are at all alignments and across pages.
  const view = new DataView(new ArrayBuffer(513 * PAGE));
  let seed = 1n;
  for (let round = 0; round < rounds; round++) {
    seed = BigInt.asUintN(64, seed * 0x19660dn + 0x3c6ef35fn);
    const at = Number((seed >> 20n) & 0x1ffffffn);
    view.setBigUint64(at, view.getBigUint64(at, true) + seed, true);
  }
  const expected = new BigUint64Array(view.buffer);
  assert.ok(new BigUint64Array(memory.buffer).every((word, n) => word === expected[n]));
});

Deno.test("memory is found by address", () => {
  using guest = new Guest();
  const regions = [10, 70_000, 1].map((length) => guest.executor.allocate(length, "write"));
  for (const { address, bytes } of regions) {
    assert.equal(address % PAGE, 0);
    assert.ok(bytes.every((byte) => byte === 0));
    const found = guest.executor.resolve(address) ?? assert.fail();
    found.bytes[found.offset] = 7;
    assert.equal(bytes[0], 7);
  }
  for (const address of [0, 1 << 30, 2 ** 40, 2 ** 51]) {
    assert.equal(guest.executor.resolve(address), undefined);
  }
});
