/** The peers that are installed here do their work, and the others say what is missing. No times. */
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert";
import { polledPeakMemory, runChild, runChildOrFail } from "../../lib/cli/bench/child.ts";
import { gccInstructions, isPeerModule } from "../../lib/cli/bench/peers/gcc_counts.ts";
import { measurePeers, peers, selectPeers } from "../../lib/cli/bench/peers/mod.ts";
import { hostTarget, type PeerFigures, type PeerJob } from "../../lib/cli/bench/peers/peer.ts";
import { codeBytesOf } from "../../lib/cli/bench/peers/v8.ts";
import { parseText } from "../../lib/cli/text_format.ts";
import { withFiles } from "./captured.ts";

/** Reads a file, calls CoreMark's clock six times, and marks its region. */
const program = `(module
  (import "bench" "start" (func $start))
  (import "bench" "end" (func $end))
  (import "env" "clock_ms" (func $clock (result i64)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $args (i32.const 0) (i32.const 4)))
    (if (i32.ne (i32.load (i32.const 0)) (i32.const 1)) (then (unreachable)))
    (call $start)
    (if (i64.ne (call $clock) (i64.const 0)) (then (unreachable)))
    (drop (call $clock)) (drop (call $clock)) (drop (call $clock)) (drop (call $clock))
    (if (i64.ne (call $clock) (i64.const 10000)) (then (unreachable)))
    (call $end)))`;

async function measureHere(
  names: string,
  use: (figures: readonly PeerFigures[]) => void,
  more: Partial<PeerJob> = {},
): Promise<void> {
  await withFiles({ "folder/input": "text" }, async (scratch) => {
    const wasmPath = `${scratch}/module.wasm`;
    await Deno.writeFile(wasmPath, await parseText(program, "program"));
    use(
      await measurePeers(selectPeers(names), {
        wasmPath,
        programName: "module.wasm",
        folder: `${scratch}/folder`,
        target: hostTarget,
        repeat: 2,
        runs: true,
        scratch,
        ...more,
      }),
    );
  });
}

const isNumber = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);

Deno.test("V8's tiers compile and run, and their code is counted", () =>
  measureHere("v8", (figures) => {
    deepStrictEqual(figures.map(({ peer }) => peer), [
      "turbofan",
      "turbofan-no-inlining",
      "liftoff",
    ]);
    for (const { peer, target, compileMs, codeBytes, runMs, skipped } of figures) {
      strictEqual(skipped, undefined, peer);
      strictEqual(target, hostTarget);
      ok(isNumber(compileMs) && isNumber(runMs), peer);
      ok(codeBytes !== null && codeBytes > 50, peer);
    }
  }));

for (const { name } of peers.slice(1)) {
  Deno.test(`${name} is measured, or skipped for a reason`, () =>
    measureHere(name, (figures) => {
      strictEqual(figures.length, 1);
      const { peer, target, compileMs, codeBytes, runMs, skipped } = figures[0] as PeerFigures;
      strictEqual(peer, name);
      if (skipped !== undefined) {
        match(skipped, /not installed|there is no wazero/);
        return;
      }
      ok(isNumber(compileMs));
      strictEqual(target, hostTarget);
      if (name !== "wazero") ok(codeBytes !== null && codeBytes > 50);
      if (name === "cranelift" || name === "winch") ok(isNumber(runMs));
    }));
}

Deno.test("a peer that fails is skipped with what it says", () =>
  measureHere("v8,wazero", (figures) => {
    for (const { skipped } of figures) ok(skipped !== undefined && skipped !== "");
  }, { wasmPath: import.meta.filename as string }));

Deno.test("peers are chosen by name", () => {
  deepStrictEqual(selectPeers("none"), []);
  strictEqual(selectPeers("all").length, peers.length);
  deepStrictEqual(selectPeers("wasm2c,v8").map(({ name }) => name), ["v8", "wasm2c"]);
  throws(() => selectPeers("v8,"), /unknown peer ""/);
});

Deno.test("V8's trace is added up", () => {
  const trace =
    "Compiled function 0x5#15 using TurboFan, took 117 μs and 51200 / 94840 max/total " +
    "bytes; bodysize 3 codesize 28 name wasm-function#15\n" +
    "Compiled function 0x5#14 using Liftoff, took 4 μs and 13216 bytes; bodysize 4 codesize 64\n" +
    "something else: codesize 1000\n";
  strictEqual(codeBytesOf(trace), 92);
  strictEqual(codeBytesOf("nothing"), null);
});

Deno.test("gcc's counts are known for the modules of the peers", () => {
  strictEqual(gccInstructions("bz2", "x64"), 54_600_000);
  strictEqual(gccInstructions("bz2", "aarch64"), 47_500_000);
  strictEqual(gccInstructions("shootout-ed25519", "riscv64"), 33_665_000_000);
  strictEqual(gccInstructions("noop", "x64"), null);
  strictEqual(gccInstructions("bz2", "mips"), null);
  ok(isPeerModule("coremark-minimal") && !isPeerModule("noop"));
});

Deno.test("children: status, output, input, and memory", async () => {
  const script = `const text = await new Response(Deno.stdin.readable).text();
    console.log(text.length + Deno.env.get("MORE")); console.error("oops"); Deno.exit(3);`;
  const command = [Deno.execPath(), "eval", script];
  const stdin = new Uint8Array(100_000).fill(65);
  const run = await runChild(command, { stdin, env: { MORE: "!" } });
  deepStrictEqual([run.status, run.stdout, run.stderr], [3, "100000!\n", "oops\n"]);
  await runChildOrFail(command, { stdin }).then(
    () => ok(false),
    ({ message }: Error) => match(message, /it exits with status 3 after "oops"/),
  );
  const grows = "const a = new Uint8Array(64 << 20).fill(1); " +
    "const end = performance.now() + 300; while (performance.now() < end); a[0];";
  const kib = await polledPeakMemory([Deno.execPath(), "eval", grows], {});
  if (Deno.build.os === "linux") ok((kib as number) > 64 << 10, `${kib}`);
});
