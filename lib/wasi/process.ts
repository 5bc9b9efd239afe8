/**
 * What the functions of WASI share: the state of one program.
 *
 * @module
 */
import type { WasmValue } from "../runtime/values.ts";
import { DescriptorTable } from "./descriptors.ts";
import { FileStat } from "./host/host.ts";
import { GuestMemory } from "./memory.ts";

/**
 * A function of WASI. It returns nothing when it succeeds and throws `Failure` when not; i32
 * arguments come as signed numbers, i64 as signed bigints.
 */
// deno-lint-ignore no-explicit-any -- the functions name and type their own parameters
export type WasiFunction = (...args: any[]) => WasmValue;

/** Functions by their name in the witx. */
export type WasiFunctions = Readonly<Record<string, WasiFunction>>;

/** One program. */
export class WasiProcess {
  readonly memory: GuestMemory = new GuestMemory();
  readonly descriptors: DescriptorTable = new DescriptorTable();
  /** For one call at a time. */
  readonly stat: FileStat = new FileStat();
}
