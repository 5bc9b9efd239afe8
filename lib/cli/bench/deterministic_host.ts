/**
 * What programs are told of the time. With this, and with random bytes from a seed, a program executes
 * the same instructions every time.
 *
 * @module
 */
import type { Extern } from "../../runtime/externals.ts";
import type { Linker } from "../../runtime/linker.ts";
import type { ImportDescription } from "../../runtime/module.ts";
import { type FunctionType, ValueType } from "../../wasm/types.ts";
import { WASI_MODULES } from "../../wasi/wasi.ts";

const { i32, i64 } = ValueType;
const functionOf = (...params: ValueType[]): FunctionType => ({
  kind: "function",
  params,
  results: [i32],
});

const SUCCESS = 0;
/** CoreMark's clock says 0 so often, and from then on that its ten seconds are over. */
const CLOCK_ZEROS = 5, CLOCK_END = 10_000;

/**
 * Lets a linker provide `clock_time_get` of WASI, and `env.clock_ms`: a clock that goes on by a
 * millisecond whenever somebody looks, and the clock of CoreMark.
 * @param memory the program's memory, asked for when there is an instance
 */
export function addDeterministicHost(linker: Linker, memory: () => ArrayBufferLike): void {
  const { store } = linker;
  let milliseconds = 0n;
  const clockTimeGet = (_clock: number, _precision: bigint, address: number): number => {
    new DataView(memory()).setBigUint64(address >>> 0, ++milliseconds * 1_000_000n, true);
    return SUCCESS;
  };
  for (const module of WASI_MODULES) {
    linker.define(
      module,
      "clock_time_get",
      store.hostFunction(functionOf(i32, i64, i32), clockTimeGet),
    );
  }
  linker.defineModule("env", (name, wanted) => coreMarkClock(linker, name, wanted));
}

function coreMarkClock(
  { store }: Linker,
  name: string,
  { functionType }: ImportDescription,
): Extern | undefined {
  if (name !== "clock_ms" || functionType === undefined) return undefined;
  let calls = 0;
  return store.hostFunction(functionType, () => {
    const milliseconds = calls++ < CLOCK_ZEROS ? 0 : CLOCK_END;
    return functionType.results[0] === i64 ? BigInt(milliseconds) : milliseconds;
  }, "env.clock_ms");
}
