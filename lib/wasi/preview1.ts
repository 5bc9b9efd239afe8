/**
 * Numbers of WASI preview 1 (witx `typenames`), and the type of its functions in JavaScript.
 *
 * @module
 */
import type { WasmValue } from "../runtime/values.ts";

/** A function of preview 1: numbers and bigints in, an errno out. */
export type WasiFunction = (...args: WasmValue[]) => WasmValue;

/** The functions of preview 1 by name. */
export type WasiFunctions = Readonly<Record<string, WasiFunction>>;

/** The errno values that are used here. */
export const Errno = {
  success: 0,
  badf: 8,
  exist: 20,
  inval: 28,
  io: 29,
  loop: 32,
  noent: 44,
  notdir: 54,
  notsock: 57,
} as const;

/** Values of `filetype`. */
export const FileType = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  regularFile: 4,
  socketStream: 6,
  symbolicLink: 7,
} as const;

/** `lookupflags.symlink_follow`. */
export const SYMLINK_FOLLOW = 1;

/** The program's memory; it may grow, so views are made when they are needed. */
export interface GuestBytes {
  readonly view: DataView;
  readonly bytes: Uint8Array;
}

/** The text at an address. */
export function readText({ bytes }: GuestBytes, address: number, length: number): string {
  return new TextDecoder().decode(bytes.slice(address >>> 0, (address >>> 0) + (length >>> 0)));
}
