/**
 * The program that runs modules in V8 through `node:wasi`: for the times of V8's tiers, and for the
 * time that a whole process takes.
 *
 * @module
 */

/**
 * Arguments: `FILE`, to do what `trapline run --dir . FILE` does; `FILE compile COUNT`, whose last line
 * is an array of `{ ms, cpuMs }`; `FILE run COUNT NAME BUDGET`, whose last line is an array of ms. The
 * clock of `env.clock_ms` is the fake one of `program.ts`; it says strings, because those become an
 * i32 and an i64 alike.
 */
export const v8Script = `
import { WASI } from "node:wasi";
import { openSync } from "node:fs";
const [file, mode, count, name, budget] = Deno.args;
const bytes = Deno.readFileSync(file);

function prepare(module, options, bench) {
  const wasi = new WASI({ version: "preview1", preopens: { ".": "." }, returnOnExit: true, ...options });
  let calls = 0;
  const { wasiImport } = wasi;
  const env = { clock_ms: () => calls++ < 5 ? "0" : "10000" };
  const imports = { wasi_snapshot_preview1: wasiImport, wasi_unstable: wasiImport, bench, env };
  const instance = new WebAssembly.Instance(module, imports), { exports } = instance;
  if (exports._start && exports.memory) return () => wasi.start(instance);
  const run = exports.run ?? exports._start;
  return () => (run(...new Array(run.length).fill(0)), 0);
}

function timeRun(module) {
  const sink = openSync("/dev/null", "w");
  let from = 0, inRegion = 0, isMarked = false;
  const start = () => { from = performance.now(); };
  const end = () => { inRegion += performance.now() - from; isMarked = true; };
  const call = prepare(module, { args: [name], stdout: sink, stderr: sink }, { start, end });
  const begin = performance.now(), status = call(), whole = performance.now() - begin;
  if (status !== 0) throw new Error("the program exits with status " + status);
  return isMarked ? inRegion : whole;
}

// CLOCK_THREAD_CPUTIME_ID, as cpu_clock.ts reads it.
let libc, time;
function threadCpuMs() {
  if (Deno.build.os !== "linux") return null;
  libc ??= Deno.dlopen("libc.so.6", { clock_gettime: { parameters: ["i32", "buffer"], result: "i32" } });
  time ??= new BigInt64Array(2);
  libc.symbols.clock_gettime(3, time);
  return Number(time[0]) * 1e3 + Number(time[1]) / 1e6;
}

const times = [];
if (mode === undefined) {
  const module = new WebAssembly.Module(bytes);
  Deno.exit(prepare(module, { args: [file] }, { start() {}, end() {} })());
} else if (mode === "compile") {
  for (let n = 0; n < Number(count); n++) {
    const cpu = threadCpuMs(), from = performance.now();
    new WebAssembly.Module(bytes);
    const ms = performance.now() - from, now = threadCpuMs();
    times.push({ ms, cpuMs: now === null ? null : now - cpu });
  }
} else {
  const module = new WebAssembly.Module(bytes), from = performance.now();
  do times.push(timeRun(module));
  while (times.length < Number(count) && performance.now() - from < Number(budget));
}
console.log("\\n" + JSON.stringify(times));
`;
