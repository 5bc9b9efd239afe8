/**
 * What a program is told when it starts, random numbers, and how it ends: `args_*`, `environ_*`,
 * `random_get`, `proc_*`, `sched_yield`.
 *
 * @module
 */
import { Exit } from "../runtime/trap.ts";
import { fail } from "./failure.ts";
import type { GuestMemory } from "./memory.ts";
import type { WasiFunctions, WasiProcess } from "./process.ts";

/** Fills bytes with random values. */
export type RandomSource = (bytes: Uint8Array<ArrayBuffer>) => void;

/** What of the program's options is needed here. */
export interface EnvironmentOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly random: RandomSource;
}

/** Status of a program that a signal ended: a shell's. */
const SIGNAL_STATUS = 128;

/** What becomes of a signal (`signal` of the witx): a status to exit with, or one of these. */
const IGNORED = 0;
const STOPS = -1;

/**
 * By WASI's number: what Linux's default action does. A program that stops would have nobody to
 * continue it.
 */
// deno-fmt-ignore: as a table
const signals: readonly number[] = [
  IGNORED,
  // hup int quit ill trap abrt bus fpe kill usr1 segv usr2
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
  // pipe, which WASI ignores; alrm term chld cont stop tstp ttin ttou urg
  IGNORED, 14, 15, IGNORED, IGNORED, STOPS, STOPS, STOPS, STOPS, IGNORED,
  // xcpu xfsz vtalrm prof winch poll pwr sys
  24, 25, 26, 27, IGNORED, 29, 30, 31,
];

/** The functions of this file. */
export function environmentFunctions(
  { memory }: WasiProcess,
  options: EnvironmentOptions,
): WasiFunctions {
  const args = new StringList(() => options.args);
  const env = new StringList(() =>
    Object.entries(options.env).map(([name, value]) => `${name}=${value}`)
  );
  return {
    args_sizes_get: (count: number, size: number): void => args.writeSizes(memory, count, size),
    args_get: (pointers: number, buffer: number): void => args.write(memory, pointers, buffer),
    environ_sizes_get: (count: number, size: number): void => env.writeSizes(memory, count, size),
    environ_get: (pointers: number, buffer: number): void => env.write(memory, pointers, buffer),
    random_get: (buffer: number, length: number): void =>
      options.random(memory.slice(buffer, length)),
    sched_yield: (): void => {},
    proc_exit: (status: number): never => {
      throw new Exit(status >>> 0);
    },
    proc_raise: (signal: number): void => {
      const effect = signals[signal] ?? fail("inval");
      if (effect === STOPS) fail("notsup");
      if (effect !== IGNORED) throw new Exit(SIGNAL_STATUS + effect);
    },
  };
}

/** Strings in the form of `argv`, encoded when they are first asked for. */
class StringList {
  readonly #source: () => readonly string[];
  #encoded: { readonly ends: readonly number[]; readonly bytes: Uint8Array } | undefined;

  constructor(source: () => readonly string[]) {
    this.#source = source;
  }

  #encode(): { readonly ends: readonly number[]; readonly bytes: Uint8Array } {
    if (this.#encoded !== undefined) return this.#encoded;
    const encoder = new TextEncoder();
    const ends: number[] = [];
    let size = 0;
    const parts = this.#source().map((text) => {
      const part = encoder.encode(text + "\0");
      ends.push(size += part.length);
      return part;
    });
    const bytes = new Uint8Array(size);
    parts.forEach((part, n) => bytes.set(part, (ends[n] as number) - part.length));
    return this.#encoded = { ends, bytes };
  }

  /** Writes how many there are, and their bytes with a NUL after each. @throws Failure `fault` */
  writeSizes(memory: GuestMemory, count: number, size: number): void {
    const { ends, bytes } = this.#encode();
    memory.range(size, 4);
    memory.setU32(count, ends.length);
    memory.setU32(size, bytes.length);
  }

  /** Writes the strings and the pointers to them. @throws Failure `fault` */
  write(memory: GuestMemory, pointers: number, buffer: number): void {
    const { ends, bytes } = this.#encode();
    const at = memory.range(pointers, ends.length * 4);
    const target = memory.range(buffer, bytes.length);
    memory.bytes.set(bytes, target);
    const { view } = memory;
    ends.forEach((_, n) =>
      view.setUint32(at + 4 * n, target + (n === 0 ? 0 : ends[n - 1] as number), true)
    );
  }
}

/** `getRandomValues` gives no more at once. */
const MAX_RANDOM_BYTES = 65536;

/** Random values from the system. */
export const systemRandom: RandomSource = (bytes) => {
  for (let at = 0; at < bytes.length; at += MAX_RANDOM_BYTES) {
    crypto.getRandomValues(bytes.subarray(at, at + MAX_RANDOM_BYTES));
  }
};

/**
 * The same values for the same seed on every machine (the generator "sfc32" of PractRand). They are
 * no secret: only for programs whose runs shall be repeatable.
 * @param seed an integer; its low 32 bits count
 */
export function seededRandom(seed: number): RandomSource {
  let a = 0, b = seed | 0, c = 0, counter = 1;
  const next = (): number => {
    const value = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + value | 0;
    return value;
  };
  // As PractRand does it, so that near seeds are far apart.
  for (let n = 0; n < 12; n++) next();
  let word = 0, left = 0;
  return (bytes) => {
    for (let n = 0; n < bytes.length; n++) {
      if (left === 0) {
        word = next();
        left = 4;
      }
      bytes[n] = word;
      word >>>= 8;
      left--;
    }
  };
}
