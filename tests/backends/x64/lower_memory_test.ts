/** Addressing modes, updates in memory and jump tables, executed in the emulator. */
import assert from "node:assert/strict";
import { TrapKind } from "../../../lib/base/trap_kind.ts";
import { Guest } from "../../executor/guest.ts";
import { compile } from "./compile.ts";

/** Runs a body on slots; `v1` is their address. Gives the slots, or the trap kind of the fault. */
function run(body: string, slots: readonly bigint[], count: number): bigint[] | number {
  using guest = new Guest();
  const { code, traps } = compile(
    `function (i64, i64) -> () {\nb0(v0: i64, v1: i64):\n${body}\n}`,
  );
  const entry = guest.place({ bytes: code, offsets: [] });
  guest.set(...slots);
  const fault = guest.call(entry);
  if (fault === undefined) return Array.from({ length: count }, (_, n) => guest.get(n));
  for (let i = 0; i < traps.length; i += 2) {
    if (entry + (traps[i] as number) === fault.pc) return traps[i + 1] as number;
  }
  assert.fail(`no trap at ${fault.pc - entry}`);
}

Deno.test("updates in memory give what load, operation and store give", () => {
  const expectations: Record<string, (a: bigint, b: bigint) => bigint> = {
    add: (a, b) => a + b,
    sub: (a, b) => a - b,
    and: (a, b) => a & b,
    or: (a, b) => a | b,
    xor: (a, b) => a ^ b,
  };
  const old = 0x80000001fffffff0n, by = 0x123456789n;
  for (const [name, expect] of Object.entries(expectations)) {
    const wide = run(
      `v2 = i64_load any v1+16\nv3 = i64_load any v1+0\nv4 = i64_${name} v3, v2
       i64_store any v1+0, v4\nreturn`,
      [old, by],
      1,
    );
    assert.deepEqual(wide, [BigInt.asUintN(64, expect(old, by))], name);
    const narrow = run(
      `v2 = i32_const -77\nv3 = i32_load any v1+0\nv4 = i32_${name} v3, v2
       i32_store any v1+0, v4\nreturn`,
      [old],
      1,
    );
    const low = BigInt.asUintN(32, expect(old & 0xffffffffn, -77n));
    assert.deepEqual(narrow, [(old & ~0xffffffffn) | low], name);
  }
});

Deno.test("a 32-bit index wraps before it is extended", () => {
  // 0xfffffff0 + 0x20 is 0x10: the second slot, not 4 GiB beyond.
  const add = `v2 = i32_load any v1+0\nv3 = i32_const 32\nv4 = i32_add v2, v3
    v5 = i64_extend_i32_u v4\nv6 = i64_add v1, v5\nv7 = i64_load any v6+0
    i64_store any v1+0, v7\nreturn`;
  assert.deepEqual(run(add, [0xfffffff0n, 99n], 1), [99n]);
  const shl = `v2 = i32_load any v1+0\nv3 = i32_const 3\nv4 = i32_shl v2, v3
    v5 = i64_extend_i32_u v4\nv6 = i64_add v1, v5\nv7 = i64_load any v6+0
    i64_store any v1+0, v7\nreturn`;
  assert.deepEqual(run(shl, [0x20000002n, 99n], 1), [99n]);
});

Deno.test("offsets above 2^31 are unsigned", () => {
  const back = (offset: number): string =>
    `v2 = i64_const ${-offset}\nv3 = i64_add v1, v2\nv4 = i64_load any v0+0
     v5 = i64_load any v1+16\nv6 = i64_add v3, v5\nv7 = i64_load any v6+${offset}
     i64_store any v1+0, v7\nreturn`;
  for (const offset of [0x7fffffff, 0x80000000, 0xffffffff]) {
    assert.deepEqual(run(back(offset), [0n, 32n, 77n], 1), [77n], `${offset}`);
  }
});

Deno.test("a folded load traps with its own kind", () => {
  const body = `v2 = i64_load any v1+0\nv3 = i32_load any v1+16
    v4 = i32_load heap v2+0 !memory-out-of-bounds
    v5 = i32_add v3, v4\ni32_store any v1+0, v5\nreturn`;
  assert.equal(run(body, [8n, 1n], 1), TrapKind.memoryOutOfBounds);
});

Deno.test("br_table goes to the default from its last entry on", () => {
  for (const count of [1, 2, 3, 6]) {
    const targets = Array.from({ length: count }, (_, k) => `b${k + 1}`);
    const blocks = targets.map((b, k) =>
      `${b}:\nv${10 + k} = i64_const ${k + 1}\ni64_store any v1+0, v${10 + k}\nreturn`
    );
    const body = `v2 = i32_load any v1+0\nbr_table v2, ${targets.join(", ")}\n${blocks.join("\n")}`;
    for (const index of [0, 1, 2, 4, 5, 6, 100, 0x80000000, 0xffffffff]) {
      const taken = Math.min(index, count - 1) + 1;
      assert.deepEqual(run(body, [BigInt(index)], 1), [BigInt(taken)], `${index} of ${count}`);
    }
  }
});
