/** The entry of the helper that checks for requests to stop is found, and only where it is. */
import { strict as assert } from "node:assert";
import { aarch64Machine } from "../../backends/aarch64/emulator.ts";
import { riscv64Machine } from "../../backends/riscv64/emulator.ts";
import { x64Machine } from "../../backends/x64/emulator.ts";
import { mapHostMemory, openEngine, UcPermission } from "../../lib/executor/unicorn/binding.ts";
import { disableBlockChecks, isExpectedCode } from "../../lib/executor/unicorn/block_checks.ts";
import { library } from "./guest.ts";

Deno.test("the layout is known by the code that contains its offsets", () => {
  // mov rsi, [rdi+0x9970]; cmp byte ptr [rsi+0x7f2], 0; je +8
  const code = [0x48, 0x8b, 0xb7, 0x70, 0x99, 0, 0, 0x80, 0xbe, 0xf2, 7, 0, 0, 0, 0x74, 8];
  assert.equal(isExpectedCode(Uint8Array.from(code)), true);
  for (let at = 0; at < 14; at++) {
    const other = Uint8Array.from(code);
    other[at] = other[at] as number ^ 1;
    assert.equal(isExpectedCode(other), false);
  }
});

for (const machine of [x64Machine, aarch64Machine, riscv64Machine]) {
  Deno.test({
    name: `${machine.name}: the pinned library's checks can be turned off`,
    ignore: Deno.build.arch !== "x86_64" || Deno.build.os === "windows" ||
      library.version.join(".") !== "2.1.4",
    fn: () => {
      const page = new Uint8Array(2 * 65536);
      const start = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(page)));
      for (const round of [1, 2]) {
        const engine = openEngine(library.symbols, machine.architecture, machine.mode);
        try {
          // There is no translator yet whose table could be changed.
          assert.equal(disableBlockChecks(library, engine), false);
          mapHostMemory(library.symbols, engine, {
            address: 0x10000,
            byteLength: 65536,
            permissions: UcPermission.read,
            pointer: Deno.UnsafePointer.create(BigInt(Math.ceil(start / 65536) * 65536)),
          });
          assert.equal(disableBlockChecks({ ...library, exitCheck: null }, engine), false);
          assert.equal(disableBlockChecks({ ...library, exitHelpers: [null] }, engine), false);
          assert.equal(disableBlockChecks({ ...library, version: [2, 1, 5] }, engine), false);
          assert.equal(disableBlockChecks(library, engine), true, `round ${round}`);
        } finally {
          library.symbols.uc_close(engine);
        }
      }
    },
  });
}
