/**
 * Wasmtime's compilers, Cranelift and Winch, through the Python package `wasmtime`.
 *
 * The package compiles for the machine that it is made for, and for others only where it was built
 * with them: it ends the process when it is asked for one that it lacks. Then its own is measured.
 *
 * @module
 */
import { readElf } from "../../../object/elf_reader.ts";
import { isInstalled, runChild } from "../child.ts";
import type { Duration } from "../cpu_clock.ts";
import { median, medianOf } from "../statistics.ts";
import {
  answerOf,
  hostTarget,
  type Peer,
  type PeerFigures,
  type PeerJob,
  RUN_BUDGET_MS,
  skip,
} from "./peer.ts";

/** How Wasmtime calls our targets. */
const triples: Readonly<Record<string, string>> = {
  x64: "x86_64-unknown-linux-gnu",
  aarch64: "aarch64-unknown-linux-gnu",
  riscv64: "riscv64gc-unknown-linux-gnu",
};

/**
 * Arguments: the strategy, a triple or nothing, the module, where its compiled form goes, how often to
 * compile, how often to run, the program's name, and after how many ms not to run it again.
 */
const script = `
import json, os, sys, time
from wasmtime import *
from wasmtime import _ffi
strategy, target, path, output, compiles, runs, name, budget = sys.argv[1:]
config = Config()
# The package's own setter knows no Winch.
_ffi.wasmtime_config_strategy_set(config.ptr(), {"cranelift": 1, "winch": 2}[strategy])
config.parallel_compilation = False
if target: config.target = target
engine = Engine(config)
with open(path, "rb") as file: code = file.read()

times = []
for n in range(int(compiles)):
    cpu, begin = time.thread_time(), time.perf_counter()
    module = Module(engine, code)
    end = time.perf_counter()
    times.append({"ms": 1000 * (end - begin), "cpuMs": 1000 * (time.thread_time() - cpu)})
with open(output, "wb") as file: file.write(module.serialize())

def run():
    region = {"from": 0.0, "ms": 0.0, "marked": False}
    def start(): region["from"] = time.perf_counter()
    def end():
        region["ms"] += 1000 * (time.perf_counter() - region["from"])
        region["marked"] = True
    calls = [0]
    def clock_ms():
        calls[0] += 1
        return 0 if calls[0] <= 5 else 10000
    wasi = WasiConfig()
    wasi.argv = [name]
    wasi.preopen_dir(".", ".")
    wasi.stdout_file = wasi.stderr_file = os.devnull
    store, linker = Store(engine), Linker(engine)
    store.set_wasi(wasi)
    linker.define_wasi()
    linker.define_func("bench", "start", FuncType([], []), start)
    linker.define_func("bench", "end", FuncType([], []), end)
    for wanted in module.imports:
        if wanted.module == "env" and wanted.name == "clock_ms":
            linker.define_func("env", "clock_ms", wanted.type, clock_ms)
    exports = linker.instantiate(store, module).exports(store)
    function = exports.get("_start") or exports.get("run")
    begin = time.perf_counter()
    try:
        function(store, *[0 for _ in function.type(store).params])
    except ExitTrap as exit:
        if exit.code != 0: raise
    whole = 1000 * (time.perf_counter() - begin)
    return region["ms"] if region["marked"] else whole

run_ms, begin = [], time.perf_counter()
while len(run_ms) < int(runs) and (not run_ms or 1000 * (time.perf_counter() - begin) < float(budget)):
    run_ms.append(run())
print(json.dumps({"times": times, "runMs": run_ms}))
`;

interface Answer {
  readonly times: readonly Duration[];
  readonly runMs: readonly number[];
}

function wasmtime(strategy: string): Peer {
  return {
    name: strategy,
    async measure(job: PeerJob): Promise<readonly PeerFigures[]> {
      if (!await isInstalled([python, "-c", "import wasmtime"])) {
        return [skip(strategy, "the Python package wasmtime is not installed")];
      }
      const target = await canCompileFor(job.target) ? job.target : hostTarget;
      const isNative = target === hostTarget;
      const output = `${job.scratch}/${strategy}.cwasm`;
      const runs = job.runs && isNative ? job.repeat : 0;
      const child = await runChild([
        ...[python, "-c", script, strategy, isNative ? "" : triples[target] as string],
        ...[job.wasmPath, output, String(job.repeat), String(runs)],
        ...[job.programName, String(RUN_BUDGET_MS)],
      ], { cwd: job.folder });
      const { times, runMs } = answerOf(child, strategy) as Answer;
      const { ms, cpuMs } = medianOf(times);
      const text = readElf(await Deno.readFile(output)).sections.get(".text");
      return [{
        peer: strategy,
        target,
        compileMs: ms,
        compileCpuMs: cpuMs,
        codeBytes: text === undefined ? null : withoutPadding(text.bytes),
        runMs: runMs.length === 0 ? null : median(runMs),
      }];
    },
  };
}

/** Bytes of a text up to the zeros that fill its last page. */
function withoutPadding(text: Uint8Array): number {
  let length = text.length;
  while (length > 0 && text[length - 1] === 0) length--;
  return length;
}

const python = "python3";
const known = new Map<string, boolean>();

/** Whether the package has a compiler for a target; asked once. */
async function canCompileFor(target: string): Promise<boolean> {
  if (target === hostTarget) return true;
  let can = known.get(target);
  if (can === undefined) {
    const probe = "import sys; from wasmtime import *; c = Config(); " +
      "c.target = sys.argv[1]; Module(Engine(c), '(module)')";
    can = (await runChild([python, "-c", probe, triples[target] ?? target])).status === 0;
    known.set(target, can);
  }
  return can;
}

/** Wasmtime's optimising compiler. */
export const cranelift: Peer = wasmtime("cranelift");
/** Wasmtime's baseline compiler. */
export const winch: Peer = wasmtime("winch");
