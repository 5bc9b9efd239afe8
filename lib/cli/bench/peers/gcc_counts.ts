/**
 * What the practical limit executes: guest instructions of gcc's code in the bench region.
 *
 * Provenance: wasm2c 1.0.32 (bounds by guard pages) and gcc 12.2 -O2, counted with qemu-user 7.2 and a
 * plugin, between two system calls that mark the bench region; for CoreMark the region is `run`, with
 * a clock that gives 3,110 iterations; for brotli `_start`. For riscv64 gcc was told that unaligned
 * accesses are cheap (`-mtune=thead-c906 -mno-strict-align`), as they are for us. In millions, rounded
 * to the digits shown.
 *
 * @module
 */

/** By module: x64, aarch64, riscv64. */
// deno-fmt-ignore: a table
const millions: Readonly<Record<string, readonly [number, number, number]>> = {
  "shootout-fib2":    [ 4_254,  3_289,  3_909],
  "shootout-sieve":   [ 3_211,  3_063,  3_685],
  "shootout-matrix":  [ 2_548,  2_731,  3_349],
  "shootout-keccak":  [  78.7,   42.7,   69.7],
  "shootout-ed25519": [30_416, 21_861, 33_665],
  "shootout-base64":  [ 1_719,  1_306,  1_670],
  "shootout-switch":  [   135,    119,    135],
  "blake3-scalar":    [  62.0,   48.5,   76.6],
  "bz2":              [  54.6,   47.5,   79.5],
  "pulldown-cmark":   [  73.0,   68.6,   96.9],
  "regex":            [  61.1,   53.3,   74.4],
  "rust-json":        [  68.2,   57.6,   96.3],
  "coremark-minimal": [ 1_311,  1_106,  1_560],
  "brotli":           [ 2_388,  2_080,  2_843],
};

const targets = ["x64", "aarch64", "riscv64"];

/** What gcc's code executes, null for other modules and targets. */
export function gccInstructions(module: string, target: string): number | null {
  const count = millions[module]?.[targets.indexOf(target)];
  return count === undefined ? null : Math.round(count * 1e6);
}

/** Whether a module is one of those that the figures are of. */
export function isPeerModule(module: string): boolean {
  return module in millions;
}
