/**
 * Makes the host the same for every run of a comparison: the time, and what a file system tells of the
 * copies of directories that each run has.
 *
 * It stands between a program and WASI's functions (`wasi_snapshot_preview1` and `wasi_unstable`), so
 * that it does not matter how those are done.
 *
 * @module
 */
import type { HostFunctionLinker } from "../runtime/linker.ts";
import type { HostFunction } from "../runtime/store.ts";
import { type MemoryView, SteadyFiles } from "./steady_files.ts";

/** Numbers of WASI's `errno`. */
const SUCCESS = 0, FAULT = 21, INVAL = 28;
/** Of WASI's `clockid`: the time of day; monotonic, process and thread follow it. */
const REALTIME = 0, CLOCKS = 4;
/** How much later it is whenever a program looks, in ns: a program that waits for a time gets there. */
const STEP = 1_000_000n;

/**
 * A linker that gives `linker` what is given to it, with the functions of WASI made steady.
 * @param start when all runs begin, in ns since 1970
 * @param memory the program's memory, once there is one
 */
export function steadyHost<F>(
  linker: HostFunctionLinker<F>,
  start: bigint,
  memory: () => WebAssembly.Memory | undefined,
): HostFunctionLinker<F> {
  const view: MemoryView = (pointer, byteLength) => {
    const buffer = memory()?.buffer ?? new ArrayBuffer(0), from = pointer >>> 0;
    return from + byteLength > buffer.byteLength
      ? undefined
      : new DataView(buffer, from, byteLength);
  };
  const replaced = replacements(start, view);
  const files = new SteadyFiles(start, view);
  const steady = (name: string, implementation: HostFunction): HostFunction => {
    const [module, func] = name.split(".") as [string, string];
    if (!module.startsWith("wasi_")) return implementation;
    const correct = files.correction(module, func);
    if (correct === undefined) return replaced.get(func) ?? implementation;
    return (...args) => {
      const errno = implementation(...args);
      if (errno === SUCCESS) correct(args);
      return errno;
    };
  };
  return {
    store: {
      hostFunction: (type, implementation, name = "") =>
        linker.store.hostFunction(type, steady(name, implementation), name),
    },
    defineModule: (module, provide) => linker.defineModule(module, provide),
  };
}

/** Functions that do not ask the host at all. */
function replacements(start: bigint, view: MemoryView): ReadonlyMap<string, HostFunction> {
  let looks = 0n;
  return new Map<string, HostFunction>([
    ["clock_time_get", (clock, _precision, pointer) => {
      if (clock >>> 0 >= CLOCKS) return INVAL;
      const place = view(pointer, 8);
      if (place === undefined) return FAULT;
      place.setBigUint64(0, (clock === REALTIME ? start : 0n) + ++looks * STEP, true);
      return SUCCESS;
    }],
  ]);
}
