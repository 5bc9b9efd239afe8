import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert";
import { meansOf } from "../../lib/cli/bench/means.ts";
import type { PeerFigures } from "../../lib/cli/bench/peers/peer.ts";
import { formatReport } from "../../lib/cli/bench/report.ts";
import { type BenchResult, emptyResult } from "../../lib/cli/bench/result.ts";

const peer = (name: string, more: Partial<PeerFigures> = {}): PeerFigures => ({
  peer: name,
  target: "x64",
  compileMs: 100,
  compileCpuMs: 80,
  codeBytes: 1_234_567,
  runMs: 1234.5,
  ...more,
});

/** As wide as figures get. */
const full = (module: string, target: string, more: Partial<BenchResult> = {}): BenchResult => ({
  ...emptyResult(module, target),
  wasmCodeBytes: 12_345_678,
  textBytes: 23_456_789,
  compileMs: 12_345.6,
  compileCpuMs: 12_345.6,
  guestInstructions: 123_456_789_012,
  gccInstructions: 100_000_000_000,
  runMs: 123_456.7,
  spills: 123_456,
  reloads: 1_234_567,
  moves: 1_234_567,
  mbPerSecond: 1.5,
  firstCompileMs: 12_345.6,
  firstCompileCpuMs: 12_345.6,
  threads: 8,
  threadsCompileMs: 12_345.6,
  threadsSpeedUp: 1.7,
  coldProcessMs: 123_456,
  warmProcessMs: 123_456,
  v8ProcessMs: 123_456,
  coldProcessRatio: 100.25,
  warmProcessRatio: 100.25,
  peakCompileKib: 1_234_567,
  peakRunKib: 1_234_567,
  stages: { module: 1, translate: 20, optimize: 30, select: 10, allocate: 35, emit: 4, link: 0.5 },
  passes: Object.fromEntries(
    Array.from({ length: 15 }, (_, n) => [`pass_with_a_long_name_${n}`, n]),
  ),
  peers: [
    peer("turbofan-no-inlining"),
    peer("liftoff", { compileCpuMs: null }),
    {
      ...peer("wazero"),
      ...{ target: null, compileMs: null, compileCpuMs: null, codeBytes: null, runMs: null },
      skipped: "there is none",
    },
  ],
  ...more,
});

Deno.test("tables stay within 120 columns, even with the largest figures", () => {
  const report = formatReport([
    full("shootout-nestedloop", "aarch64"),
    full("coremark-minimal", "riscv64"),
  ]);
  for (const line of report.split("\n")) ok(line.length <= 120, `${line.length}: ${line}`);
  for (
    const part of ["code", "compiling", "where compile time goes", "running", "peers", "geometric"]
  ) match(report, new RegExp(`^── ${part}`, "m"));
  match(report, /skipped wazero: there is none \(2 times\)/);
});

Deno.test("what was not measured has no table", () => {
  strictEqual(formatReport([]), "");
  const onlyCounts = formatReport([{ ...emptyResult("a", "x64"), textBytes: 1, wasmCodeBytes: 2 }]);
  match(onlyCounts, /^── code/);
  doesNotMatch(onlyCounts, /── compiling|── running|── peers|where compile time goes/);
});

Deno.test("means are by target, of the peers' modules and of all", () => {
  const results = [
    full("bz2", "x64", { guestInstructions: 50, gccInstructions: 100, compileCpuMs: 40 }),
    full("regex", "x64", { guestInstructions: 800, gccInstructions: 100, compileCpuMs: 10 }),
    full("noop", "x64", {
      guestInstructions: 11,
      gccInstructions: null,
      textBytes: 3,
      wasmCodeBytes: 1,
      coldProcessRatio: 3,
      peers: null,
    }),
    full("bz2", "riscv64", { peers: [peer("turbofan-no-inlining", { compileCpuMs: null })] }),
  ];
  const means = meansOf(results);
  deepStrictEqual(means.map(({ target, set, modules }) => [target, set, modules]), [
    ["x64", "peers", 2],
    ["x64", "all", 3],
    ["riscv64", "peers", 1],
  ]);
  const [peers, all, riscv64] = means;
  strictEqual(peers?.instructions.value?.toFixed(6), "2.000000", "0.5 and 8");
  strictEqual(peers?.throughput.value?.toFixed(6), "4.000000", "80/40 and 80/10, of CPU times");
  strictEqual(all?.throughput.modules, 2);
  strictEqual(all?.coldStart.modules, 3, "all three execute little");
  strictEqual(all?.instructions.modules, 2);
  strictEqual(riscv64?.throughput.value, 100 / 12_345.6, "of times where a CPU time is missing");
  deepStrictEqual(riscv64?.coldStart, { value: null, modules: 0 }, "it executes too much");
});
