/** The switch that halves the cost of memory accesses is found, and only where it is. */
import { strict as assert } from "node:assert";
import { openEngine } from "../../lib/executor/unicorn/binding.ts";
import {
  disableExitChecks,
  testsOnAarch64,
  testsOnX64,
} from "../../lib/executor/unicorn/exit_checks.ts";
import { library } from "./guest.ts";

Deno.test("the code that tests the switch is recognised by what it compares", () => {
  // mov rsi, [rdi+0x9970]; cmp byte ptr [rsi+0x7f2], 0; je +8; ret
  const x64 = [0x48, 0x8b, 0xb7, 0x70, 0x99, 0, 0, 0x80, 0xbe, 0xf2, 7, 0, 0, 0, 0x74, 8, 0xc3];
  assert.equal(testsOnX64(Uint8Array.from(x64)), true);
  assert.equal(testsOnX64(Uint8Array.from(x64, (byte) => byte === 0xf2 ? 0xf3 : byte)), false);
  // add x1, x0, #0x8, lsl #12; ldr x1, [x1, #6800]; ldrb w2, [x1, #2034]; cbz w2, .+8; ret
  const aarch64 = Uint32Array.of(0x91402001, 0xf94d4821, 0x395fc822, 0x34000042, 0xd65f03c0);
  assert.equal(testsOnAarch64(new Uint8Array(aarch64.buffer)), true);
  aarch64[2] = 0x395fcc22;
  assert.equal(testsOnAarch64(new Uint8Array(aarch64.buffer)), false);
});

Deno.test({
  name: "the pinned library has the switch",
  ignore: Deno.build.os === "windows" || library.version.join(".") !== "2.1.4",
  fn: () => {
    const engine = openEngine(library.symbols, 4, 8);
    try {
      assert.equal(disableExitChecks(library, engine), true);
      assert.equal(disableExitChecks({ ...library, exitCheck: null }, engine), false);
    } finally {
      library.symbols.uc_close(engine);
    }
  },
});
