/**
 * Clocks: `clock_res_get`, `clock_time_get`, and the times of other functions.
 *
 * @module
 */
import { ClockId } from "./abi.ts";
import { fail } from "./failure.ts";
import { Libc } from "./host/libc.ts";
import type { WasiFunctions, WasiProcess } from "./process.ts";

/** ns between two values of `performance.now`, about. */
const MONOTONIC_RESOLUTION = 1000n;
/** ns between two values of the system's clock as JavaScript gives it. */
const REALTIME_RESOLUTION = 1000n;
const CPU_RESOLUTION = 1n;

/** The functions of this file. */
export function clockFunctions({ memory }: WasiProcess): WasiFunctions {
  return {
    clock_res_get(clock: number, resolution: number): void {
      memory.setU64(resolution, resolutionOf(clock));
    },
    clock_time_get(clock: number, _precision: bigint, time: number): void {
      memory.range(time, 8);
      memory.setU64(time, timeOf(clock));
    },
  };
}

/** @throws Failure `inval` for a clock that is not there */
function resolutionOf(clock: number): bigint {
  switch (clock) {
    case ClockId.realtime:
      return REALTIME_RESOLUTION;
    case ClockId.monotonic:
      return MONOTONIC_RESOLUTION;
    case ClockId.processCpu:
    case ClockId.threadCpu:
      return Libc.open() === undefined ? fail("inval") : CPU_RESOLUTION;
    default:
      return fail("inval");
  }
}

/** The time of a clock in ns. @throws Failure `inval` for a clock that is not there */
export function timeOf(clock: number): bigint {
  switch (clock) {
    case ClockId.realtime:
      return Temporal.Now.instant().epochNanoseconds;
    case ClockId.monotonic:
      return BigInt(Math.round(performance.now() * 1e6));
    case ClockId.processCpu:
    case ClockId.threadCpu:
      return cpuTime(clock);
    default:
      return fail("inval");
  }
}

function cpuTime(clock: number): bigint {
  const libc = Libc.open();
  if (libc === undefined) return fail("inval");
  const { processCpu, threadCpu } = libc.platform.clock;
  const time = new BigInt64Array(2);
  const number = clock === ClockId.processCpu ? processCpu : threadCpu;
  libc.check(libc.call.clock_gettime(number, time));
  return (time[0] as bigint) * 1_000_000_000n + (time[1] as bigint);
}
